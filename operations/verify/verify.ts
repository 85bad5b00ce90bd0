// `stratcap verify`: recomputes every figure from the log alone and compares it with Postgres and ClickHouse, each at the
// position that it says it is true for (design.md 9). It imports no code of the sinks or processors.
import type { Pool } from 'pg';
import type { Warehouse } from '#platform/clickhouse/client.ts';
import { partitionOf } from '#platform/kafka/partition.ts';
import type { InboundRecord, KafkaPort } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { topicName } from '#schemas/topics.ts';
import { compareFundsInClickHouse, compareWholeClickHouse, fundsInClickHouse } from './clickhouse.ts';
import { clickhousePosition, openClickHouse, type ClickHouseSnapshot } from './clickhouse-store.ts';
import { createFundFacts } from './fund-facts.ts';
import { fundBatches } from './fund-log.ts';
import { logChecks } from './log-checks.ts';
import { emptyModel, foldModel, newPartitionCheck, readEvent, type Difference, type Model } from './model.ts';
import { compareFundsInPostgres, compareWholePostgres, fundsInPostgres } from './postgres.ts';
import { openPostgres, postgresPosition, type PostgresSnapshot } from './postgres-store.ts';
import { factSources, type Offsets, offsetsOf, type Source, type StorePosition } from './store.ts';

export interface VerifyDeps {
  readonly kafka: KafkaPort;
  readonly codec: Codec;
  readonly topicPrefix: string;
  readonly epoch: number;
  readonly pool: Pool;
  readonly warehouse: Warehouse;
  /** How long a store may stand still before the end of the log as it is now. */
  readonly waitMs?: number;
  readonly onProgress?: (text: string) => void;
}

export interface VerifyResult {
  readonly differences: readonly Difference[];
  readonly events: number;
  readonly funds: number;
  readonly investors: number;
  readonly commitments: number;
  /** Sums over all commitments as the log has them, in hundredths by currency. */
  readonly committedByCurrency: ReadonlyMap<string, bigint>;
  /** End of the log that both stores were waited for, by partition. */
  readonly position: readonly bigint[];
}

const pause = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

/** Reads events of all partitions up to the end given by partition, exclusive. */
const readLog = async (
  { kafka, topicPrefix }: VerifyDeps,
  end: Offsets,
  visit: (record: InboundRecord) => void,
): Promise<void> => {
  const topic = topicName(topicPrefix, 'events');
  const lows = new Map((await kafka.admin.watermarks(topic)).map(({ partition, low }) => [partition, low]));
  const open = new Map([...end].filter(([partition, offset]) => offset > (lows.get(partition) ?? 0n)));
  const reader = kafka.reader({
    positions: [...open.keys()].map((partition) => ({ topic, partition, offset: lows.get(partition) ?? 0n })),
    maxBytesPerPartition: 4 << 20,
  });
  try {
    while (open.size > 0) {
      for (const fetched of await reader.poll(500)) {
        const limit = open.get(fetched.partition);
        if (limit === undefined) continue;
        for (const record of fetched.records) if (record.offset < limit) visit(record);
        if (fetched.nextOffset >= limit) {
          open.delete(fetched.partition);
          reader.remove({ topic, partition: fetched.partition });
        }
      }
    }
  } finally {
    await reader.close();
  }
};

/** The partition of a key: the clock of a partition stands in it, everything else where its hash says. */
const belongingPartition = (key: string, partitions: number): number => {
  const clock = /^clock-(\d+)$/.exec(key)?.[1];
  return clock === undefined ? partitionOf(key, partitions) : Number(clock);
};

/** The model of the log up to a position. */
const modelAt = async (deps: VerifyDeps, end: Offsets, partitions: number): Promise<Model> => {
  const model = emptyModel();
  const checks = new Map([...end.keys()].map((partition) => [partition, newPartitionCheck()]));
  await readLog(deps, end, (record) => {
    readEvent(model, checks.get(record.partition) ?? newPartitionCheck(), record, deps.codec);
    const key = record.key?.toString('utf8') ?? '';
    const belongs = belongingPartition(key, partitions);
    if (belongs !== record.partition) {
      model.differences.push({
        where: 'log',
        table: 'events',
        key: `partition ${record.partition} offset ${record.offset}`,
        field: 'partition',
        expected: String(belongs),
        found: String(record.partition),
      });
    }
  });
  return foldModel(model);
};

const reaches = (reached: Offsets, wanted: Offsets): boolean =>
  [...wanted].every(([partition, offset]) => offset === 0n || (reached.get(partition) ?? 0n) >= offset);
const behind = (reached: Offsets, wanted: Offsets): string =>
  [...wanted]
    .filter(([partition, offset]) => (reached.get(partition) ?? 0n) < offset)
    .map(([partition, offset]) => `partition ${partition}: ${reached.get(partition) ?? 0n} of ${offset}`)
    .join(', ');

/** Records that a store still lacks, over all sources. */
const lacking = ({ events, facts }: StorePosition, wanted: Offsets): bigint =>
  [events, ...Object.values(facts)].reduce(
    (sum, reached) =>
      [...wanted].reduce((all, [partition, offset]) => {
        const missing = offset - (reached.get(partition) ?? 0n);
        return missing > 0n ? all + missing : all;
      }, sum),
    0n,
  );

