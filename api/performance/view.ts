// Replies of performance, NAV roll and J-curve.
import { z } from 'zod';
import { formatMoney, parseMoney } from '#domain/money/money.ts';
import { askedTimes } from '../point-in-time.ts';
import { localDate, meta } from '../shapes.ts';
import type { NavRollRow, PerformanceRow } from './columns.ts';
import { navRollRow, performanceRow, rollAmounts } from './columns.ts';
import { quarterRow } from './query.ts';

const investorName = { investor_name: z.string().nullable() };

export const performanceReply = z.object({
  fund_id: z.string(),
  ...askedTimes,
  fund: performanceRow.nullable().describe('Null while the fund has no figures up to that day.'),
  investors: z.array(performanceRow.extend(investorName)),
  investments: z.array(performanceRow.extend({ portfolio_company: z.string().nullable() })),
  meta,
});
export type PerformanceReply = z.output<typeof performanceReply>;

export const navRollReply = z.object({
  fund_id: z.string(),
  from: localDate.nullable().describe('First day of the period; null is since inception.'),
  ...askedTimes,
  fund: navRollRow.nullable(),
  investors: z.array(navRollRow.extend(investorName)),
  meta,
});
export type NavRollReply = z.output<typeof navRollReply>;

export const jCurveReply = z.object({
  fund_id: z.string(),
  as_of: askedTimes.as_of,
  currency: z.string(),
  quarters: z.array(quarterRow),
  meta,
});
export type JCurveReply = z.output<typeof jCurveReply>;

const byName = <Row extends { readonly investor_name: string | null }>(left: Row, right: Row): number =>
  (left.investor_name ?? '').localeCompare(right.investor_name ?? '', 'en');

/** Rows of a fund apart by subject, with names. */
export const toApiPerformance = (
  rows: readonly PerformanceRow[],
  names: ReadonlyMap<string, string>,
): Pick<PerformanceReply, 'fund' | 'investors' | 'investments'> => ({
  fund: rows.find((row) => row.investor_id === null && row.investment_id === null) ?? null,
  investors: rows
    .filter((row) => row.investor_id !== null)
    .map((row) => ({ ...row, investor_name: names.get(row.investor_id ?? '') ?? null }))
    .sort(byName),
  investments: rows
    .filter((row) => row.investment_id !== null)
    .map((row) => ({ ...row, portfolio_company: names.get(row.investment_id ?? '') ?? null }))
    .sort((left, right) => (left.portfolio_company ?? '').localeCompare(right.portfolio_company ?? '', 'en')),
});

/** Not differences of two rolls: where a period ends, not what happened in it. */
const atTheEnd: ReadonlySet<string> = new Set(['closing_nav', 'accrued_carried_interest', 'net_nav']);
const minor = (text: string): bigint => {
  const parsed = parseMoney(text);
  if (parsed.kind === 'error') throw new Error(`the store has ${text} where money stands: ${parsed.reason}`);
  return parsed.minor;
};

/** The roll over a period: what two rolls since inception differ by, opened with the earlier closing value. */
export const rollBetween = (later: NavRollRow, earlier: NavRollRow | undefined): NavRollRow =>
  earlier === undefined
    ? later
    : {
        ...later,
        ...Object.fromEntries(
          rollAmounts
            .filter((name) => !atTheEnd.has(name))
            .map((name) => [
              name,
              name === 'opening_nav' ? earlier.closing_nav : formatMoney(minor(later[name]) - minor(earlier[name])),
            ]),
        ),
      };

/** Rolls of a fund apart by subject, with names; over a period when there are earlier ones. */
export const toApiNavRolls = (
  rows: readonly NavRollRow[],
  earlier: readonly NavRollRow[],
  names: ReadonlyMap<string, string>,
): Pick<NavRollReply, 'fund' | 'investors'> => {
  const before = new Map(earlier.map((row) => [row.investor_id, row]));
  const rolls = rows.map((row) => rollBetween(row, before.get(row.investor_id)));
  return {
    fund: rolls.find((row) => row.investor_id === null) ?? null,
    investors: rolls
      .filter((row) => row.investor_id !== null)
      .map((row) => ({ ...row, investor_name: names.get(row.investor_id ?? '') ?? null }))
      .sort(byName),
  };
};
