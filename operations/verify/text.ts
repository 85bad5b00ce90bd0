// How values of the log are written for a comparison; verify has its own forms, so that a fault of a sink's form is found.
import type { Micros, Minor, Sealed } from '#domain/messages.ts';

/** Hundredths as decimal text, by arithmetic of its own. */
export const decimalText = (minor: Minor | null): string | null => {
  if (minor === null) return null;
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

const fraction = (micros: Micros): string => String(micros % 1_000_000).padStart(6, '0');
const seconds = (micros: Micros): string => new Date(Math.floor(micros / 1_000_000) * 1000).toISOString().slice(0, 19);
/** An instant as the Postgres pool shows it: trailing zeros of the fraction are dropped. */
export const postgresInstant = (micros: Micros): string => {
  const digits = fraction(micros).replace(/0+$/, '');
  return `${seconds(micros)}${digits === '' ? '' : `.${digits}`}Z`;
};
/** An instant as ClickHouse shows a DateTime64(6). */
export const clickhouseInstant = (micros: Micros): string => `${seconds(micros).replace('T', ' ')}.${fraction(micros)}`;

export const masked = (sealed: Sealed | null): string | null => (sealed === null ? null : sealed.masked);
/** Plain JSON of a message: amounts as text, sealed fields masked. */
export const plainJson = (value: unknown): unknown => {
  if (typeof value === 'bigint') return decimalText(value);
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value === 'object' && value !== null) {
    if ('ciphertext' in value) return (value as Sealed).masked;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainJson(inner)]));
  }
  return value;
};
