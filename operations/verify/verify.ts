// `stratcap verify`: recomputes every figure from the log alone and compares it with Postgres and ClickHouse, each at the
// position that it says it is true for (design.md 9). It imports no code of the sinks or processors.
import type { Pool } from 'pg';
import type { Warehouse } from '#platform/clickhouse/client.ts';
import { partitionOf } from '#platform/kafka/partition.ts';
import type { InboundRecord, KafkaPort } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { topicName } from '#schemas/topics.ts';
import { compareClickHouse, snapshotClickHouse, type ClickHouseSnapshot } from './clickhouse.ts';
import { expectedFigures, figureDifferences } from './dated-figures.ts';
import { emptyModel, foldModel, newPartitionCheck, readEvent, type Difference, type Model } from './model.ts';
import { comparePostgres, type FactSource, snapshotPostgres, type PostgresSnapshot } from './postgres.ts';

export interface VerifyDeps {
  readonly kafka: KafkaPort;
  readonly codec: Codec;
  readonly topicPrefix: string;
  readonly epoch: number;
  readonly pool: Pool;
  readonly warehouse: Warehouse;
  /** How long the stores may take to reach the end of the log as it is now. */
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

type Offsets = ReadonlyMap<number, bigint>;
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

const waitFor = async <Snapshot extends { readonly events: Offsets; readonly facts: Readonly<Record<string, Offsets>> }>(
  name: string,
  wanted: Offsets,
  waitMs: number,
  take: () => Promise<Snapshot>,
): Promise<{ readonly snapshot: Snapshot; readonly late: readonly Difference[] }> => {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const snapshot = await take();
    const late = Object.entries({ events: snapshot.events, ...snapshot.facts }).filter(
      ([, offsets]) => !reaches(offsets, wanted),
    );
    if (late.length === 0) return { snapshot, late: [] };
    if (Date.now() > deadline) {
      return {
        snapshot,
        late: [
          {
            where: name,
            table: 'position',
            key: 'end of the log',
            field: 'next_offset',
            expected: 'reached',
            found: late.map(([source, offsets]) => `${source}: ${behind(offsets, wanted)}`).join('; '),
          },
        ],
      };
    }
    await pause(200);
  }
};

/** Compares both stores with the log. Zero differences mean: every row and every figure follows from the events. */
export const verify = async (deps: VerifyDeps): Promise<VerifyResult> => {
  const progress = deps.onProgress ?? ((): void => undefined);
  const topic = topicName(deps.topicPrefix, 'events');
  const end: Offsets = new Map((await deps.kafka.admin.watermarks(topic)).map(({ partition, high }) => [partition, high]));
  const topicId = await deps.kafka.admin.topicId(topic);
  const waitMs = deps.waitMs ?? 30_000;
  progress('waiting for both stores to reach the end of the log');
  const postgres = await waitFor<PostgresSnapshot>('postgres', end, waitMs, async () => await snapshotPostgres(deps.pool));
  const clickhouse = await waitFor<ClickHouseSnapshot>(
    'clickhouse',
    end,
    waitMs,
    async () => await snapshotClickHouse(deps.warehouse),
  );
  const differences: Difference[] = [...postgres.late, ...clickhouse.late];
  for (const [where, found] of [
    ['postgres', postgres.snapshot.topicId],
    ['clickhouse', clickhouse.snapshot.topicId],
  ] as const) {
    if (found !== null && found !== topicId)
      differences.push({ where, table: 'position', key: topic, field: 'topic_id', expected: topicId, found });
  }
  const models = new Map<string, Model>();
  /** A model for each topic of facts at the position that the store has of it. */
  const atEach = async (facts: Readonly<Record<string, Offsets>>): Promise<(source: FactSource) => Model> => {
    const bySource = new Map<string, Model>();
    for (const [source, offsets] of Object.entries(facts)) bySource.set(source, await at(offsets));
    return (source) => bySource.get(source) ?? emptyModel();
  };
  const at = async (offsets: Offsets): Promise<Model> => {
    const complete: Offsets = new Map([...end.keys()].map((partition) => [partition, offsets.get(partition) ?? 0n]));
    const key = [...complete].map(([partition, offset]) => `${partition}:${offset}`).join(',');
    const model = models.get(key) ?? (await modelAt(deps, complete, end.size));
    models.set(key, model);
    return model;
  };
  progress('recomputing from the log and comparing Postgres');
  // The log itself is checked to its end, also when a store is behind.
  const whole = await at(end);
  differences.push(
    ...whole.differences,
    ...comparePostgres(postgres.snapshot, await at(postgres.snapshot.events), await atEach(postgres.snapshot.facts)),
    ...figureDifferences(expectedFigures(whole)),
  );
  progress('comparing ClickHouse');
  differences.push(
    ...compareClickHouse(
      clickhouse.snapshot,
      await at(clickhouse.snapshot.events),
      await atEach(clickhouse.snapshot.facts),
      deps.epoch,
    ),
  );
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
