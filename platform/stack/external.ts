// Engines that a variable replaces by a server of the user's: not started, but asked whether they can be reached.
import { connectKafka } from '#platform/kafka/connect.ts';
import { readSecurity, type SecuritySettings } from '#platform/kafka/security.ts';
import { answersHttp } from './engine-context.ts';
import { StackFailure, type EngineName } from './engine.ts';
import { isKafkaReady } from './kafka-engine.ts';
import { answersSql } from './postgres-engine.ts';

/** The variable that replaces each engine. */
export const EXTERNAL_VARIABLES: Readonly<Record<EngineName, string>> = {
  postgres: 'DATABASE_URL',
  kafka: 'KAFKA_BROKERS',
  clickhouse: 'CLICKHOUSE_URL',
  registry: 'SCHEMA_REGISTRY_URL',
};

/** The value of the engine's variable, or null if the engine is embedded. */
export const externalAddress = (name: EngineName, env: NodeJS.ProcessEnv): string | null => env[EXTERNAL_VARIABLES[name]] || null;

/** The address as it may be shown: without user and password. */
export const withoutSecrets = (address: string): string => {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (!url.host) return address;
  url.username = '';
  url.password = '';
  return url.href;
};

/** Throws StackFailure that names the variable, its value and the reason if the server does not answer. */
export const assertReachable = async (name: EngineName, address: string, env: NodeJS.ProcessEnv = {}): Promise<void> => {
  let cause: unknown;
  const reached = await CHECKS[name](address, env).catch((error: unknown) => {
    cause = error;
    return false;
  });
  if (reached) return;
  const why = cause instanceof Error ? `: ${cause.message || (cause as NodeJS.ErrnoException).code}` : '';
  throw new StackFailure(
    'STACK_UNREACHABLE',
    `${EXTERNAL_VARIABLES[name]} is ${withoutSecrets(address)}, and it does not answer${why}. Start that server, or unset the variable to use the embedded one.`,
    cause,
  );
};

const CHECKS: Readonly<Record<EngineName, (address: string, env: NodeJS.ProcessEnv) => Promise<boolean>>> = {
  postgres: answersSql,
  kafka: async (brokers, env) => {
    if (isSecured(env)) return answersSecurely(brokers, env);
    const answers = await Promise.all(brokers.split(',').map((broker) => isKafkaReady(parseBroker(broker))));
    return answers.includes(true);
  },
  clickhouse: (url) => answersHttp(new URL('/ping', url).href),
  registry: (url) => answersHttp(`${url.replace(/\/$/, '')}/subjects`),
};

const isSecured = (env: NodeJS.ProcessEnv): boolean => env['KAFKA_TLS'] === 'on' || Boolean(env['KAFKA_SASL_MECHANISM']);

/** Signs in as the roles will; what is wrong with the certificate or the credentials is thrown. */
const answersSecurely = async (brokers: string, env: NodeJS.ProcessEnv): Promise<boolean> => {
  const security = readSecurity({
    tls: env['KAFKA_TLS'] === 'on',
    caFile: env['KAFKA_TLS_CA'] || null,
    certFile: env['KAFKA_TLS_CERT'] || null,
    keyFile: env['KAFKA_TLS_KEY'] || null,
    mechanism: (env['KAFKA_SASL_MECHANISM'] || null) as SecuritySettings['mechanism'],
    username: env['KAFKA_SASL_USER'] ?? '',
    password: env['KAFKA_SASL_PASSWORD'] ?? '',
  });
  const kafka = await connectKafka({ brokers, clientId: 'stratcap-check', security, patienceMs: 3_000 });
  await kafka.close();
  return true;
};

const parseBroker = (text: string): { host: string; port: number } => {
  const found = /^\s*(?:\[([^\]]+)\]|([^:]+)):(\d+)\s*$/.exec(text);
  if (!found) throw new StackFailure('STACK_SETTING_INVALID', `KAFKA_BROKERS has '${text}'; each broker is written host:port.`);
  return { host: found[1] ?? found[2] ?? '', port: Number(found[3]) };
};
