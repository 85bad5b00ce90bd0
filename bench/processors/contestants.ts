// Who is measured: Kafka Streams with and without its cache, and the product. Each can be made anew (no outputs, no positions, no
// state), started, and told apart by its group and its output topic; everything else is the same for all.
import { join } from 'node:path';
import { groupOf } from '../../processors/runtime/names.ts';
import type { BenchLog } from './log.ts';
import { removeState, startKafkaStreams } from './kafka-streams.ts';
import { startRoleProcess } from './product.ts';
import type { WatchedProcess } from './watched-process.ts';

export interface Contestant {
  readonly name: string;
  readonly group: string;
  readonly input: string;
  readonly output: string;
  /** Leaves nothing of earlier runs. */
  renew(): Promise<void>;
  /** A worker of this id beside others; the only one unless given. */
  start(worker?: string): WatchedProcess;
  /** Takes away what a run left, once it has been compared. */
  clear(): Promise<void>;
}

export interface ContestantDeps {
  readonly log: BenchLog;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** The product: the role `holdings` on the topics of the stack. */
export const product = ({ log, env, folder }: ContestantDeps): Contestant => {
  const group = groupOf(log.topicPrefix, 'holdings');
  return {
    name: 'stratcap',
    group,
    input: log.full('events'),
    output: log.full('holdings'),
    renew: async () => await log.renew(['holdings', 'snapshots'], [group]),
    start: (worker = '0') =>
      startRoleProcess('holdings', { env, logFile: join(folder, 'stratcap.log'), extra: { STRATCAP_WORKER_ID: worker } }),
    clear: async () => undefined,
  };
};

let applications = 0;

/** Kafka Streams on the same input, with an output topic and an application id of its own in each run. */
export const kafkaStreams = (
  { log, env, folder }: ContestantDeps,
  { cache, commitMs }: { readonly cache: 'on' | 'off'; readonly commitMs: number },
): Contestant => {
  applications += 1;
  const application = `streams-${applications}`;
  const name = `kafka-streams, cache ${cache}${commitMs === 100 ? '' : `, commit ${commitMs} ms`}`;
  const output = `${application}.holdings`;
  const stateFolder = join(folder, application);
  const mine = (topic: string): boolean => topic === output || topic.startsWith(`${application}-`);
  return {
    name,
    group: application,
    input: log.full('events'),
    output,
    renew: async () => {
      await log.remove(mine, [application]);
      removeState(stateFolder);
      await log.make(output, 'holdings');
    },
    start: () =>
      startKafkaStreams({
        application,
        brokers: env['KAFKA_BROKERS'] ?? '',
        registry: env['SCHEMA_REGISTRY_URL'] ?? '',
        topicPrefix: log.topicPrefix,
        input: log.full('events'),
        output,
        stateFolder,
        cache,
        commitMs,
        logFile: join(folder, `${application}.log`),
      }),
    clear: async () => {
      await log.remove(mine, [application]);
      removeState(stateFolder);
    },
  };
};
