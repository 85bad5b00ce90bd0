// A reader of both stores during all faults: once a second what they say and which position they say it for. Whether it was true is
// judged afterwards, against the log.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Warehouse } from '#platform/clickhouse/client.ts';

/** What a store said at one moment. */
export interface StoreView {
  readonly store: 'postgres' | 'clickhouse';
  /** Next offset of events by partition. */
  readonly position: ReadonlyMap<number, bigint>;
  readonly commitments: bigint;
  /** Hundredths. */
  readonly committedMinor: bigint;
}

const LOOK_EVERY_MS = 1_000;

/** One statement is one snapshot: position and rows belong together. */
const POSTGRES_VIEW = `select
  (select coalesce(json_object_agg(partition::text, next_offset::text), '{}') from positions where source = 'events') as position,
  (select count(*)::text from commitments) as commitments,
  (select coalesce(sum(commitment_amount * 100), 0)::bigint::text from commitments) as committed`;
/** The position is read first: rows are written before it, so that it may have more than it says and never less. */
const CLICKHOUSE_POSITION = `select partition, toString(max(next_offset)) as next from watermark where source = 'events' and kind = 'read' group by partition`;
const CLICKHOUSE_ROWS = `select toString(count()) as commitments, toString(toInt64(sum(commitment_amount * 100))) as committed from fact_commitments final`;

/** Looks until it is stopped; a store that is away says nothing. */
export const watchStores = (
  pool: Pool,
  warehouse: Warehouse,
): { start(): void; stop(): Promise<void>; views(): readonly StoreView[] } => {
  const views: StoreView[] = [];
  let isOn = false;
  let looking: Promise<unknown> = Promise.resolve();
  const every = async (look: () => Promise<StoreView>): Promise<void> => {
    while (isOn) {
      await look().then(
        (view) => views.push(view),
        () => undefined,
      );
      await sleep(LOOK_EVERY_MS);
    }
  };
  const postgres = async (): Promise<StoreView> => {
    const { rows } = await pool.query<{ position: Record<string, string>; commitments: string; committed: string }>(
      POSTGRES_VIEW,
    );
    const [row] = rows;
    if (row === undefined) throw new Error('the view of Postgres has no row');
    return {
      store: 'postgres',
      position: new Map(Object.entries(row.position).map(([partition, next]) => [Number(partition), BigInt(next)])),
      commitments: BigInt(row.commitments),
      committedMinor: BigInt(row.committed),
    };
  };
  const clickhouse = async (): Promise<StoreView> => {
    const position = await warehouse.query<{ partition: number; next: string }>(CLICKHOUSE_POSITION);
    const [row] = await warehouse.query<{ commitments: string; committed: string }>(CLICKHOUSE_ROWS);
    if (row === undefined) throw new Error('the view of ClickHouse has no row');
    return {
      store: 'clickhouse',
      position: new Map(position.map(({ partition, next }) => [partition, BigInt(next)])),
      commitments: BigInt(row.commitments),
      committedMinor: BigInt(row.committed),
    };
  };
  return {
    start: () => {
      isOn = true;
      looking = Promise.all([every(postgres), every(clickhouse)]);
    },
    stop: async () => {
      isOn = false;
      await looking;
    },
    views: () => views,
  };
};
