// Seals one field with a data key: AES-256-GCM, bound to key id, key version and field name, so that a sealed value moved to
// another owner or another field does not open.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataKey } from './key-store.ts';

/** A sealed value; the shape of schemas/shared/sealed.avsc without its masked form. */
export interface SealedValue {
  readonly key_id: string;
  readonly key_version: number;
  /** 12 bytes, made once for this sealing. */
  readonly nonce: Uint8Array;
  /** Ciphertext followed by the 16-byte tag. */
  readonly ciphertext: Uint8Array;
}

/** The value does not open: another key, another field, or changed bytes. */
export class SealError extends Error {
  readonly code = 'seal-broken';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SealError';
  }
}

const tagBytes = 16;
const boundTo = (keyId: string, version: number, field: string): Buffer => Buffer.from(`${keyId}|${version}|${field}`, 'utf8');

/** Seals a text. The nonce is random (96 bits): with one key per person and a few fields each, a repetition is out of reach. */
export const seal = ({ keyId, version, key }: DataKey, field: string, text: string): SealedValue => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(keyId, version, field));
  return {
    key_id: keyId,
    key_version: version,
    nonce,
    ciphertext: Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]),
  };
};

/** The text of a sealed value. @throws SealError when key, field or bytes are not those of the sealing. */
export const openSealed = (dataKey: DataKey, field: string, sealed: SealedValue): string => {
  const { key_id, key_version } = sealed;
  const bytes = Buffer.from(sealed.ciphertext);
  try {
    if (key_id !== dataKey.keyId || key_version !== dataKey.version)
      throw new Error(`the key given is ${dataKey.keyId} version ${dataKey.version}`);
    const decipher = createDecipheriv('aes-256-gcm', dataKey.key, sealed.nonce)
      .setAAD(boundTo(key_id, key_version, field))
      .setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new SealError(`the sealed field ${field} of key ${key_id} version ${key_version} does not open with this key`, {
      cause,
    });
  }
};
