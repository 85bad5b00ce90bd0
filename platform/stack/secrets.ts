// The secrets of a data folder: made at random at the first start, kept in one file that only its owner may read.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StackFailure } from './engine.ts';

export interface Secrets {
  readonly postgresPassword: string;
  readonly clickhouseIngestPassword: string;
  readonly clickhouseAnalystPassword: string;
  /** Lets a program book. */
  readonly bookingToken: string;
  /** Signs the page's cookie. */
  readonly cookieSecret: string;
  /** 32 bytes in hex: seals the data keys of the key store. Without it, sealed personal data cannot be read again. */
  readonly keyStoreMasterKey: string;
}

const NAMES: readonly (keyof Secrets)[] = [
  'postgresPassword',
  'clickhouseIngestPassword',
  'clickhouseAnalystPassword',
  'bookingToken',
  'cookieSecret',
  'keyStoreMasterKey',
];

/** Reads `secrets.json` (mode 0600) of the folder; makes it, or the secrets that it lacks, if need be. */
export const loadSecrets = (folder: string): Secrets => {
  const file = join(folder, 'secrets.json');
  const known = readSecrets(file);
  const missing = NAMES.filter((name) => typeof known[name] !== 'string' || known[name] === '');
  if (missing.length === 0) return known as unknown as Secrets;
  const secrets = { ...known, ...Object.fromEntries(missing.map((name) => [name, randomBytes(32).toString('hex')])) };
  // Whole or not at all: half a file after a power cut would lock the owner out of the key store.
  const fd = openSync(`${file}.new`, 'w', 0o600);
  writeSync(fd, `${JSON.stringify(secrets, null, 2)}\n`);
  fsyncSync(fd);
  closeSync(fd);
  renameSync(`${file}.new`, file);
  return secrets as unknown as Secrets;
};

const readSecrets = (file: string): Record<string, unknown> => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    // Never made anew over a broken one: the master key in it may be the only copy.
    throw new StackFailure(
      'STACK_DATA_INVALID',
      `${file} is no JSON. Restore it from a backup; the stack does not replace it.`,
      cause,
    );
  }
};
