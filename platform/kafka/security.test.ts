// Settings become what a connection needs, and a file that is not there is named.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSecurity } from './security.ts';

const NONE = { tls: false, caFile: null, certFile: null, keyFile: null, mechanism: null, username: '', password: '' };

test('nothing is encrypted and nobody signs in unless it is asked for', () => {
  expect(readSecurity(NONE)).toEqual({});
  expect(readSecurity({ ...NONE, tls: true })).toEqual({ tls: {} });
});

test('certificates are read from their files, and credentials are passed on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stratcap-security-'));
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => join(folder, name));
  for (const file of [ca, cert, key]) writeFileSync(file ?? '', `PEM of ${file}`);
  const credentials = { mechanism: 'PLAIN', username: 'u', password: 'p' } as const;
  const settings = { tls: true, caFile: ca ?? null, certFile: cert ?? null, keyFile: key ?? null, ...credentials };
  expect(readSecurity(settings)).toEqual({
    tls: { ca: Buffer.from(`PEM of ${ca}`), cert: Buffer.from(`PEM of ${cert}`), key: Buffer.from(`PEM of ${key}`) },
    sasl: credentials,
  });
  rmSync(folder, { recursive: true });
});

test('a file that cannot be read is named', () => {
  expect(() => readSecurity({ ...NONE, tls: true, caFile: '/nowhere/ca.pem' })).toThrow('/nowhere/ca.pem');
});
