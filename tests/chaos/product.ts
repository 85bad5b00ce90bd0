// The product's own processes under chaos: two ledgers and two capital accounts that share the partitions, the accounting processors, both sinks, real stores, and a
// load of commitments. Every process is `node cli/role.ts`, nothing of it is changed.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environmentOf } from '#platform/config/config.ts';
import type { KafkaPort } from '#platform/kafka/port.ts';
import type { RunningEngines } from '#platform/stack/engines.ts';
import { topicName, type TopicName } from '#schemas/topics.ts';
import type { Random } from '#tests/oracle/random.ts';
import { testCommand, testCommitment, testFund, testInvestor } from '#tests/support/commands.ts';
import { openContext } from '../../cli/context.ts';
import { runVerify } from '../../cli/commands/verify.ts';
import { prepareStack } from '../../cli/prepare.ts';
import { toCommandRecord } from '../../producers/commands/command-record.ts';
import { createIntake } from '../../producers/commands/intake.ts';
import type { ReadLog } from './log-reader.ts';
import { addVerdict, type Verdict } from './model.ts';
import { checkProductLog, checkViews } from './product-model.ts';
import { watchStores } from './store-watch.ts';
import { createSlot, type Server, type Slot } from './slot.ts';

export const PRODUCT_PARTITIONS = 4;
const FUNDS = 6;
const INVESTORS = 8;
const SEND_EVERY_MS = 300;
const read: readonly TopicName[] = ['commands', 'events', 'outcomes', 'capital-accounts', 'dead-letters'];

export interface Product {
  /** Topics that the checker reads. */
  readonly topics: readonly string[];
  readonly roles: readonly Slot[];
  /** Starts the processes and books funds and investors. */
  begin(): Promise<void>;
  startLoad(): void;
  stopLoad(): Promise<void>;
  poison(): Promise<void>;
  isCaughtUp(log: ReadLog): boolean;
  check(log: ReadLog): Promise<Verdict>;
  stop(): Promise<void>;
}

const roleNames = [
  ['ledger', '0'],
  ['ledger', '1'],
  ['capital-accounts', '0'],
  ['capital-accounts', '1'],
  ['accounting', '0'],
  ['sink-postgres', '0'],
  ['sink-clickhouse', '0'],
] as const;

/** Prepares topics, schemas and stores; no process runs yet. */
export const prepareProduct = async ({
  engines,
  servers,
  kafka,
  random,
}: {
  readonly engines: RunningEngines;
  readonly servers: readonly Server[];
  readonly kafka: KafkaPort;
  readonly random: Random;
}): Promise<Product> => {
  const env: NodeJS.ProcessEnv = {
    ...environmentOf(process.env, engines),
    STRATCAP_PARTITIONS: String(PRODUCT_PARTITIONS),
    STRATCAP_LOG_LEVEL: 'warn',
  };
  const context = openContext(env, 'chaos', 'silent');
  await prepareStack(context, () => undefined);
  const { topicPrefix } = context.config;
  const portOf = (url: string): number => Number(new URL(url).port);
  const behind: readonly Server[] = [
    ...servers,
    { port: portOf(engines.addresses.databaseUrl), protocol: 'plain' },
    { port: portOf(engines.addresses.clickhouseUrl), protocol: 'plain' },
  ];
  const script = fileURLToPath(new URL('../../cli/role.ts', import.meta.url));
  const roles = await Promise.all(
    roleNames.map(([role, worker]) =>
      createSlot({
        name: role.startsWith('sink') ? role : `${role}-${worker}`,
        args: [script, role],
        env: { ...env, STRATCAP_WORKER_ID: worker },
        servers: behind,
        bug: '',
      }),
    ),
  );
  const topic = (name: TopicName): string => topicName(topicPrefix, name);
  const target = { codec: context.codec, topicPrefix, partitions: PRODUCT_PARTITIONS };
  const producer = kafka.producer();
  const watch = watchStores(context.pool(), context.warehouse());
  let number = 0;
  let closeIntake = (): Promise<void> => Promise.resolve();
  let isLoading = false;
  let loading: Promise<void> = Promise.resolve();
  const send = async (records: Parameters<typeof producer.send>[0]): Promise<void> => {
    // Whether they are there the log says.
    await producer.send(records).catch(() => undefined);
  };
  const commitment = () => {
    number += 1;
    const fund = `chaos ${random.whole(1, FUNDS)}`;
    const investor = `chaos ${random.whole(1, INVESTORS)}`;
    return toCommandRecord(
      target,
      testCommitment(fund, investor, BigInt(random.whole(1, 9_999_999)), {
        commitment_id: testCommitmentId(number),
        ...(number > 1 ? { commitment_type: 'ADDITIONAL' } : {}),
      }),
    );
  };

  return {
    topics: read.map(topic),
    roles,
    begin: async () => {
      for (const role of roles) role.start();
      const intake = await createIntake({ ...target, kafka, epoch: 1, logger: { warn: () => undefined } });
      const commands = [
        ...Array.from({ length: FUNDS }, (_, index) => testCommand('CreateFund', { fund: testFund(`chaos ${index + 1}`) })),
        ...Array.from({ length: INVESTORS }, (_, index) =>
          testCommand('CreateInvestor', { investor: testInvestor(`chaos ${index + 1}`) }),
        ),
      ];
      closeIntake = () => intake.close();
      for (const command of commands) {
        const submission = await intake.submit(command, { timeoutMs: 240_000 });
        if (submission.kind === 'pending' || submission.outcome.kind !== 'ACCEPTED')
          throw new Error(
            `the product did not begin: ${JSON.stringify(submission, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n${roles.map((role) => role.output().slice(-2_000)).join('\n')}`,
          );
      }
      await closeIntake();
      watch.start();
    },
    startLoad: () => {
      isLoading = true;
      loading = (async () => {
        while (isLoading) {
          await send(Array.from({ length: random.whole(1, 6) }, commitment));
          await sleep(SEND_EVERY_MS);
        }
      })();
    },
    stopLoad: async () => {
      isLoading = false;
      await loading;
    },
    poison: () =>
      send([
        commitment(),
        {
          topic: topic('commands'),
          partition: random.whole(0, PRODUCT_PARTITIONS - 1),
          key: Buffer.from('poison'),
          value: Buffer.from('not Avro at all'),
        },
        // An id that no schema has.
        {
          topic: topic('commands'),
          partition: random.whole(0, PRODUCT_PARTITIONS - 1),
          key: Buffer.from('poison'),
          value: Buffer.from([0, 0, 0x7f, 0xff, 0xff, 1, 2, 3]),
        },
      ]),
    isCaughtUp: (log) => log.count(topic('outcomes')) + log.count(topic('dead-letters')) >= log.count(topic('commands')),
    check: async (log) => {
      const verdict = checkProductLog(log, topic, PRODUCT_PARTITIONS);
      const verified = await runVerify(context);
      for (const { where, table, key, field, expected, found } of verified.differences) {
        verdict.differing += 1;
        verdict.findings.push(
          `differing: ${where} ${table} ${key} ${field} should be ${expected ?? 'null'}, is ${found ?? 'null'}`,
        );
      }
      await watch.stop();
      addVerdict(verdict, checkViews(log, topic, PRODUCT_PARTITIONS, watch.views()));
      return verdict;
    },
    stop: async () => {
      await closeIntake();
      await watch.stop();
      await Promise.all(roles.map((role) => role.stop()));
      await producer.close();
      await context.close();
    },
  };
};

const testCommitmentId = (count: number): string => `00000000-0000-4000-9000-${String(count).padStart(12, '0')}`;
