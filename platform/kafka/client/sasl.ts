// Proves to a broker who we are: PLAIN (RFC 4616) and SCRAM (RFC 5802, 7677), in which the broker proves itself, too.
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { KafkaError } from '../port.ts';
import { saslAuthenticateRequest, saslHandshakeRequest } from '../wire/sasl.ts';
import type { SaslAuthenticate } from '../wire/sasl.ts';
import type { WireRequest } from '../wire/request.ts';
import type { SaslCredentials } from './settings.ts';

/** The part of a connection that is needed. */
export interface SaslCarrier {
  send<Result extends object>(request: WireRequest<Result>): Promise<Result>;
}

const ITERATIONS_MAX = 1_000_000;
const ITERATIONS_MIN = 4_096;

const refused = (mechanism: string, reason: string): KafkaError =>
  new KafkaError(
    'unsupported',
    `The broker does not accept us by ${mechanism}: ${reason}. Check the SASL mechanism, the user name and the password`,
  );

const exchange = async (carrier: SaslCarrier, mechanism: string, token: Buffer): Promise<SaslAuthenticate> => {
  const answer = await carrier.send(saslAuthenticateRequest(token));
  if (answer.errorCode !== 0) throw refused(mechanism, answer.errorMessage ?? `error ${answer.errorCode}`);
  return answer;
};

const attributesOf = (message: string): ReadonlyMap<string, string> =>
  new Map(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));

const xor = (left: Buffer, right: Buffer): Buffer => Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));

const scram = async (carrier: SaslCarrier, { mechanism, username, password }: SaslCredentials): Promise<number> => {
  const hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const nonce = randomBytes(24).toString('base64');
  const first = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  const challenge = (await exchange(carrier, mechanism, Buffer.from(`n,,${first}`))).token.toString();
  const attributes = attributesOf(challenge);
  const serverNonce = attributes.get('r') ?? '';
  const iterations = Number(attributes.get('i'));
  if (!serverNonce.startsWith(nonce) || serverNonce === nonce) throw refused(mechanism, 'its nonce does not continue ours');
  if (!(iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX))
    throw refused(mechanism, `it asks for ${attributes.get('i')} iterations, outside ${ITERATIONS_MIN} to ${ITERATIONS_MAX}`);
  const salt = Buffer.from(attributes.get('s') ?? '', 'base64');
  const salted = await promisify(pbkdf2)(password.normalize('NFKC'), salt, iterations, hash === 'sha256' ? 32 : 64, hash);
  const clientKey = hmac(salted, 'Client Key');
  const withoutProof = `c=biws,r=${serverNonce}`;
  const signed = `${first},${challenge},${withoutProof}`;
  const proof = xor(clientKey, hmac(createHash(hash).update(clientKey).digest(), signed));
  const last = await exchange(carrier, mechanism, Buffer.from(`${withoutProof},p=${proof.toString('base64')}`));
  const signature = Buffer.from(attributesOf(last.token.toString()).get('v') ?? '', 'base64');
  const expected = hmac(hmac(salted, 'Server Key'), signed);
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
    throw refused(mechanism, 'it does not know the password itself, so it is not the broker it claims to be');
  return last.lifetimeMs;
};

/**
 * Runs the exchange of the mechanism; the answer is after how many milliseconds it must be done again, 0 for never.
 * @throws KafkaError `unsupported` when the broker refuses or cannot prove itself.
 */
export const authenticate = async (carrier: SaslCarrier, credentials: SaslCredentials): Promise<number> => {
  const { mechanism, username, password } = credentials;
  const { errorCode, mechanisms } = await carrier.send(saslHandshakeRequest(mechanism));
  if (errorCode !== 0) throw refused(mechanism, `it accepts ${mechanisms.join(', ') || 'no mechanism'}`);
  if (mechanism !== 'PLAIN') return scram(carrier, credentials);
  return (await exchange(carrier, mechanism, Buffer.from(`\0${username}\0${password}`))).lifetimeMs;
};
