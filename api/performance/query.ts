// Figures of a fund at the latest fact date up to a day: from Postgres as they are known now, from the warehouse as they were known.
import { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { Snapshot } from '../database.ts';
import { dateText } from '../database.ts';
import { localDate, money, moneyOrUnknown } from '../shapes.ts';
import type { WarehouseReads } from '../warehouse-answer.ts';
import { navRoll, navRollRow, performance, performanceRow, warehouseSelect } from './columns.ts';
import type { NavRollRow, PerformanceRow } from './columns.ts';

/** A question about a fund; without a day, the latest. */
export interface Asked {
  readonly fundId: string;
  readonly asOf?: string | undefined;
}
export interface AskedThen extends Asked {
  /** UTC with microseconds. */
  readonly knownAt: string;
}

/** Performance of the fund, its investors and its investments, as known now. */
export const performanceNow = (snapshot: Snapshot, { fundId, asOf }: Asked): Promise<readonly PerformanceRow[]> =>
  snapshot.rows(
    performanceRow,
    `SELECT DISTINCT ON (p.investor_id, p.investment_id) ${performance.select('p')} FROM fund_performance p
      WHERE p.fund_id = $1 AND ($2::date IS NULL OR p.as_of_date <= $2::date) ORDER BY p.investor_id, p.investment_id, p.as_of_date DESC`,
    [fundId, asOf ?? null],
  );

/** NAV rolls since inception of the fund and its investors, as known now. */
export const navRollsNow = (snapshot: Snapshot, { fundId, asOf }: Asked): Promise<readonly NavRollRow[]> =>
  snapshot.rows(
    navRollRow,
    `SELECT DISTINCT ON (r.investor_id) ${navRoll.select('r')} FROM nav_rolls r
      WHERE r.fund_id = $1 AND ($2::date IS NULL OR r.as_of_date <= $2::date) ORDER BY r.investor_id, r.as_of_date DESC`,
    [fundId, asOf ?? null],
  );

const farDay = '2299-12-31';
const parameters = ({ fundId, asOf, knownAt }: AskedThen): Readonly<Record<string, unknown>> => ({
  fund_id: fundId,
  as_of: asOf ?? farDay,
  known_at: knownAt.replace('T', ' ').replace('Z', ''),
});
const then = "fund_id = {fund_id:UUID} AND recorded_at <= {known_at:DateTime64(6, 'UTC')} AND as_of_date <= {as_of:Date32}";

/** The warehouse keeps rates as the facts have them, a very small one with an exponent; Postgres, and so every reply, has plain digits. */
const withPlainRates = (row: unknown): unknown => {
  const fields = row as Readonly<Record<string, unknown>>;
  const rates = ['irr', 'gross_irr', 'period_return'].map((name) => {
    const rate = fields[name];
    return [name, typeof rate === 'string' ? new Decimal(rate).toFixed() : rate] as const;
  });
  return { ...fields, ...Object.fromEntries(rates) };
};

/** Performance as it was known at a moment. Sums that were taken over end where dated flows begin. */
export const performanceThen = async (warehouse: WarehouseReads, asked: AskedThen): Promise<readonly PerformanceRow[]> => {
  const rows = await warehouse.query(
    `SELECT ${warehouseSelect(performance)} FROM (
        SELECT * FROM fact_fund_performance_history FINAL WHERE ${then}
          AND (origin = 'PERFORMANCE' OR as_of_date < ifNull((SELECT min(as_of_date) AS first_day FROM fact_fund_performance_history
                WHERE fund_id = {fund_id:UUID} AND origin = 'PERFORMANCE' AND recorded_at <= {known_at:DateTime64(6, 'UTC')} HAVING count() > 0), toDate32('${farDay}')))
        ORDER BY investor_id, investment_id, as_of_date DESC, _version DESC LIMIT 1 BY investor_id, investment_id) AS h
      ORDER BY h.investor_id, h.investment_id`,
    parameters(asked),
  );
  return z.array(performanceRow).parse(rows.map(withPlainRates));
};

/** NAV rolls since inception as they were known at a moment. */
export const navRollsThen = async (warehouse: WarehouseReads, asked: AskedThen): Promise<readonly NavRollRow[]> => {
  const rows = await warehouse.query(
    `SELECT ${warehouseSelect(navRoll)} FROM (SELECT * FROM fact_nav_rolls_history FINAL WHERE ${then}
        ORDER BY investor_id, as_of_date DESC, _version DESC LIMIT 1 BY investor_id) AS h ORDER BY h.investor_id`,
    parameters(asked),
  );
  return z.array(navRollRow).parse(rows);
};

const name = z.object({ id: z.string(), name: z.string() });

/** Names of investors and investments of a fund by id, as they are now. */
export const namesOf = async (snapshot: Snapshot, fundId: string): Promise<ReadonlyMap<string, string>> => {
  const rows = await snapshot.rows(
    name,
    `SELECT DISTINCT i.investor_id AS id, i.investor_name AS name FROM commitments c JOIN investors i USING (investor_id) WHERE c.fund_id = $1
      UNION ALL SELECT investment_id, portfolio_company FROM investments WHERE fund_id = $1`,
    [fundId],
  );
  return new Map(rows.map(({ id, name: words }) => [id, words]));
};

export const quarterRow = z.object({
  quarter_end: localDate.describe('Last day of the quarter, or the last fact date in the running one.'),
  as_of_date: localDate.describe('Fact date of the figures.'),
  contributions: money.describe('Paid in since inception.'),
  distributions: money.describe('Distributed since inception.'),
  cumulative_net_flow: money.describe('Distributed less paid in: the J-curve.'),
  nav: moneyOrUnknown,
  net_value: moneyOrUnknown.describe('Cumulative net flow and net asset value.'),
});
export type QuarterRow = z.output<typeof quarterRow>;

/** The J-curve of a fund by quarter. */
export const quartersOf = (snapshot: Snapshot, { fundId, asOf }: Asked): Promise<readonly QuarterRow[]> =>
  snapshot.rows(
    quarterRow,
    `WITH facts AS (SELECT as_of_date, coalesce(called_capital, 0.00) AS paid, coalesce(distributed_capital, 0.00) AS received, nav FROM fund_performance
        WHERE fund_id = $1 AND investor_id IS NULL AND investment_id IS NULL AND ($2::date IS NULL OR as_of_date <= $2::date)),
      ends AS (SELECT min(as_of_date) AS first_day, max(as_of_date) AS last_day FROM facts),
      quarters AS (SELECT least((q + interval '3 months' - interval '1 day')::date, last_day) AS quarter_end
        FROM ends, generate_series(date_trunc('quarter', first_day), date_trunc('quarter', last_day), interval '3 months') AS q)
     SELECT ${dateText('q.quarter_end')} AS quarter_end, ${dateText('p.as_of_date')} AS as_of_date, p.paid::text AS contributions, p.received::text AS distributions,
            (p.received - p.paid)::text AS cumulative_net_flow, p.nav::text AS nav, (p.received - p.paid + p.nav)::text AS net_value
       FROM quarters q JOIN LATERAL (SELECT * FROM facts WHERE facts.as_of_date <= q.quarter_end ORDER BY facts.as_of_date DESC LIMIT 1) p ON true
      ORDER BY q.quarter_end`,
    [fundId, asOf ?? null],
  );
