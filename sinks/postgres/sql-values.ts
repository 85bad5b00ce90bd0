// How values of messages are written for Postgres: always as text that Postgres reads exactly, never as a number or a Date that
// would lose digits.
import type { Micros, Minor, Sealed } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { SinkError } from './errors.ts';

/** A value of a row, ready to be sent. */
export type SqlValue = string | number | boolean | null | Buffer;

/** NUMERIC(20,2) of hundredths. */
export const sqlMoney = (minor: Minor | null): string | null => (minor === null ? null : formatMoney(minor));

/** The last second that was written out: events of one batch share it, and a Date for each of their instants would cost more. */
let second = { at: Number.NaN, text: '' };

/** timestamptz of microseconds since the epoch, with all six digits. */
export const sqlInstant = (micros: Micros): string => {
  const at = Math.floor(micros / 1_000_000);
  if (second.at !== at) second = { at, text: new Date(at * 1_000).toISOString().slice(0, -4) };
  return `${second.text}${String(micros - at * 1_000_000).padStart(6, '0')}Z`;
};

/** The form of a sealed field that may be shown. */
export const sqlMasked = (sealed: Sealed | null): string | null => sealed?.masked ?? null;

const quotedElement = (text: string): string => `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;

/** Literal of an array of one type; `plain` values stand without quotes. */
export const sqlArray = (values: readonly SqlValue[], plain: boolean): string => {
  let literal = '{';
  for (const value of values) {
    if (literal.length > 1) literal += ',';
    if (value === null) literal += 'NULL';
    else if (Buffer.isBuffer(value)) literal += `"\\\\x${value.toString('hex')}"`;
    else literal += plain ? String(value) : quotedElement(String(value));
  }
  return `${literal}}`;
};

/** JSON array of JSON texts; null stands for null. */
export const sqlJsonArray = (values: readonly SqlValue[]): string => `[${values.map((value) => value ?? 'null').join(',')}]`;

/** Literal of a text[]. */
export const sqlTextArray = (items: readonly string[]): string => sqlArray(items, false);

const isSealed = (value: unknown): value is Sealed =>
  typeof value === 'object' && value !== null && 'ciphertext' in value && 'masked' in value;

const toPlain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return formatMoney(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.length === 0 ? value : value.map(toPlain);
  if (isSealed(value)) return value.masked;
  const plain: Record<string, unknown> = {};
  for (const field in value) plain[field] = toPlain((value as Readonly<Record<string, unknown>>)[field]);
  return plain;
};

/** JSON of a part of a message: amounts as decimal strings, sealed fields as their masked form. */
export const sqlJson = (value: unknown): string => JSON.stringify(toPlain(value));

/**
 * JSON that an event carries as text, kept to the letter so that no number loses digits.
 * @throws SinkError `refused` when it is not one JSON document: it would break the array that it travels in.
 */
export const sqlJsonText = (text: string | null, field: string): string | null => {
  if (text === null) return null;
  try {
    JSON.parse(text);
    return text;
  } catch (cause) {
    throw new SinkError('refused', `${field} is not JSON: ${text.slice(0, 100)}; the intake should have refused it`, { cause });
  }
};

/** One field as the text of the audit trail: amounts as decimal strings, lists as JSON, null and empty lists as null. */
export const sqlAuditText = (value: unknown): string | null => {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return null;
  if (typeof value === 'bigint') return formatMoney(value);
  if (isSealed(value)) return value.masked;
  return typeof value === 'object' ? sqlJson(value) : String(value as string | number | boolean);
};
