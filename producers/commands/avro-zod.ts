// Turns an Avro schema into the zod schema of its JSON form, so that body, check and documentation follow from the vocabulary:
// money as decimal text, dates as ISO text, enums without UNKNOWN, sealed fields as clear text that is sealed afterwards.
import { z } from 'zod';
import { parseLocalDate } from '#domain/dates/local-date.ts';
import { currencyError } from '#domain/money/currency.ts';
import { parseMoney, type MoneyError } from '#domain/money/money.ts';

/** A node of a self-contained Avro schema. */
export type AvroNode = { readonly [attribute: string]: unknown };

/** How single fields differ from what their Avro type says, by `Record.field`. */
export interface FieldRules {
  /** Ids that are derived from the command id when the sender leaves them out. */
  readonly derived: ReadonlySet<string>;
  /** What stands there when the sender leaves it out, as the sender would write it. */
  readonly defaults: Readonly<Record<string, string | boolean>>;
  /** Fields that take the value of another field of their record when the sender leaves them out. */
  readonly copied: Readonly<Record<string, string>>;
}

const currencyFields: ReadonlySet<string> = new Set(['currency', 'base_currency', 'target_currency']);
/** Text fields that hold JSON; a JSON value is taken as well. */
const jsonFields: ReadonlySet<string> = new Set(['term_value', 'side_letter_terms', 'assumed_terms', 'config_value']);
const textMax = 4_000;

const moneyFixes: Readonly<Record<MoneyError, string>> = {
  'not-a-decimal': 'is not an amount; write a decimal text such as "1250000.00", without grouping or exponent',
  'more-than-two-decimals': 'has more than two decimals; amounts are booked in hundredths and never rounded at intake',
  'out-of-range': 'is too large; at most 18 digits before the point',
};
const currencyFixes = {
  'unknown-currency': 'is no currency of ISO 4217; write a code such as "USD"',
  'three-decimal-currency': 'has three decimals; amounts are booked in hundredths, so it cannot be booked',
  'four-decimal-currency': 'has four decimals; amounts are booked in hundredths, so it cannot be booked',
} as const;

/** What is wrong with an amount as text, or null. */
export const moneyFix = (text: string): string | null => {
  const parsed = parseMoney(text);
  return parsed.kind === 'ok' ? null : moneyFixes[parsed.reason];
};
/** What is wrong with a currency code, or null. */
export const currencyFix = (code: string): string | null => {
  const error = currencyError(code);
  return error === null ? null : currencyFixes[error];
};

export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const money = z
  .string('is not a text; write money as a decimal text such as "1250000.00", never as a number')
  .transform((text, context): bigint => {
    const parsed = parseMoney(text);
    if (parsed.kind === 'ok') return parsed.minor;
    context.addIssue({ code: 'custom', message: moneyFixes[parsed.reason] });
    return z.NEVER;
  })
  .meta({ description: 'Money as decimal text with at most two decimals, for example "1250000.00".' });
const date = z
  .string('is not a text; write a date as "2026-03-31"')
  .refine((text) => parseLocalDate(text).kind === 'ok', 'is not a day of the calendar; write it as "2026-03-31"');
const uuid = z
  .string('is not a text; write a lower-case uuid')
  .regex(uuidPattern, 'is not a lower-case uuid such as "0198f2c4-8d1e-7c3a-9b2f-5a1d3e4c6b7a"');
/** What is wrong with a text that a store cannot hold (Postgres refuses the zero character, for ever), or null. */
export const textFix = (value: string): string | null => {
  if (!value.isWellFormed()) return 'is no valid Unicode; send it as UTF-8';
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 32 && code !== 9 && code !== 10 && code !== 13) return 'has a control character; remove it';
  }
  return null;
};
const addFix = (value: string, context: { addIssue(issue: { code: 'custom'; message: string }): void }): void => {
  const fix = textFix(value);
  if (fix !== null) context.addIssue({ code: 'custom', message: fix });
};
const text = z
  .string('is not a text')
  .min(1, 'is empty; leave the field out when it is unknown')
  .max(textMax, `is longer than ${textMax} characters`)
  .superRefine(addFix);
const currency = z.string('is not a text').superRefine((code, context) => {
  const fix = currencyFix(code);
  if (fix !== null) context.addIssue({ code: 'custom', message: fix });
});
const json = z.unknown().transform((value, context): string => {
  let parsed: unknown = value;
  try {
    if (typeof value === 'string') parsed = JSON.parse(value);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON; write a JSON value or its text' });
    return z.NEVER;
  }
  if (parsed === undefined) {
    context.addIssue({ code: 'custom', message: 'is missing' });
    return z.NEVER;
  }
  const written = JSON.stringify(parsed);
  if (/\\u00(?:0[0-8bcef]|1[0-9a-f])/.test(written))
    context.addIssue({ code: 'custom', message: 'has a control character in one of its texts; remove it' });
  return written;
});
/** An address may be given as a JSON object: its text is sealed. */
const personal = z.union([text, z.record(z.string(), z.unknown()).transform((value) => JSON.stringify(value))], 'is not a text');

const isNode = (schema: unknown): schema is AvroNode => typeof schema === 'object' && schema !== null && !Array.isArray(schema);
const isSealed = (schema: unknown): boolean => isNode(schema) && schema['name'] === 'Sealed';

