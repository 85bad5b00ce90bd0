// The state of the pipeline as this process can see it: its engines by asking them, the lag by comparing the store's position with the end of the log.
import type { Pool } from 'pg';
import { z } from 'zod';
import type { HealthPart } from '#platform/observability/health.ts';
import type { KafkaPort } from '#platform/kafka/port.ts';
import type { Snapshot } from '../database.ts';
import { snapshotOf } from '../database.ts';
import type { PositionRow, Reached } from '../position/reached.ts';
import { positionRow, positionsSql, reachedBy } from '../position/reached.ts';

const part = z.object({ state: z.enum(['starting', 'ready', 'waiting', 'failed']), detail: z.string().optional() });
const lagPart = z.object({
  source: z.string(),
  partition: z.number().int(),
  next_offset: z.string(),
  end_offset: z.string().nullable(),
  behind: z.string().nullable(),
});

const roleLag = z.object({
  role: z.string(),
  lag: z.number().int().nullable().describe('Records; null when the position or the log cannot be asked.'),
  seconds_behind: z.number().nullable().describe('Age of the oldest record that it has not taken.'),
  unknown: z.string().nullable().describe('Why the lag is unknown.'),
});

export const statusReply = z.object({
  engines: z.record(z.string(), part),
  roles: z.record(z.string(), part).describe('Empty where this process is not told.'),
  lag: z
    .string()
    .nullable()
    .describe('Records of the log that are not in the store yet, over all partitions; null while the log cannot be asked.'),
  lag_by_partition: z.array(lagPart),
  role_lags: z
    .array(roleLag)
    .describe('How far every role is behind the end of its topics; empty where this process is not told.'),
  dead_letters: z
    .object({ open: z.number().int(), since: z.string().nullable().describe('When the oldest open one was written.') })
    .nullable()
    .describe('What could not be processed and waits for a decision; null while it cannot be asked.'),
  counts: z
    .object({
      funds: z.number().int(),
      investors: z.number().int(),
      commitments: z.number().int(),
      events: z.number().int(),
      rejected: z.number().int(),
      findings: z.number().int(),
    })
    .nullable(),
  position: z.string().nullable(),
  offsets: z.array(z.string()),
  known_at: z.string().nullable(),
  live_readers: z.number().int().describe('Pages that listen for changes.'),
});
export type StatusReply = z.output<typeof statusReply>;

const countRow = z.object({
  funds: z.coerce.number().int(),
  investors: z.coerce.number().int(),
  commitments: z.coerce.number().int(),
  events: z.coerce.number().int(),
  rejected: z.coerce.number().int(),
  findings: z.coerce.number().int(),
});

/** Row counts of the operational model. */
const countRows = (snapshot: Snapshot): Promise<z.output<typeof countRow> | null> =>
  snapshot.row(
    countRow,
    `
  SELECT (SELECT count(*) FROM funds) AS funds, (SELECT count(*) FROM investors) AS investors, (SELECT count(*) FROM commitments) AS commitments,
         (SELECT count(*) FROM event_store) AS events, (SELECT count(*) FROM event_store WHERE event_type = 'CommandRejected') AS rejected,
         (SELECT count(*) FROM findings WHERE severity <> 'ERROR') AS findings`,
  );

const patienceMs = 1_500;

/** The answer, or `late` when it takes too long: status is told at once whatever is away. */
const inTime = async <Answer, Late>(asked: Promise<Answer>, late: Late): Promise<Answer | Late> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Late>((resolve) => {
    timer = setTimeout(resolve, patienceMs, late);
  });
  try {
    return await Promise.race([asked, limit]);
  } finally {
    clearTimeout(timer);
  }
};

/** Asks something that may be away: ready, or why not. The reason is ours, never the words of the engine. */
export const probe = async (name: string, ask: () => Promise<unknown>): Promise<HealthPart> => {
  try {
    const answered = await inTime(
      ask().then(() => true),
      false,
    );
    return answered ? { state: 'ready' } : { state: 'waiting', detail: `${name} did not answer within ${patienceMs / 1000} s.` };
  } catch {
    return { state: 'failed', detail: `${name} cannot be reached.` };
  }
};

