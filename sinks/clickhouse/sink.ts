// The ClickHouse sink: events and facts into the star schema. Rows have immutable keys and a version from the log, so a
// batch that is written twice collapses; the watermark is written last, so a batch that was cut short is written again.
import type { Logger } from 'pino';
import type { Warehouse } from '#platform/clickhouse/client.ts';
import { KafkaError, type FetchedPartition, type KafkaPort, type PartitionReader } from '#platform/kafka/port.ts';
import type { Metrics } from '#platform/observability/metrics.ts';
import type { Codec } from '#schemas/codec.ts';
import { topicName } from '#schemas/topics.ts';
import { type Batch, batchOf } from './batch.ts';
import { ensureCalendar } from './calendar.ts';
import { ensureChart } from './chart.ts';
import { isDefect, LookUpFailed, messageOf } from './errors.ts';
import { createSupersession } from './superseded.ts';
import {
  ContentReplaced,
  currentGeneration,
  readWatermarks,
  resumeOffsets,
  type LogIdentity,
  type WatermarkRow,
} from './watermark.ts';

export interface ClickHouseSinkDeps {
  readonly kafka: KafkaPort;
  readonly warehouse: Warehouse;
  readonly codec: Codec;
  readonly topicPrefix: string;
  readonly partitions: number;
  readonly epoch: number;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Called once when the sink stops for good; the role then ends. */
  readonly onFatal?: (error: unknown) => void;
}

export interface RunningSink {
  stop(): Promise<void>;
  health(): SinkHealth;
}

export interface SinkHealth {
  readonly state: 'running' | 'waiting' | 'failed' | 'stopped';
  /** Records between what is written and the end of the log. */
  readonly lag: number;
  readonly detail: string | null;
}

/** Topics that the sink reads, by the name of schemas/topics.ts. */
export const sources = ['events', 'capital-accounts', 'cash-flows', 'performance', 'waterfalls', 'quality'] as const;
/** How long to wait for the rest of what has come. */
const gatherMs = 20;
/**
 * A batch begins no sooner than this after the one before: every insert is a dozen files on disk and a merge later, whatever it holds.
 * A quiet log is written soon, a busy one in fewer and larger batches, a flood in the largest that a reader of the warehouse can bear.
 */
const pauseMsQuiet = 150;
const pauseMsBusy = 350;
const pauseMsMax = 800;
const busyRecords = 50;
const pauseMsPerRecord = 0.25;
const pauseAfter = (records: number): number =>
  records < busyRecords ? pauseMsQuiet : Math.min(pauseMsMax, Math.max(pauseMsBusy, records * pauseMsPerRecord));
/** How often to ask whether a rebuild has begun: what a sink writes meanwhile is what the next one writes again. */
const generationMs = 1_000;
const backlogRecords = 10_000;
const pause = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

