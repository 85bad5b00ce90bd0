// A column mapping as data: which column of a file, which constant or which rule fills each field of a position.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fundTypeValues, investorTypeValues } from '#domain/messages.ts';
import { toFieldErrors } from '../command-form.ts';
import { ImportError } from './errors.ts';

const fromColumn = z.strictObject({
  column: z.string().min(1).describe('Column of the file.'),
  values: z
    .record(z.string(), z.string())
    .optional()
    .describe('Translation of its values; a value that is not in it makes the row a reject.'),
});
const fromConstant = z.strictObject({
  constant: z.string().min(1),
  assumed: z.boolean().default(false).describe('The source does not say it: the field is flagged.'),
});
const fromYear = z.strictObject({ first_day_of_year: z.literal('vintage_year'), assumed: z.boolean().default(false) });
const fieldSource = z.union(
  [fromColumn, fromConstant, fromYear],
  'is none of {column}, {constant}, {first_day_of_year: "vintage_year"}',
);

/** Fields of a position that must have a source. */
const requiredFields = [
  'investor_name',
  'investor_type',
  'investor_effective_date',
  'fund_name',
  'fund_type',
  'base_currency',
  'commitment_amount',
  'commitment_date',
] as const;
const optionalFields = [
  'investor_category',
  'investor_geography',
  'fund_manager',
  'investment_strategy',
  'sub_strategy',
  'fund_geography',
  'vintage_year',
  'inception_date',
  'called_amount',
  'distributed_amount',
  'remaining_value',
  'reported_irr',
  'reported_multiple',
  'as_of_date',
] as const;

export type PositionField = (typeof requiredFields)[number] | (typeof optionalFields)[number];

const mappingSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'is not in kebab case'),
  doc: z.string().min(1),
  format: z.enum(['csv', 'jsonl']),
  delimiter: z.string().length(1, 'is not one character').default(','),
  source: z.string().min(1).describe('Where the figures come from: stands in each opening balance, and in the command ids.'),
  row_key: z
    .array(z.string())
    .default([])
    .describe('Further columns that tell several commitments of one investor to one fund apart.'),
  ignored_columns: z.array(z.string()).default([]),
  fields: z.strictObject({
    ...(Object.fromEntries(requiredFields.map((field) => [field, fieldSource])) as Record<
      (typeof requiredFields)[number],
      typeof fieldSource
    >),
    ...(Object.fromEntries(optionalFields.map((field) => [field, fieldSource.optional()])) as Record<
      (typeof optionalFields)[number],
      z.ZodOptional<typeof fieldSource>
    >),
  }),
});

/** A checked mapping. */
export type Mapping = z.infer<typeof mappingSchema>;

const enumChecks = [
  ['investor_type', investorTypeValues],
  ['fund_type', fundTypeValues],
] as const;

/** Values that a mapping can give an enum field, but that are not symbols of it. */
const enumErrors = (mapping: Mapping): readonly string[] =>
  enumChecks.flatMap(([field, symbols]) => {
    const source = mapping.fields[field];
    const values = 'constant' in source ? [source.constant] : 'column' in source ? Object.values(source.values ?? {}) : [];
    return values
      .filter((value) => !(symbols as readonly string[]).includes(value))
      .map((value) => `fields.${field}: ${JSON.stringify(value)} is not one of ${symbols.join(', ')}`);
  });

/** Checks a mapping. @throws ImportError `mapping-invalid` that names each field and its fix. */
export const parseMapping = (value: unknown, where = 'the mapping'): Mapping => {
  const parsed = mappingSchema.safeParse(value);
  const errors = parsed.success ? enumErrors(parsed.data) : toFieldErrors(parsed.error, value).map(({ message }) => message);
  if (!parsed.success || errors.length > 0) throw new ImportError('mapping-invalid', `${where}: ${errors.join('; ')}`);
  return parsed.data;
};

/** Reads a mapping from a JSON file. @throws ImportError `mapping-invalid` or `file-not-found`. */
export const readMapping = async (path: string | URL): Promise<Mapping> => {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ImportError('file-not-found', `the mapping ${String(path)} cannot be read`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ImportError(
      'mapping-invalid',
      `the mapping ${String(path)} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  return parseMapping(value, `the mapping ${String(path)}`);
};

/** The mapping of the shipped file data/public-pension-commitments.csv. */
export const shippedMappingUrl = new URL('../../../data/mappings/public-pension-commitments.json', import.meta.url);

/** Columns that the file must have. */
export const columnsOf = (mapping: Mapping): readonly string[] => [
  ...new Set([
    ...Object.values(mapping.fields).flatMap((source) => (source !== undefined && 'column' in source ? [source.column] : [])),
    ...mapping.row_key,
  ]),
];
