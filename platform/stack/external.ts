// Engines that a variable replaces by a server of the user's: not started, but asked whether they can be reached.
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
export const assertReachable = async (name: EngineName, address: string): Promise<void> => {
  let cause: unknown;
  const reached = await CHECKS[name](address).catch((error: unknown) => {
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

const CHECKS: Readonly<Record<EngineName, (address: string) => Promise<boolean>>> = {
  postgres: answersSql,
  kafka: async (brokers) => {
    const answers = await Promise.all(brokers.split(',').map((broker) => isKafkaReady(parseBroker(broker))));
    return answers.includes(true);
  },
  clickhouse: (url) => answersHttp(new URL('/ping', url).href),
  registry: (url) => answersHttp(`${url.replace(/\/$/, '')}/subjects`),
};

const parseBroker = (text: string): { host: string; port: number } => {
  const found = /^\s*(?:\[([^\]]+)\]|([^:]+)):(\d+)\s*$/.exec(text);
  if (!found) throw new StackFailure('STACK_SETTING_INVALID', `KAFKA_BROKERS has '${text}'; each broker is written host:port.`);
  return { host: found[1] ?? found[2] ?? '', port: Number(found[3]) };
};
