// What a sender asked for, as one digest: two requests with one idempotency key are the same booking only when it is equal.
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import type { DataKey } from '#platform/keys/key-store.ts';

/** JSON with the keys of every object in one order, so that equal contents give equal texts; amounts as they stand. */
const canonical = (value: unknown): string => {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
};

/** SHA-256 of a content, hexadecimal. Personal fields must stand in it as fingerprints: the digest is on the log in clear. */
export const contentDigest = (content: unknown): string => createHash('sha256').update(canonical(content)).digest('hex');

/**
 * A personal value as something that can only be compared, and only while the key of its owner exists: without the key nobody can
 * try out tax ids until one fits.
 */
export const fingerprint = ({ key }: DataKey, field: string, text: string): string =>
  createHmac('sha256', Buffer.from(hkdfSync('sha256', key, '', 'content digest', 32)))
    .update(`${field}\u001f${text}`)
    .digest('hex');
