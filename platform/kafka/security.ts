// From settings, in which certificates are files, to what a connection needs.
import { readFileSync } from 'node:fs';
import { KafkaError } from './port.ts';
import type { KafkaSecurity, SaslCredentials } from './client/settings.ts';

export interface SecuritySettings {
  readonly tls: boolean;
  /** Paths of PEM files; null where there is none. */
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** null: nobody signs in. */
  readonly mechanism: SaslCredentials['mechanism'] | null;
  readonly username: string;
  readonly password: string;
}

const read = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new KafkaError('unsupported', `The certificate file ${file} for Kafka cannot be read; check the KAFKA_TLS_… settings`, {
      cause: error,
    });
  }
};

/** Reads the files. @throws KafkaError `unsupported` that names the one that cannot be read. */
export const readSecurity = (settings: SecuritySettings): KafkaSecurity => {
  const { caFile, certFile, keyFile, mechanism, username, password } = settings;
  const tls = {
    ...(caFile === null ? {} : { ca: read(caFile) }),
    ...(certFile === null ? {} : { cert: read(certFile) }),
    ...(keyFile === null ? {} : { key: read(keyFile) }),
  };
  return {
    ...(settings.tls ? { tls } : {}),
    ...(mechanism === null ? {} : { sasl: { mechanism, username, password } }),
  };
};