/** Waits until a store has what the log has; gives up when it has not come nearer for the time given, and says where it stands. */
const waitFor = async (
  name: string,
  wanted: Offsets,
  waitMs: number,
  take: () => Promise<StorePosition>,
): Promise<readonly Difference[]> => {
  let deadline = Date.now() + waitMs;
  let nearest: bigint | null = null;
  for (;;) {
    const position = await take();
    const { events, facts } = position;
    const missing = lacking(position, wanted);
    if (nearest === null || missing < nearest) deadline = Date.now() + waitMs;
    nearest = nearest === null || missing < nearest ? missing : nearest;
    const late = Object.entries({ events, ...facts }).filter(([, offsets]) => !reaches(offsets, wanted));
    if (late.length === 0) return [];
    if (Date.now() > deadline) {
      return [
        {
          where: name,
          table: 'position',
          key: 'end of the log',
          field: 'next_offset',
          expected: 'reached',
          found: late.map(([source, offsets]) => `${source}: ${behind(offsets, wanted)}`).join('; '),
        },
      ];
    }
    await pause(200);
  }
};

interface Models {
  /** The model of the whole log. */
  readonly whole: Model;
  /** The models at the positions of a store. */
  at(position: StorePosition): Promise<(source: Source) => Model>;
}

/** Models by position: two stores at the end of the log share one. */
const openModels = async (deps: VerifyDeps, end: Offsets): Promise<Models> => {
  const models = new Map<string, Model>();
  const at = async (offsets: Offsets): Promise<Model> => {
    const complete: Offsets = new Map([...end.keys()].map((partition) => [partition, offsets.get(partition) ?? 0n]));
    const key = [...complete].map(([partition, offset]) => `${partition}:${offset}`).join(',');
    const model = models.get(key) ?? (await modelAt(deps, complete, end.size));
    models.set(key, model);
    return model;
  };
  return {
    whole: await at(end),
    at: async (position) => {
      const sources: readonly Source[] = ['events', ...factSources];
      const bySource = new Map<Source, Model>();
      for (const source of sources) bySource.set(source, await at(offsetsOf(position, source)));
      return (source) => bySource.get(source) ?? emptyModel();
    },
  };
};

/** Compares what does not belong to a fund, then fund by fund: what a batch of funds needs is forgotten after it. */
const compareStores = async (
  deps: VerifyDeps,
  models: Models,
  postgres: PostgresSnapshot,
  clickhouse: ClickHouseSnapshot,
  progress: (text: string) => void,
): Promise<readonly Difference[]> => {
  const postgresAt = await models.at(postgres.position);
  const clickhouseAt = await models.at(clickhouse.position);
  progress('comparing events, investors and reference data');
  const differences: Difference[] = [
    ...models.whole.differences,
    ...(await compareWholePostgres(postgres, postgresAt)),
    ...(await compareWholeClickHouse(clickhouse, clickhouseAt, deps.epoch)),
  ];
  const strangers = [...(await fundsInPostgres(postgres)), ...(await fundsInClickHouse(clickhouse))];
  const batches = fundBatches(models.whole, strangers);
  const funds = batches.reduce((sum, batch) => sum + batch.length, 0);
  let done = 0;
  for (const batch of batches) {
    progress(`comparing funds: ${done} of ${funds}`);
    const factsOf = createFundFacts(batch);
    differences.push(
      ...(await compareFundsInPostgres(postgres, batch, postgresAt, factsOf)),
      ...(await compareFundsInClickHouse(clickhouse, batch, clickhouseAt, factsOf, deps.epoch)),
      ...logChecks(factsOf(models.whole)),
    );
    done += batch.length;
  }
  return differences;
};

/** Compares both stores with the log. Zero differences mean: every row and every figure follows from the events. */
export const verify = async (deps: VerifyDeps): Promise<VerifyResult> => {
  const progress = deps.onProgress ?? ((): void => undefined);
  const topic = topicName(deps.topicPrefix, 'events');
  const end: Offsets = new Map((await deps.kafka.admin.watermarks(topic)).map(({ partition, high }) => [partition, high]));
  const topicId = await deps.kafka.admin.topicId(topic);
  const waitMs = deps.waitMs ?? 30_000;
  progress('waiting for both stores to reach the end of the log');
  const differences: Difference[] = [
    ...(await waitFor('postgres', end, waitMs, async () => await postgresPosition(deps.pool))),
    ...(await waitFor('clickhouse', end, waitMs, async () => await clickhousePosition(deps.warehouse))),
  ];
  progress('recomputing from the log');
  const models = await openModels(deps, end);
  const postgres = await openPostgres(deps.pool);
  try {
    const clickhouse = await openClickHouse(deps.warehouse);
    for (const [where, { topicId: found }] of [
      ['postgres', postgres.position],
      ['clickhouse', clickhouse.position],
    ] as const) {
      if (found !== null && found !== topicId)
        differences.push({ where, table: 'position', key: topic, field: 'topic_id', expected: topicId, found });
    }
    differences.push(...(await compareStores(deps, models, postgres, clickhouse, progress)));
  } finally {
    await postgres.close();
  }
  const { whole } = models;
  const committedByCurrency = new Map<string, bigint>();
  for (const { made } of whole.commitments.values())
    committedByCurrency.set(made.currency, (committedByCurrency.get(made.currency) ?? 0n) + made.commitment_amount);
  return {
    differences,
    events: whole.events.length,
    funds: whole.funds.size,
    investors: whole.investors.size,
    commitments: whole.commitments.size,
    committedByCurrency,
    position: [...end.values()],
  };
};
