// Figures of a fund that was taken over end on the day from which its figures follow from dated flows: rows of its capital accounts from
// that day on must not stand beside them as current. Which day that is follows from the facts alone, in whatever order topics are read.
import type { Warehouse } from '#platform/clickhouse/client.ts';
import { LookUpFailed } from './errors.ts';
import type { Row } from './rows.ts';

export const performanceTable = 'fact_fund_performance';

export interface Supersession {
  /**
   * Takes what is superseded out of the rows of a batch, by key, and adds the ends of those that stand in the table.
   * @throws LookUpFailed when ClickHouse does not say what stands there
   */
  settle(current: Map<string, Row>): Promise<void>;
}

/** Columns that name a row of it. */
export const performanceKeys = ['fund_id', 'investor_id', 'investment_id', 'as_of_date'] as const;

interface FundNews {
  day: string;
  /** A performance of the fund in this batch: its place on the log is that of the end. */
  row: Row;
}

/** The earliest day of dated figures by fund in a batch. */
const newsOf = (current: ReadonlyMap<string, Row>): Map<string, FundNews> => {
  const news = new Map<string, FundNews>();
  for (const row of current.values()) {
    if (row['origin'] !== 'PERFORMANCE') continue;
    const fundId = String(row['fund_id']);
    const day = String(row['as_of_date']);
    const known = news.get(fundId);
    if (known === undefined) news.set(fundId, { day, row });
    else if (day < known.day) known.day = day;
  }
  return news;
};

/** Remembers the first day of dated figures of each fund, and of which funds the former rows have been ended. */
export const createSupersession = (warehouse: Warehouse): Supersession => {
  let firstDays: Map<string, string> | null = null;
  /** By fund: rows from this day on have been ended by this process. A crash may have come before, so that a new process looks again. */
  const ended = new Map<string, string>();

  const ask = async <T>(sql: string, params: Readonly<Record<string, unknown>> = {}): Promise<T[]> =>
    await warehouse.query<T>(sql, params).catch((cause: unknown) => {
      throw new LookUpFailed(cause);
    });
  const load = async (): Promise<Map<string, string>> => {
    const rows = await ask<{ fund_id: string; day: string }>(
      `SELECT fund_id, toString(min(as_of_date)) AS day FROM ${performanceTable} WHERE origin = 'PERFORMANCE' GROUP BY fund_id`,
    );
    return new Map(rows.map(({ fund_id, day }) => [fund_id, day]));
  };

  const settle = async (current: Map<string, Row>): Promise<void> => {
    firstDays ??= await load();
    const news = newsOf(current);
    const first = (fundId: string): string | undefined => {
      const [known, told] = [firstDays?.get(fundId), news.get(fundId)?.day];
      return known !== undefined && (told === undefined || known < told) ? known : told;
    };
    for (const [key, row] of current) {
      if (row['origin'] !== 'CAPITAL_ACCOUNT') continue;
      const day = first(String(row['fund_id']));
      if (day !== undefined && String(row['as_of_date']) >= day) current.delete(key);
    }
    const asked = [...news.keys()].filter((fundId) => (first(fundId) ?? '') < (ended.get(fundId) ?? '9999'));
    if (asked.length > 0) {
      const standing = await ask<Record<string, string | number | boolean | null>>(
        `SELECT * FROM ${performanceTable} FINAL WHERE origin = 'CAPITAL_ACCOUNT' AND fund_id IN {ids:Array(UUID)}`,
        { ids: asked },
      );
      for (const row of standing) {
        const fundId = String(row['fund_id']);
        const by = news.get(fundId);
        const key = performanceKeys.map((column) => String(row[column])).join('|');
        if (by === undefined || current.has(key) || String(row['as_of_date']) < (first(fundId) ?? '')) continue;
        const { _version, _partition, recorded_at } = by.row;
        current.set(key, { ...row, is_deleted: 1, ...place(_version, _partition, recorded_at) });
      }
    }
    for (const fundId of news.keys()) {
      const day = first(fundId);
      if (day === undefined) continue;
      firstDays.set(fundId, day);
      ended.set(fundId, day);
    }
  };
  return { settle };
};

const place = (
  _version: Row[string] | undefined,
  _partition: Row[string] | undefined,
  recorded_at: Row[string] | undefined,
): Row => ({
  _version: _version ?? '0',
  _partition: _partition ?? 0,
  recorded_at: recorded_at ?? null,
});
