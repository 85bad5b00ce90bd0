// SaslHandshake v1 and SaslAuthenticate v2: who we are, before anything else is asked.
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

export interface SaslHandshake {
  readonly errorCode: number;
  /** What the broker would accept. */
  readonly mechanisms: readonly string[];
}

export const decodeSaslHandshake = (bytes: Buffer): SaslHandshake => {
  const reader = new ByteReader(bytes);
  const errorCode = reader.int16();
  const mechanisms: string[] = [];
  for (let left = reader.arrayLength(2); left > 0; left -= 1) mechanisms.push(reader.string());
  return { errorCode, mechanisms };
};

export const saslHandshakeRequest = (mechanism: string): WireRequest<SaslHandshake> => ({
  apiKey: 17,
  apiVersion: 1,
  name: 'SaslHandshake',
  encode: () => new ByteWriter().string(mechanism).bytes(),
  decode: decodeSaslHandshake,
});

export interface SaslAuthenticate {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly token: Buffer;
  /** After this long the broker wants to see the credentials again; 0: never. */
  readonly lifetimeMs: number;
}

export const decodeSaslAuthenticate = (bytes: Buffer): SaslAuthenticate => {
  const reader = new ByteReader(bytes);
  reader.skipTags();
  const errorCode = reader.int16();
  const errorMessage = reader.compactString();
  const token = reader.slice(Math.max(0, reader.unsignedVarint() - 1), 'SASL token');
  return { errorCode, errorMessage, token, lifetimeMs: Number(reader.int64()) };
};

export const saslAuthenticateRequest = (token: Buffer): WireRequest<SaslAuthenticate> => ({
  apiKey: 36,
  apiVersion: 2,
  name: 'SaslAuthenticate',
  encode: () =>
    new ByteWriter()
      .noTags()
      .unsignedVarint(token.length + 1)
      .raw(token)
      .noTags()
      .bytes(),
  decode: decodeSaslAuthenticate,
});
