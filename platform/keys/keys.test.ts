// The key store on a real file system, and the seal.
import { copyFile, mkdtemp, readFile, readdir, stat, writeFile, chmod, rm } from 'node:fs/promises';
import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKeyStore, type KeyStore } from './key-store.ts';
import { openSealed, seal } from './seal.ts';

const masterKey = randomBytes(32);
let folder: string;
let store: KeyStore;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'keys-')), 'store');
  store = await openKeyStore({ folder, masterKey });
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

test('a key is made once, also by many at the same time, and is the same after a restart', async () => {
  const id = randomUUID();
  const keys = await Promise.all(Array.from({ length: 20 }, () => store.getOrCreate(id)));
  const again = await (await openKeyStore({ folder, masterKey: masterKey.toString('hex') })).get(id);
  expect(new Set([...keys, again].map((key) => key?.key.toString('hex'))).size).toBe(1);
  expect(await readdir(folder)).toEqual([`${id}.key`]);
});

test('only the owner may read the folder and its files, and no key stands in clear', async () => {
  const { keyId, key } = await store.getOrCreate(randomUUID());
  expect([(await stat(folder)).mode & 0o777, (await stat(join(folder, `${keyId}.key`))).mode & 0o777]).toEqual([0o700, 0o600]);
  expect((await readFile(join(folder, `${keyId}.key`))).includes(key)).toBe(false);
  await chmod(folder, 0o755);
  await expect(openKeyStore({ folder, masterKey })).rejects.toMatchObject({ code: 'key-folder-open' });
});

test('a destroyed key is gone for ever and is not made again', async () => {
  const { keyId } = await store.getOrCreate(randomUUID());
  expect(await store.destroy(keyId)).toBe(true);
  expect(await store.get(keyId)).toBeNull();
  await expect(store.getOrCreate(keyId)).rejects.toMatchObject({ code: 'key-destroyed' });
  expect(await store.destroy(keyId)).toBe(false);
  expect(await readdir(folder)).toEqual([`${keyId}.destroyed`]);
});

test('a key counts as destroyed when the crash came between its grave and its removal', async () => {
  const { keyId } = await store.getOrCreate(randomUUID());
  await writeFile(join(folder, `${keyId}.destroyed`), '');
  expect(await store.get(keyId)).toBeNull();
  await expect(store.getOrCreate(keyId)).rejects.toMatchObject({ code: 'key-destroyed' });
  expect(await store.destroy(keyId)).toBe(true);
});

test('a key file under another id, another master key or a damaged file does not open', async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  await store.getOrCreate(one);
  await copyFile(join(folder, `${one}.key`), join(folder, `${other}.key`));
  await expect(store.get(other)).rejects.toMatchObject({ code: 'key-unreadable' });
  await expect((await openKeyStore({ folder, masterKey: randomBytes(32) })).get(one)).rejects.toMatchObject({
    code: 'key-unreadable',
  });
  await writeFile(join(folder, `${one}.key`), 'DK01short');
  await expect(store.get(one)).rejects.toMatchObject({ code: 'key-unreadable' });
});

test('an id that is no uuid never becomes a path', async () => {
  await expect(store.getOrCreate('../../etc/passwd')).rejects.toMatchObject({ code: 'key-id-invalid' });
  await expect(openKeyStore({ folder, masterKey: 'abcd' })).rejects.toThrow(/2 bytes; 32 bytes/);
});

test('a sealed text opens with its key and field, and nothing else opens it', async () => {
  const key = await store.getOrCreate(randomUUID());
  const sealed = seal(key, 'tax_id', 'DE 123/456 äöü');
  expect(openSealed(key, 'tax_id', sealed)).toBe('DE 123/456 äöü');
  expect(Buffer.from(sealed.ciphertext).includes('123')).toBe(false);
  expect(() => openSealed(key, 'email', sealed)).toThrow(/sealed field email/);
  expect(() => openSealed({ ...key, key: randomBytes(32) }, 'tax_id', sealed)).toThrow(/does not open/);
  expect(() => openSealed({ ...key, keyId: randomUUID() }, 'tax_id', sealed)).toThrow(/does not open/);
  expect(() => openSealed({ ...key, version: 2 }, 'tax_id', { ...sealed, key_version: 2 })).toThrow(/does not open/);
  const changed = Buffer.from(sealed.ciphertext);
  changed[0] = (changed[0] ?? 0) ^ 1;
  expect(() => openSealed(key, 'tax_id', { ...sealed, ciphertext: changed })).toThrow(/does not open/);
});

test('the same text sealed twice gives other bytes', async () => {
  const key = await store.getOrCreate(randomUUID());
  const [one, two] = [seal(key, 'email', 'a@b.c'), seal(key, 'email', 'a@b.c')];
  expect(one.nonce).not.toEqual(two.nonce);
  expect(one.ciphertext).not.toEqual(two.ciphertext);
});
