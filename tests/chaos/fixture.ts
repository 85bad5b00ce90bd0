// The small processors under chaos: a ledger and a fold of its events, in several worker processes that share the partitions, with a
// steady load of commands, poisoned ones and aborted ones among them.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel } from 'kafkajs';
import type { KafkaPort, RecordProducer } from '#platform/kafka/port.ts';
import { topicName, topicSpecs, type TopicName } from '#schemas/topics.ts';
import type { Random } from '#tests/oracle/random.ts';
import type { LogRecord, ReadLog } from './log-reader.ts';
import { addVerdict, checkPartition, newVerdict, type Verdict } from './model.ts';
import { createSlot, type Server, type Slot } from './slot.ts';

export const FIXTURE_PARTITIONS = 4;
const ACCOUNTS = 7;
const BEGIN_MS_MAX = 240_000;
const SEND_EVERY_MS = 60;
/** A machine that is too busy for the load would never catch up. */
const BEHIND_MAX = 1_500;
const read: readonly TopicName[] = ['commands', 'events', 'outcomes', 'investors', 'capital-accounts', 'dead-letters'];

export interface Fixture {
  readonly topicPrefix: string;
  /** Topics that the checker reads. */
  readonly topics: readonly string[];
  readonly workers: readonly Slot[];
  /** Come and go in a storm of rebalances. */
  readonly guests: readonly Slot[];
  /** Makes the topics, starts the workers, writes the cards of all accounts and waits until they are there. */
  begin(log: ReadLog): Promise<void>;
  /** Commands until `stopLoad`, fewer while the outputs are far behind. */
  startLoad(log: ReadLog): void;
  stopLoad(): Promise<void>;
  poison(): Promise<void>;
  /** Two interleaved transactions of plausible commands, both aborted, one of them under the key 00 00 00 00. */
  abortGhosts(): Promise<void>;
  /** True when as many facts as good commands are on the log. */
  isCaughtUp(log: ReadLog): boolean;
  check(log: ReadLog): Verdict;
}

const textOf = (bytes: Buffer | null): string => bytes?.toString('utf8') ?? '';
const seen = ({ key, value }: LogRecord): { key: string; value: string } => ({ key: textOf(key), value: textOf(value) });