/** Named types of a schema, by short and full name: a later use stands as the name alone. */
export const namedTypes = (schema: unknown, known = new Map<string, AvroNode>()): Map<string, AvroNode> => {
  if (Array.isArray(schema)) for (const branch of schema) namedTypes(branch, known);
  else if (isNode(schema)) {
    if (typeof schema['name'] === 'string') {
      known.set(schema['name'], schema);
      known.set(`${String(schema['namespace'])}.${schema['name']}`, schema);
    }
    if (isNode(schema['type']) || Array.isArray(schema['type'])) namedTypes(schema['type'], known);
    if ('items' in schema) namedTypes(schema['items'], known);
    if (Array.isArray(schema['fields'])) for (const field of schema['fields']) namedTypes((field as AvroNode)['type'], known);
  }
  return known;
};

const ofText = (field: string): z.ZodType => {
  if (currencyFields.has(field)) return currency;
  return jsonFields.has(field) ? json : text;
};

const ofType = (schema: unknown, field: string, known: ReadonlyMap<string, AvroNode>, rules: FieldRules): z.ZodType => {
  if (typeof schema === 'string' && known.has(schema)) return ofType(known.get(schema), field, known, rules);
  if (schema === 'string') return ofText(field);
  if (schema === 'int' || schema === 'long') return z.int32('is not a whole number of 32 bits');
  if (schema === 'boolean') return z.boolean('is not true or false');
  if (Array.isArray(schema))
    return ofType(
      schema.find((branch) => branch !== 'null'),
      field,
      known,
      rules,
    ).nullable();
  if (!isNode(schema)) throw new Error(`field ${field}: no JSON form for the Avro type ${JSON.stringify(schema)}`);
  if (schema['logicalType'] === 'decimal') return money;
  if (schema['logicalType'] === 'uuid') return uuid;
  if (schema['logicalType'] === 'date') return date;
  if (isSealed(schema)) return personal;
  if (schema['type'] === 'enum') return z.enum((schema['symbols'] as string[]).filter((symbol) => symbol !== 'UNKNOWN'));
  if (schema['type'] === 'array')
    return z.array(ofType(schema['items'], field, known, rules)).max(1_000, 'has more than 1,000 entries');
  if (schema['type'] === 'record') return z.strictObject(shapeOf(schema, known, rules));
  throw new Error(`field ${field}: no JSON form for the Avro type ${JSON.stringify(schema)}`);
};

/** The zod shape of a record's fields, `except` those named. Fields with a default, and null where allowed, may be left out. */
export const shapeOf = (
  record: AvroNode,
  known: ReadonlyMap<string, AvroNode>,
  rules: FieldRules,
  except: readonly string[] = [],
): Record<string, z.ZodType> => {
  const shape: Record<string, z.ZodType> = {};
  for (const field of record['fields'] as readonly AvroNode[]) {
    const name = String(field['name']);
    if (except.includes(name)) continue;
    const place = `${String(record['name'])}.${name}`;
    const nullable = Array.isArray(field['type']);
    const base = ofType(field['type'], name, known, rules).describe(String(field['doc']));
    const preset = rules.defaults[place];
    if (rules.derived.has(place) || rules.copied[place] !== undefined) shape[name] = base.optional();
    else if (preset !== undefined) shape[name] = base.prefault(preset as never);
    else if (nullable) shape[name] = base.default(null as never);
    else if (Array.isArray(field['default'])) shape[name] = base.default([] as never);
    else shape[name] = base;
  }
  return shape;
};

/** Calls `change` for each value that stands at a sealed field, and returns the value with the results in place. */
export const mapSealed = async (
  schema: unknown,
  value: unknown,
  known: ReadonlyMap<string, AvroNode>,
  change: (field: string, text: string) => Promise<unknown>,
  field = '',
): Promise<unknown> => {
  if (value === null || value === undefined) return value;
  if (typeof schema === 'string' && known.has(schema)) return mapSealed(known.get(schema), value, known, change, field);
  if (Array.isArray(schema))
    return mapSealed(
      schema.find((branch) => branch !== 'null'),
      value,
      known,
      change,
      field,
    );
  if (!isNode(schema)) return value;
  if (isSealed(schema)) return change(field, value as string);
  if (schema['type'] === 'array')
    return Promise.all((value as unknown[]).map((item) => mapSealed(schema['items'], item, known, change, field)));
  if (schema['type'] !== 'record') return value;
  const entries = (schema['fields'] as readonly AvroNode[]).map(async (inner): Promise<[string, unknown]> => {
    const name = String(inner['name']);
    return [name, await mapSealed(inner['type'], (value as Record<string, unknown>)[name], known, change, name)];
  });
  return Object.fromEntries(await Promise.all(entries));
};

/** Names of the sealed fields of a schema: their values never stand in an error message. */
export const sealedFields = (known: ReadonlyMap<string, AvroNode>): ReadonlySet<string> =>
  new Set(
    [...known.values()].flatMap((type) =>
      ((type['fields'] ?? []) as readonly AvroNode[])
        .filter((field) =>
          [field['type']].flat().some((branch) => isSealed(typeof branch === 'string' ? known.get(branch) : branch)),
        )
        .map((field) => String(field['name'])),
    ),
  );
