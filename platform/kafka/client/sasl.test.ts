// The exchange by which both sides prove that they know the password, against a server of the test's own that may lie.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SaslHandshake, SaslAuthenticate } from '../wire/sasl.ts';
import type { WireRequest } from '../wire/request.ts';
import { authenticate } from './sasl.ts';
import type { SaslCarrier } from './sasl.ts';

const PASSWORD = 'a pass, word=';
const SALT = Buffer.from('salt of the server');
const HANDSHAKE = 17;

interface Lies {
  readonly nonce?: (client: string) => string;
  readonly iterations?: string;
  readonly signature?: (honest: Buffer) => Buffer;
}

/** A server that follows RFC 5802, but for what it is told to lie about. */
const server = (hash: 'sha256' | 'sha512', lies: Lies = {}): SaslCarrier & { readonly seen: string[] } => {
  const seen: string[] = [];
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  let first = '';
  let challenge = '';
  const answer = (token: string): string => {
    seen.push(token);
    if (challenge === '') {
      first = token.slice(3);
      const nonce = first.slice(first.indexOf(',r=') + 3);
      challenge = `r=${(lies.nonce ?? ((client) => `${client}server`))(nonce)},s=${SALT.toString('base64')},i=${lies.iterations ?? '4096'}`;
      return challenge;
    }
    const salted = pbkdf2Sync(PASSWORD, SALT, 4_096, hash === 'sha256' ? 32 : 64, hash);
    const clientKey = hmac(salted, 'Client Key');
    const signed = `${first},${challenge},${token.slice(0, token.indexOf(',p='))}`;
    const mask = hmac(createHash(hash).update(clientKey).digest(), signed);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (mask[index] ?? 0))).toString('base64');
    if (token.slice(token.indexOf(',p=') + 3) !== proof) return 'e=invalid-proof';
    const signature = hmac(hmac(salted, 'Server Key'), signed);
    return `v=${(lies.signature?.(signature) ?? signature).toString('base64')}`;
  };
  const send = <Result extends object>(request: WireRequest<Result>): Promise<Result> => {
    const encoded = request.encode();
    const handshake: SaslHandshake = { errorCode: 0, mechanisms: [] };
    if (request.apiKey === HANDSHAKE) return Promise.resolve(handshake as unknown as Result);
    const token = encoded.subarray(encoded.readUInt8(1) < 0x80 ? 2 : 3, -1).toString();
    const reply: SaslAuthenticate = { errorCode: 0, errorMessage: null, token: Buffer.from(answer(token)), lifetimeMs: 5_000 };
    return Promise.resolve(reply as unknown as Result);
  };
  return { send, seen };
};

const credentials = (mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512', password = PASSWORD) => ({
  mechanism,
  username: 'a,user=name',
  password,
});

describe('SCRAM', () => {
  it.each([
    ['SCRAM-SHA-256', 'sha256'],
    ['SCRAM-SHA-512', 'sha512'],
  ] as const)('signs in with %s, tells for how long, and never sends the password', async (mechanism, hash) => {
    const honest = server(hash);
    expect(await authenticate(honest, credentials(mechanism))).toBe(5_000);
    expect(honest.seen[0]).toMatch(/^n,,n=a=2Cuser=3Dname,r=/);
    expect(honest.seen.join(' ')).not.toContain(PASSWORD);
  });

  it.each<readonly [string, Lies, string]>([
    [
      'does not know the password itself',
      { signature: (honest) => Buffer.alloc(honest.length, 7) },
      'does not know the password',
    ],
    ['signs nothing', { signature: () => Buffer.alloc(0) }, 'does not know the password'],
    ['answers with another nonce', { nonce: () => 'another' }, 'nonce'],
    ['adds nothing to the nonce', { nonce: (client) => client }, 'nonce'],
    ['asks for one round of hashing', { iterations: '1' }, '1 iterations'],
    ['asks for rounds without end', { iterations: '99999999999' }, '99999999999 iterations'],
    ['asks for something that is no number', { iterations: 'many' }, 'many iterations'],
  ])('refuses a server that %s', async (_, lies, reason) => {
    await expect(authenticate(server('sha256', lies), credentials('SCRAM-SHA-256'))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(reason) as string,
    });
  });

  it('refuses an answer to a wrong password', async () => {
    await expect(authenticate(server('sha256'), credentials('SCRAM-SHA-256', 'wrong'))).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});
