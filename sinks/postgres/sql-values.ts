// How values of messages are written for Postgres: always as text that Postgres reads exactly, never as a number or a Date that
// would lose digits.
import type { Micros, Minor, Sealed } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';

/** A value of a row, ready to be sent. */
export type SqlValue = string | number | boolean | null | Buffer;

/** NUMERIC(20,2) of hundredths. */
export const sqlMoney = (minor: Minor | null): string | null => (minor === null ? null : formatMoney(minor));

/** timestamptz of microseconds since the epoch, with all six digits. */
export const sqlInstant = (micros: Micros): string => {
  const ms = Math.floor(micros / 1000);
  return new Date(ms).toISOString().replace('Z', `${String(micros - ms * 1000).padStart(3, '0')}Z`);
};

/** The form of a sealed field that may be shown. */
export const sqlMasked = (sealed: Sealed | null): string | null => sealed?.masked ?? null;

/** text[] literal. */
export const sqlTextArray = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`;

const isSealed = (value: unknown): value is Sealed => typeof value === 'object' && value !== null && 'ciphertext' in value && 'masked' in value;

const forJson = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return formatMoney(value);
  return isSealed(value) ? value.masked : value;
};

/** JSON of a part of a message: amounts as decimal strings, sealed fields as their masked form. */
export const sqlJson = (value: unknown): string => JSON.stringify(value, forJson);

/** One field as the text of the audit trail: amounts as decimal strings, lists as JSON, null and empty lists as null. */
export const sqlAuditText = (value: unknown): string | null => {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return null;
  if (typeof value === 'bigint') return formatMoney(value);
  if (isSealed(value)) return value.masked;
  return typeof value === 'object' ? sqlJson(value) : String(value as string | number | boolean);
};
