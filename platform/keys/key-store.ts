// Data keys by id, each wrapped by one master key and kept in a file of its own, so that destroying a key erases what it sealed.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A key of AES-256. Keep it out of logs and off the heap for no longer than needed. */
export interface DataKey {
  readonly keyId: string;
  readonly version: number;
  readonly key: Buffer;
}

export type KeyStoreErrorCode = 'key-destroyed' | 'key-unreadable' | 'key-id-invalid' | 'key-folder-open';

/** A failure of the key store. `key-destroyed` is for ever; `key-unreadable` means another master key or a damaged file. */
export class KeyStoreError extends Error {
  readonly code: KeyStoreErrorCode;
  constructor(code: KeyStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeyStoreError';
    this.code = code;
  }
}

/** Where data keys live. Several processes may use one store at the same time. */
export interface KeyStore {
  /** The key of an id, made at its first use. @throws KeyStoreError `key-destroyed` after `destroy`: an erased id gets no second key. */
  getOrCreate(keyId: string): Promise<DataKey>;
  /** The key of an id, null when there is none or it was destroyed. */
  get(keyId: string): Promise<DataKey | null>;
  /** Destroys the key for ever; true when there was one. What it sealed cannot be opened again, except from a copy of the folder. */
  destroy(keyId: string): Promise<boolean>;
}

export interface KeyStoreOptions {
  /** Made with mode 0700 when it is missing. */
  readonly folder: string;
  /** 32 bytes, as Buffer or hex. */
  readonly masterKey: Buffer | string;
}

const keyVersion = 1;
const nonceBytes = 12;
const tagBytes = 16;
const magic = Buffer.from('DK01', 'ascii');
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
const withoutMissing = async <Value>(work: Promise<Value>): Promise<Value | null> => {
  try {
    return await work;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
};

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const writeDurably = async (path: string, bytes: Buffer): Promise<void> => {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * Opens the store in a folder. A file is the data key under AES-256-GCM of the master key, bound to its id and version, so
 * that a file renamed to another id does not open.
 * @throws KeyStoreError `key-folder-open` when others may read the folder.
 */
export const openKeyStore = async ({ folder, masterKey }: KeyStoreOptions): Promise<KeyStore> => {
  const master = typeof masterKey === 'string' ? Buffer.from(masterKey, 'hex') : masterKey;
  if (master.length !== 32)
    throw new RangeError(`the master key has ${master.length} bytes; 32 bytes (64 hex digits) are needed`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mode = (await stat(folder)).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new KeyStoreError(
      'key-folder-open',
      `the key folder ${folder} has mode 0${mode.toString(8)}: others may read it; run chmod 700 ${folder}`,
    );

  const checked = (keyId: string): string => {
    if (!idPattern.test(keyId))
      throw new KeyStoreError('key-id-invalid', `key id ${JSON.stringify(keyId)}: a lower-case uuid is needed`);
    return keyId;
  };
  const fileOf = (keyId: string): string => join(folder, `${checked(keyId)}.key`);
  const graveOf = (keyId: string): string => join(folder, `${checked(keyId)}.destroyed`);
  const boundTo = (keyId: string): Buffer => Buffer.from(`${keyId}|${keyVersion}`, 'utf8');

  const wrap = (keyId: string, key: Buffer): Buffer => {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', master, nonce).setAAD(boundTo(keyId));
    return Buffer.concat([magic, nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  };
  const unwrap = (keyId: string, file: Buffer): DataKey => {
    try {
      if (!file.subarray(0, magic.length).equals(magic)) throw new Error('it does not start as a key file');
      const body = file.subarray(magic.length);
      const decipher = createDecipheriv('aes-256-gcm', master, body.subarray(0, nonceBytes))
        .setAAD(boundTo(keyId))
        .setAuthTag(body.subarray(-tagBytes));
      return {
        keyId,
        version: keyVersion,
        key: Buffer.concat([decipher.update(body.subarray(nonceBytes, -tagBytes)), decipher.final()]),
      };
    } catch (cause) {
      throw new KeyStoreError(
        'key-unreadable',
        `the data key ${keyId} does not open: the master key is another one or the file is damaged; restore both from the same backup`,
        { cause },
      );
    }
  };

  const get = async (keyId: string): Promise<DataKey | null> => {
    const file = await withoutMissing(readFile(fileOf(keyId)));
    if (file === null || (await withoutMissing(stat(graveOf(keyId)))) !== null) return null;
    return unwrap(keyId, file);
  };

  return {
    get,
    getOrCreate: async (keyId) => {
      const known = await get(keyId);
      if (known !== null) return known;
      if ((await withoutMissing(stat(graveOf(keyId)))) !== null)
        throw new KeyStoreError(
          'key-destroyed',
          `the data key ${keyId} was destroyed; what belongs to an erased id cannot be sealed again`,
        );
      const draft = join(folder, `.${keyId}.${randomBytes(6).toString('hex')}`);
      await writeDurably(draft, wrap(keyId, randomBytes(32)));
      try {
        // A link appears whole or not at all, and only the first of several writers makes it.
        await link(draft, fileOf(keyId));
        await syncFolder(folder);
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
      } finally {
        await unlink(draft);
      }
      const made = await get(keyId);
      if (made === null) throw new KeyStoreError('key-destroyed', `the data key ${keyId} was destroyed while it was made`);
      return made;
    },
    destroy: async (keyId) => {
      const had = (await withoutMissing(stat(fileOf(keyId)))) !== null;
      const draft = join(folder, `.${checked(keyId)}.${randomBytes(6).toString('hex')}`);
      await writeDurably(draft, Buffer.alloc(0));
      // The grave first: after a crash between the two steps the key counts as destroyed, and the call may be repeated.
      await rename(draft, graveOf(keyId));
      await syncFolder(folder);
      const handle = await withoutMissing(open(fileOf(keyId), 'r+'));
      if (handle === null) return had;
      try {
        const { size } = await handle.stat();
        await handle.write(Buffer.alloc(size), 0, size, 0);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await unlink(fileOf(keyId));
      await syncFolder(folder);
      return true;
    },
  };
};