/** End of each partition of the events topic; null where the log cannot be asked. */
const logEnds = async (kafka: KafkaPort | undefined, eventsTopic: string): Promise<ReadonlyMap<number, bigint> | null> => {
  if (kafka === undefined) return null;
  const marks = await inTime(
    kafka.admin.watermarks(eventsTopic).catch(() => null),
    null,
  );
  return marks === null ? null : new Map(marks.map((mark) => [mark.partition, mark.high]));
};

/** How far each source is behind the end of the log. The end counts transaction markers too, so that a lag of a few records may be none. */
export const lagOf = (
  rows: readonly PositionRow[],
  ends: ReadonlyMap<number, bigint> | null,
): Pick<StatusReply, 'lag' | 'lag_by_partition'> => {
  const parts = rows.map((row) => {
    const end = ends?.get(row.partition);
    const behind = end === undefined ? null : end > row.next_offset ? end - row.next_offset : 0n;
    return {
      source: row.source,
      partition: row.partition,
      next_offset: String(row.next_offset),
      end_offset: end === undefined ? null : String(end),
      behind: behind === null ? null : String(behind),
    };
  });
  if (ends === null) return { lag: null, lag_by_partition: parts };
  const worst = [...ends].map(([partition, end]) => {
    const offsets = rows.filter((row) => row.partition === partition).map((row) => row.next_offset);
    const slowest = offsets.length === 0 ? 0n : offsets.reduce((left, right) => (right < left ? right : left));
    return end > slowest ? end - slowest : 0n;
  });
  return { lag: String(worst.reduce((sum, behind) => sum + behind, 0n)), lag_by_partition: parts };
};

const nothingReached: Reached = { position: null, token: null, known_at: null };

export interface StatusDeps {
  readonly pool: Pool;
  readonly partitions: number;
  readonly eventsTopic: string;
  readonly kafka?: KafkaPort;
  readonly warehouse?: { readonly ping: () => Promise<unknown> };
  /** The roles of the deployment as their supervisor sees them. */
  readonly roles?: () => Promise<Readonly<Record<string, HealthPart>>>;
  readonly liveReaders: () => number;
  readonly roleLags?: () => Promise<StatusReply['role_lags']>;
  readonly deadLetters?: () => Promise<NonNullable<StatusReply['dead_letters']>>;
}

/** Asks every engine at the same time; what is away is told as such and never makes the answer fail. */
export const createStatus = (deps: StatusDeps) => async (): Promise<StatusReply> => {
  const { pool, kafka, warehouse } = deps;
  const [postgres, log, clickhouse, ends, roles, roleLags, deadLetters] = await Promise.all([
    probe('Postgres', () => pool.query('SELECT 1')),
    kafka === undefined ? null : probe('Kafka', () => kafka.admin.describeCluster()),
    warehouse === undefined ? null : probe('ClickHouse', () => warehouse.ping()),
    logEnds(kafka, deps.eventsTopic),
    deps.roles?.().catch(() => ({})) ?? {},
    inTime(deps.roleLags?.().catch(() => []) ?? Promise.resolve([]), []),
    inTime(deps.deadLetters?.().catch(() => null) ?? Promise.resolve(null), null),
  ]);
  const client = postgres.state === 'ready' ? await pool.connect() : null;
  try {
    const snapshot = client === null ? null : snapshotOf(client);
    const rows = snapshot === null ? [] : await snapshot.rows(positionRow, `${positionsSql} ORDER BY source, partition`);
    const reached = snapshot === null ? nothingReached : reachedBy(rows, ['events', 'capital-accounts'], deps.partitions);
    return {
      engines: { postgres, ...(log === null ? {} : { kafka: log }), ...(clickhouse === null ? {} : { clickhouse }) },
      roles: { ...roles },
      ...lagOf(rows, snapshot === null ? null : ends),
      role_lags: [...roleLags],
      dead_letters: deadLetters,
      counts: snapshot === null ? null : await countRows(snapshot),
      position: reached.token,
      offsets: reached.position?.offsets.map(String) ?? [],
      known_at: reached.known_at,
      live_readers: deps.liveReaders(),
    };
  } finally {
    client?.release();
  }
};