/** Prepares the fixture; no process runs yet. */
export const createFixture = async ({
  kafka,
  brokers,
  servers,
  workers: count,
  bug,
  random,
  topicPrefix = 'chaos.',
}: {
  readonly kafka: KafkaPort;
  readonly brokers: string;
  readonly servers: readonly Server[];
  readonly workers: number;
  readonly bug: string;
  readonly random: Random;
  readonly topicPrefix?: string;
}): Promise<Fixture> => {
  const script = fileURLToPath(new URL('../../processors/runtime/testing/worker.ts', import.meta.url));
  const slotOf = (id: number, isGuest: boolean): Promise<Slot> =>
    createSlot({
      name: `worker-${id}`,
      args: [script, brokers, topicPrefix, String(FIXTURE_PARTITIONS), '0', String(id)],
      env: process.env,
      servers,
      bug,
      isGuest,
    });
  const workers = await Promise.all(Array.from({ length: count }, (_, id) => slotOf(id, false)));
  const guests = await Promise.all([count, count + 1].map((id) => slotOf(id, true)));
  const topic = (name: TopicName): string => topicName(topicPrefix, name);
  const producer: RecordProducer = kafka.producer();
  const acknowledged: { readonly partition: number; readonly offset: bigint; readonly value: string }[] = [];
  let number = 0;
  let loading: Promise<void> = Promise.resolve();
  let isLoading = false;

  const partitions = Array.from({ length: FIXTURE_PARTITIONS }, (_, partition) => partition);
  const send = async (partition: number, values: readonly string[]): Promise<void> => {
    const records = values.map((value) => ({
      topic: topic('commands'),
      partition,
      key: Buffer.from('k'),
      value: Buffer.from(value),
    }));
    let offsets: Awaited<ReturnType<RecordProducer['send']>>;
    try {
      offsets = await producer.send(records);
    } catch {
      return; // whether they are there the log says
    }
    for (const [index, { offset }] of offsets.entries()) acknowledged.push({ partition, offset, value: values[index] ?? '' });
  };
  const command = (): string => {
    number += 1;
    return `a${random.whole(0, ACCOUNTS - 1)} ${random.whole(-999, 1000)} #${number}`;
  };
  const load = async (log: ReadLog): Promise<void> => {
    while (isLoading) {
      if (log.count(topic('commands')) - log.count(topic('events')) > BEHIND_MAX) {
        await sleep(SEND_EVERY_MS);
        continue;
      }
      await Promise.all(partitions.map((partition) => send(partition, Array.from({ length: random.whole(1, 3) }, command))));
      await sleep(SEND_EVERY_MS);
    }
  };
  const ghostWriter = async (
    id: string,
  ): Promise<Awaited<ReturnType<ReturnType<Kafka['producer']>['transaction']>> & { close(): Promise<void> }> => {
    const client = new Kafka({
      brokers: brokers.split(','),
      clientId: id,
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 20, retries: 8 },
    });
    const writer = client.producer({
      transactionalId: `chaos-${id}`,
      maxInFlightRequests: 1,
      idempotent: true,
      transactionTimeout: 5_000,
    });
    await writer.connect();
    const transaction = await writer.transaction();
    return Object.assign(transaction, { close: () => writer.disconnect() });
  };

  return {
    topicPrefix,
    topics: read.map(topic),
    workers,
    guests,
    begin: async (log) => {
      for (const worker of workers) worker.start();
      await send(
        0,
        Array.from({ length: ACCOUNTS }, (_, account) => `register a${account} known`),
      );
      const until = Date.now() + BEGIN_MS_MAX;
      while (log.count(topic('investors')) < ACCOUNTS) {
        if (Date.now() > until)
          throw new Error(
            `the workers did not begin; ${log.count(topic('commands'))} commands are on the log:\n${workers.map((worker) => worker.output()).join('\n')}`,
          );
        await sleep(50);
      }
    },
    startLoad: (log) => {
      isLoading = true;
      loading = load(log);
    },
    stopLoad: async () => {
      isLoading = false;
      await loading;
    },
    poison: async () => {
      number += 1;
      const partition = random.whole(0, FIXTURE_PARTITIONS - 1);
      await send(partition, [command(), `poison ${number}!`, command(), `\u0000\u0001 ${number}!`]);
    },
    abortGhosts: async () => {
      const partition = random.whole(0, FIXTURE_PARTITIONS - 1);
      const [first, second] = await Promise.all([ghostWriter('ghost-a'), ghostWriter('ghost-b')]);
      const ghost = (key: Buffer) => ({
        topic: topic('commands'),
        messages: [{ partition, key, value: `a0 1000000 #ghost` }],
      });
      try {
        for (const [writer, key] of [
          [first, Buffer.alloc(4)],
          [second, Buffer.from('k')],
          [first, Buffer.from('k')],
          [second, Buffer.alloc(4)],
        ] as const) {
          await writer.send(ghost(key));
          await send(partition, [command()]);
        }
        // The one that began later ends first: the broker's list of aborted ones is then out of order.
        await second.abort();
        await send(partition, [command()]);
        await first.abort();
      } finally {
        await Promise.allSettled([first.close(), second.close()]);
      }
    },
    isCaughtUp: (log) => {
      const lines = partitions.map((partition) => {
        const commands = log.partition(topic('commands'), partition).map(({ value }) => textOf(value));
        const facts = log.partition(topic('capital-accounts'), partition).filter(({ value }) => textOf(value).includes(' '));
        const poisoned = commands.filter((text) => !/^\S+ -?\d+ #|^register /.test(text)).length;
        const good = commands.filter((text) => /^\S+ -?\d+ #/.test(text)).length;
        return facts.length >= good && log.partition(topic('dead-letters'), partition).length >= poisoned;
      });
      return lines.every(Boolean);
    },
    check: (log) => {
      const sum = newVerdict();
      for (const partition of partitions) {
        const of = (name: TopicName): readonly LogRecord[] => log.partition(topic(name), partition);
        addVerdict(
          sum,
          checkPartition(partition, {
            commands: of('commands').map(({ offset, value }) => ({ offset, value: textOf(value) })),
            events: of('events').map(seen),
            outcomes: of('outcomes').map(seen),
            facts: of('capital-accounts').map(seen),
            deadLetters: of('dead-letters').map(({ value, headers }) => ({
              offset: BigInt(headers.get('dead_letter_offset')?.toString() ?? '-1'),
              value: textOf(value),
            })),
          }),
        );
        // What the log acknowledged is there, under the offset that it gave.
        const commands = new Map(of('commands').map(({ offset, value }) => [offset, textOf(value)]));
        for (const { offset, value } of acknowledged.filter((entry) => entry.partition === partition)) {
          if (commands.get(offset) === value) continue;
          sum.lost += 1;
          sum.findings.push(
            `lost: acknowledged command ${value} at ${partition}/${offset} reads ${commands.get(offset) ?? 'nothing'}`,
          );
        }
      }
      return sum;
    },
  };
};

/** Makes the topics of a fixture. */
export const makeFixtureTopics = (kafka: KafkaPort, topicPrefix = 'chaos.'): Promise<void> =>
  kafka.admin.ensureTopics(topicSpecs(topicPrefix, FIXTURE_PARTITIONS));
