// The JSON form of each command: its zod schema, derived from the Avro schema, and the way from checked JSON to a command.
import { z } from 'zod';
import type { Actor, AnyCommand, CommandHeader, CommandType, Origin } from '#domain/messages.ts';
import { KeyStoreError, type KeyStore } from '#platform/keys/key-store.ts';
import { seal } from '#platform/keys/seal.ts';
import { loadMessageSchemas } from '#schemas/load.ts';
import { mapSealed, namedTypes, sealedFields, shapeOf, type AvroNode } from './avro-zod.ts';
import { contentDigest, fingerprint } from './content-digest.ts';
import { maskedForm } from './masking.ts';
import { effectiveDateFields, rules, withDerived } from './command-presets.ts';

/** What is wrong with one field: where, with which value, and what would be right. */
export interface FieldError {
  /** Dotted path, for example fund.fund_size; empty for the whole body. */
  readonly field: string;
  /** The value as text, null when it is missing or personal. */
  readonly value: string | null;
  readonly message: string;
}

/** What the intake knows and the body never says. */
export interface CommandContext {
  readonly commandId: string;
  readonly tenantId: string;
  readonly actor: Actor;
  readonly origin: Origin;
  /** Microseconds since the epoch, by the clock of the intake. */
  readonly issuedAt: number;
  readonly preview: boolean;
  /** From If-Match; null when there was none. */
  readonly expectedVersion: number | null;
}

export type ReadCommand =
  /** `contentDigest` tells two contents under one command id apart. */
  | {
      readonly kind: 'ok';
      readonly command: AnyCommand;
      readonly contentDigest: string;
      /** Ids of the command itself that the sender left out, by field: they follow from the command id or from what they name. */
      readonly derivedIds: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] }
  /** The personal data belongs to an erased investor. */
  | { readonly kind: 'erased'; readonly message: string };

export interface CommandForm {
  readonly type: CommandType;
  /** Kebab-case name of the route: make-commitment. */
  readonly name: string;
  readonly doc: string;
  /** The body, for checks and for the documentation. */
  readonly body: z.ZodType;
  /** A command from a body; nothing is sent. */
  read(body: unknown, context: CommandContext, keyStore: KeyStore): Promise<ReadCommand>;
}

const kebab = (type: string): string => type.replaceAll(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
const valueAt = (body: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    body,
  );
const shown = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value).slice(0, 200));

/** The errors of zod as ours: each names field, value and fix. */
export const toFieldErrors = (
  error: z.ZodError,
  body: unknown,
  personal: ReadonlySet<string> = new Set(),
): readonly FieldError[] =>
  error.issues.flatMap((issue): FieldError[] => {
    const field = issue.path.join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        field: [...issue.path, key].join('.'),
        value: null,
        message: `${key} is not a field here; leave it out or correct its name`,
      }));
    const value = valueAt(body, issue.path);
    const hidden = issue.path.some((key) => personal.has(String(key)));
    const name = field === '' ? 'the body' : field;
    if (value === undefined) return [{ field, value: null, message: `${name} is missing` }];
    const fix = issue.code === 'invalid_value' ? `is not one of ${issue.values.join(', ')}` : issue.message;
    return [{ field, value: hidden ? null : shown(value), message: `${name}${hidden ? '' : ` ${shown(value) ?? ''}`} ${fix}` }];
  });

/** The investor whose key seals the personal fields of a command. */
const keyIdOf = (value: Record<string, unknown>): string => {
  const investor = value['investor'] as { readonly investor_id: string } | undefined;
  return investor?.investor_id ?? (value['investor_id'] as string);
};

/** What a body may say of the header. */
interface HeaderFields {
  readonly effective_date?: string;
  readonly reason: string | null;
  readonly correlation_id?: string;
  readonly expected_version: number | null;
}

const createForm = (type: CommandType, schema: AvroNode): CommandForm => {
  const known = namedTypes(schema);
  const personal = sealedFields(known);
  const header = known.get('CommandHeader') as AvroNode;
  const headerShape = shapeOf(header, known, rules, ['command_id', 'tenant_id', 'issued_at', 'actor', 'origin', 'preview']);
  const body = z
    .strictObject({
      effective_date: (headerShape['effective_date'] as z.ZodType).optional(),
      reason: headerShape['reason'] as z.ZodType,
      correlation_id: (headerShape['correlation_id'] as z.ZodType).optional(),
      expected_version: headerShape['expected_version'] as z.ZodType,
      ...shapeOf(schema, known, rules, ['header']),
    })
    .describe(String(schema['doc']));
  return {
    type,
    name: kebab(type),
    doc: String(schema['doc']),
    body,
    read: async (input, context, keyStore) => {
      const parsed = body.safeParse(input);
      if (!parsed.success) return { kind: 'invalid', errors: toFieldErrors(parsed.error, input, personal) };
      const { effective_date, reason, correlation_id, expected_version, ...rest } = parsed.data as Record<string, unknown> &
        HeaderFields;
      if (context.expectedVersion !== null && expected_version !== null && expected_version !== context.expectedVersion) {
        return {
          kind: 'invalid',
          errors: [
            {
              field: 'expected_version',
              value: String(expected_version),
              message: `expected_version ${String(expected_version)} differs from If-Match ${context.expectedVersion}; give one of them`,
            },
          ],
        };
      }
      const { value, derivedIds } = withDerived(schema, rest, known, context.commandId);
      const stated =
        effective_date ?? (effectiveDateFields[type] === undefined ? undefined : valueAt(value, effectiveDateFields[type]));
      const commandHeader: CommandHeader = {
        command_id: context.commandId,
        tenant_id: context.tenantId,
        issued_at: context.issuedAt,
        effective_date: typeof stated === 'string' ? stated : new Date(context.issuedAt / 1000).toISOString().slice(0, 10),
        actor: context.actor,
        origin: context.origin,
        reason,
        correlation_id: correlation_id ?? context.commandId,
        expected_version: context.expectedVersion ?? expected_version,
        preview: context.preview,
      };
      try {
        const sealed = (await mapSealed(schema, value, known, async (field, text) => {
          const key = await keyStore.getOrCreate(keyIdOf(value));
          return { ...seal(key, field, text), masked: maskedForm(field, text) };
        })) as Record<string, unknown>;
        const content = await mapSealed(schema, value, known, async (field, text) =>
          fingerprint(await keyStore.getOrCreate(keyIdOf(value)), field, text),
        );
        // Only what the sender said: the day and the correlation that are filled in differ from one repetition to the next.
        const said = [type, content, effective_date ?? null, reason, correlation_id ?? null, commandHeader.expected_version];
        return {
          kind: 'ok',
          command: { type, value: { ...sealed, header: commandHeader } } as unknown as AnyCommand,
          contentDigest: contentDigest(said),
          derivedIds,
        };
      } catch (error) {
        if (error instanceof KeyStoreError && error.code === 'key-destroyed')
          return { kind: 'erased', message: `investor ${keyIdOf(value)} was erased; no personal data is taken for it` };
        throw error;
      }
    },
  };
};

/** The forms of all commands of the vocabulary, by route name. */
export const loadCommandForms = (): ReadonlyMap<string, CommandForm> => {
  const forms = [...loadMessageSchemas().values()]
    .filter(({ folder }) => folder === 'commands')
    .map(({ schema }) => createForm(String(schema['name']) as CommandType, schema));
  return new Map(forms.map((form) => [form.name, form]));
};
