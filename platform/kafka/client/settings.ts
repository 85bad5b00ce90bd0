// What every part of the client is given: where the brokers are, who we are, and how long things may take.
import type { ConnectionOptions } from 'node:tls';
import type { Codec } from '../wire/compress.ts';

/** The part of a structured logger that is used here; a pino logger fits. */
export interface KafkaLogger {
  debug(context: object, message: string): void;
  warn(context: object, message: string): void;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where to connect for an address that a broker advertises: the same, unless there is a tunnel or a test's proxy between. */
export type Route = (advertised: Address) => Address;

export interface SaslCredentials {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}

/** TLS and SASL, each if given. */
export interface KafkaSecurity {
  /** Options of Node's TLS: `ca`, `cert`, `key`, `servername`; certificates are checked unless told otherwise. */
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'servername' | 'rejectUnauthorized'>;
  readonly sasl?: SaslCredentials;
}

export interface ClientSettings {
  /** `host:port` each, asked first. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: KafkaLogger;
  /** How long one request may take before its connection is given up. */
  readonly requestTimeoutMs: number;
  /** How long a call waits for what passes before it ends as `unavailable`. */
  readonly patienceMs: number;
  /** Bytes of a record batch before compression. */
  readonly batchBytesMax: number;
  readonly compression: CompressionSettings;
  readonly route: Route;
  readonly security: KafkaSecurity;
}

export interface CompressionSettings {
  readonly codec: Codec;
  /** Topics, by full name, whose batches get another codec than `codec`. */
  readonly byTopic?: Readonly<Record<string, Codec>>;
  /** Batches below it travel as they are. */
  readonly fromBytes: number;
}

export const parseAddress = (text: string): Address => {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(at + 1)) };
};