/** Starts the sink from its own watermark. @throws RebuildNeeded when the watermark belongs to another log. */
export const startClickHouseSink = async (deps: ClickHouseSinkDeps): Promise<RunningSink> => {
  const { kafka, warehouse, codec, logger, epoch } = deps;
  await ensureCalendar(warehouse);
  await ensureChart(warehouse);
  const topics = new Map(sources.map((source) => [topicName(deps.topicPrefix, source), source]));
  const log: LogIdentity = { topicId: await kafka.admin.topicId(topicName(deps.topicPrefix, 'events')), epoch };
  const generation = await currentGeneration(warehouse);
  const stored = await readWatermarks(warehouse, generation);
  const supersession = createSupersession(warehouse);
  const { reader, written, ends } = await openReader(kafka, topics, stored, log);
  const measured =
    deps.metrics === undefined
      ? null
      : {
          rows: deps.metrics.counter({
            name: 'sink_clickhouse_rows_total',
            help: 'Rows written to ClickHouse.',
            labels: ['table'],
          }),
          seconds: deps.metrics.histogram({
            name: 'sink_clickhouse_batch_seconds',
            help: 'From the first insert of a batch to its watermark.',
          }),
          lag: deps.metrics.gauge({
            name: 'sink_clickhouse_lag_records',
            help: 'Offsets between what is written and the end of the log.',
          }),
        };
  let state: SinkHealth['state'] = 'running';
  let detail: string | null = null;
  let stopping = false;
  let askedAt = Number.NEGATIVE_INFINITY;

  const lagNow = (): number => {
    let lag = 0n;
    for (const [place, end] of ends) {
      const next = written.get(place) ?? 0n;
      if (end > next) lag += end - next;
    }
    return Number(lag);
  };
  /** While nothing is fetched the log grows: the lag is told nevertheless. */
  const noteEnds = async (): Promise<void> => {
    for (const topic of topics.keys()) {
      const marks = await kafka.admin.watermarks(topic).catch(() => []);
      for (const { partition, high } of marks) ends.set(placeOf(topic, partition), high);
    }
  };

  const write = async (batch: Batch): Promise<void> => {
    const started = performance.now();
    await Promise.all([...batch.rows].map(async ([table, rows]) => await warehouse.insert(table, rows)));
    if (started - askedAt > generationMs) {
      if ((await currentGeneration(warehouse)) !== generation) throw new ContentReplaced();
      askedAt = started;
    }
    await warehouse.insert('watermark', [...batch.watermarks.values()]);
    for (const [table, rows] of batch.rows) measured?.rows.inc({ table }, rows.length);
    measured?.seconds.observe((performance.now() - started) / 1000);
  };

  /** Writes until it is written: a store that is down makes the sink wait, never drop. False when it was told to stop before. */
  const writeUntilDone = async (fetched: readonly FetchedPartition[]): Promise<boolean> => {
    let batch: Batch | null = null;
    for (let wait = 100; !stopping; wait = Math.min(wait * 2, 5000)) {
      try {
        batch ??= await batchOf({ fetched, topics, codec, log, generation, warehouse, supersession });
        await write(batch);
        if (state === 'waiting') logger.info('ClickHouse answers again');
        state = 'running';
        detail = null;
        return true;
      } catch (error) {
        // What is no answer of the store is an event that cannot be applied: waiting does not mend it.
        const isOfStore = batch !== null || error instanceof LookUpFailed;
        if (error instanceof ContentReplaced || !isOfStore || isDefect(error instanceof LookUpFailed ? error.cause : error))
          throw error;
        if (state !== 'waiting') logger.warn({ err: error }, 'ClickHouse does not take the batch; waiting');
        state = 'waiting';
        detail = messageOf(error);
        measured?.lag.set(lagNow());
        await Promise.all([noteEnds(), pause(wait)]);
      }
    }
    return false;
  };

  const run = async (): Promise<void> => {
    while (!stopping) {
      let fetched: readonly FetchedPartition[];
      try {
        fetched = await reader.poll(250);
        // What came while the last batch was written was asked for when it began: the next answer brings the rest.
        if (fetched.length > 0) fetched = [...fetched, ...(await reader.poll(gatherMs))];
      } catch (error) {
        if (!(error instanceof KafkaError) || error.code !== 'unavailable') throw error;
        state = 'waiting';
        detail = messageOf(error);
        await pause(500);
        continue;
      }
      state = 'running';
      for (const { topic, partition, highWatermark } of fetched) ends.set(placeOf(topic, partition), highWatermark);
      if (fetched.length === 0) continue;
      const begunAt = performance.now();
      const records = fetched.reduce((sum, part) => sum + part.records.length, 0);
      if (await writeUntilDone(fetched)) {
        for (const { topic, partition, nextOffset } of fetched) written.set(placeOf(topic, partition), nextOffset);
        measured?.lag.set(lagNow());
      }
      if (lagNow() >= backlogRecords) continue;
      const early = pauseAfter(records) - (performance.now() - begunAt);
      if (early > 0 && !stopping) await pause(early);
    }
  };

  const loop = run().catch((error: unknown) => {
    state = 'failed';
    detail = messageOf(error);
    logger.fatal({ err: error }, 'the ClickHouse sink stops: an event cannot be applied');
    deps.onFatal?.(error);
  });
  return {
    stop: async () => {
      stopping = true;
      await loop;
      await reader.close();
      if (state !== 'failed') state = 'stopped';
    },
    health: () => ({ state, lag: lagNow(), detail }),
  };
};

interface OpenReader {
  readonly reader: PartitionReader;
  /** Next offset to write, by topic and partition. */
  readonly written: Map<string, bigint>;
  readonly ends: Map<string, bigint>;
}

const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`;

const openReader = async (
  kafka: KafkaPort,
  topics: ReadonlyMap<string, string>,
  stored: readonly WatermarkRow[],
  log: LogIdentity,
): Promise<OpenReader> => {
  const ends = new Map<string, bigint>();
  const positions = await Promise.all(
    [...topics].map(async ([topic, source]) => {
      const marks = new Map((await kafka.admin.watermarks(topic)).map((mark) => [mark.partition, mark]));
      for (const [partition, { high }] of marks) ends.set(placeOf(topic, partition), high);
      return [...resumeOffsets(stored, source, log, marks)].map(([partition, offset]) => ({ topic, partition, offset }));
    }),
  );
  const written = new Map(positions.flat().map(({ topic, partition, offset }) => [placeOf(topic, partition), offset]));
  return { reader: kafka.reader({ positions: positions.flat() }), written, ends };
};
