// Figures of a fund on a day: the NAV roll and the performance of each investor, of the fund and of its investments.
import { type EpochDay, fromEpochDay } from '../dates/local-date.ts';
import type { CapitalAccount, HypotheticalLiquidation, NavRoll, Performance, ReturnStatus, Uuid } from '../messages.ts';
import { moicOf, multiplesOf } from '../performance/multiples.ts';
import { type DatedAmount, xirr, XIRR_NO_FLOWS, type XirrResult } from '../performance/xirr.ts';
import { type AccruedCarry, accruedCarryOf } from './accrued-carry.ts';
import type { FundBook } from './book.ts';
import { closingOf, type CommitmentRun, type FundRun, rollRows } from './run.ts';

/** Where and when a figure is true; the shell knows it, the figure carries it. */
export type FactSource = Pick<CapitalAccount, 'source_event' | 'position' | 'recorded_at'>;

/** A record of the topics performance and waterfalls. */
export type Figure =
  | { readonly type: 'Performance'; readonly value: Performance }
  | { readonly type: 'NavRoll'; readonly value: NavRoll }
  | { readonly type: 'HypotheticalLiquidation'; readonly value: HypotheticalLiquidation };

const statuses: Readonly<Record<XirrResult['status'], ReturnStatus>> = {
  ok: 'OK',
  double_root: 'DOUBLE_ROOT',
  multiple_roots: 'MULTIPLE_ROOTS',
  no_root: 'NO_ROOT',
  no_flows: 'NO_FLOWS',
};

/** The value held at the end is received on the day. */
const returnOf = (flows: readonly DatedAmount[], epochDay: EpochDay, valueMinor: bigint): XirrResult =>
  xirr(valueMinor === 0n ? flows : [...flows, { epochDay, amount: valueMinor }]);

/** Totals over some commitments. */
interface Sum {
  readonly rows: Record<(typeof rollRows)[number], bigint>;
  readonly flows: DatedAmount[];
  committedMinor: bigint;
  calledInsideMinor: bigint;
  calledOutsideMinor: bigint;
  paidInMinor: bigint;
  distributedMinor: bigint;
  recallableMinor: bigint;
  accruedMinor: bigint;
  hasOpening: boolean;
}

const emptySum = (): Sum => ({
  rows: Object.fromEntries(rollRows.map((row) => [row, 0n])) as Sum['rows'],
  flows: [],
  committedMinor: 0n,
  calledInsideMinor: 0n,
  calledOutsideMinor: 0n,
  paidInMinor: 0n,
  distributedMinor: 0n,
  recallableMinor: 0n,
  accruedMinor: 0n,
  hasOpening: false,
});

const addTo = (sum: Sum, run: CommitmentRun, accruedMinor: bigint): void => {
  for (const row of rollRows) sum.rows[row] += run.rows[row];
  for (const flow of run.flows) sum.flows.push(flow);
  sum.committedMinor += run.committedMinor;
  sum.calledInsideMinor += run.calledInsideMinor;
  sum.calledOutsideMinor += run.calledOutsideMinor;
  sum.paidInMinor += run.paidInMinor;
  sum.distributedMinor += run.distributedMinor;
  sum.recallableMinor += run.recallableMinor;
  sum.accruedMinor += accruedMinor;
  sum.hasOpening ||= run.hasOpening;
};

/** Sums by investor and of the whole fund after a run. */
export interface FundSums {
  readonly fund: Sum;
  readonly investors: ReadonlyMap<Uuid, Sum>;
  readonly accrued: AccruedCarry;
}

/** Adds a run up by investor. */
export const sumsOf = (book: FundBook, run: FundRun, day: EpochDay): FundSums => {
  const accrued = accruedCarryOf(book, run, day);
  const fund = emptySum();
  const investors = new Map<Uuid, Sum>();
  run.commitments.forEach((commitment, place) => {
    if (!commitment.isThere) return;
    const investorId = book.commitments[place]?.investorId ?? '';
    const sum = investors.get(investorId) ?? emptySum();
    investors.set(investorId, sum);
    const minor = accrued.byCommitment[place] ?? 0n;
    addTo(sum, commitment, minor);
    addTo(fund, commitment, minor);
  });
  for (const row of rollRows) fund.rows[row] += run.unshared[row];
  return { fund, investors, accrued };
};

/** committed − called inside the commitment + recallable (design.md 4). */
export const unfundedOf = ({ committedMinor, calledInsideMinor, recallableMinor }: Sum): bigint =>
  committedMinor - calledInsideMinor + recallableMinor;

/** NAV net of accrued carried interest. */
export const netNavOf = (sum: Sum): bigint => closingOf(sum.rows) - sum.accruedMinor;

const grossOf = (
  run: FundRun,
  day: EpochDay,
  deals: readonly string[],
): { readonly irr: XirrResult; readonly moic: string | null } => {
  const chosen = deals.flatMap((deal) => run.deals.get(deal) ?? []);
  const fairMinor = chosen.reduce((sum, { fairMinor: minor }) => sum + minor, 0n);
  return {
    irr: returnOf(
      chosen.flatMap(({ flows }) => flows),
      day,
      fairMinor,
    ),
    moic: moicOf({
      investedMinor: chosen.reduce((sum, { investedMinor }) => sum + investedMinor, 0n),
      realisedMinor: chosen.reduce((sum, { realisedMinor }) => sum + realisedMinor, 0n),
      unrealisedMinor: fairMinor,
    }),
  };
};

const rollOf = (book: FundBook, investorId: Uuid | null, day: EpochDay, sum: Sum, source: FactSource): Figure => {
  const closing = closingOf(sum.rows);
  return {
    type: 'NavRoll',
    value: {
      fund_id: book.fundId,
      investor_id: investorId,
      as_of_date: fromEpochDay(day),
      currency: book.currency,
      opening_nav: 0n,
      ...sum.rows,
      closing_nav: closing,
      accrued_carried_interest: sum.accruedMinor,
      net_nav: closing - sum.accruedMinor,
      ...source,
    },
  };
};

const performanceOf = (
  book: FundBook,
  investorId: Uuid | null,
  day: EpochDay,
  sum: Sum,
  gross: { readonly irr: XirrResult; readonly moic: string | null },
  source: FactSource,
): Figure => {
  const navMinor = netNavOf(sum);
  const net = sum.hasOpening ? XIRR_NO_FLOWS : returnOf(sum.flows, day, navMinor);
  return {
    type: 'Performance',
    value: {
      fund_id: book.fundId,
      investor_id: investorId,
      investment_id: null,
      as_of_date: fromEpochDay(day),
      currency: book.currency,
      nav: navMinor,
      committed_capital: sum.committedMinor,
      called_capital: sum.paidInMinor,
      distributed_capital: sum.distributedMinor,
      remaining_value: navMinor,
      total_value: sum.distributedMinor + navMinor,
      unfunded_amount: unfundedOf(sum),
      accrued_carried_interest: sum.accruedMinor,
      ...multiplesOf({
        committedMinor: sum.committedMinor,
        paidInMinor: sum.paidInMinor,
        distributedMinor: sum.distributedMinor,
        navMinor,
      }),
      moic: gross.moic,
      irr: net.rate,
      irr_status: statuses[net.status],
      gross_irr: gross.irr.rate,
      gross_irr_status: statuses[gross.irr.status],
      period_return: net.periodRate,
      is_short_span: net.periodRate !== null,
      ...source,
    },
  };
};

const investmentOf = (book: FundBook, run: FundRun, deal: Uuid, day: EpochDay, source: FactSource): readonly Figure[] => {
  const held = run.deals.get(deal);
  if (held === undefined) return [];
  const gross = grossOf(run, day, [deal]);
  return [
    {
      type: 'Performance',
      value: {
        fund_id: book.fundId,
        investor_id: null,
        investment_id: deal,
        as_of_date: fromEpochDay(day),
        currency: book.currency,
        nav: held.fairMinor,
        committed_capital: 0n,
        called_capital: held.investedMinor,
        distributed_capital: held.realisedMinor,
        remaining_value: held.fairMinor,
        total_value: held.realisedMinor + held.fairMinor,
        unfunded_amount: null,
        accrued_carried_interest: null,
        ...multiplesOf({
          committedMinor: 0n,
          paidInMinor: held.investedMinor,
          distributedMinor: held.realisedMinor,
          navMinor: held.fairMinor,
        }),
        moic: gross.moic,
        irr: null,
        irr_status: 'NO_FLOWS',
        gross_irr: gross.irr.rate,
        gross_irr_status: statuses[gross.irr.status],
        period_return: gross.irr.periodRate,
        is_short_span: gross.irr.periodRate !== null,
        ...source,
      },
    },
  ];
};

/** What figures are asked for. */
export interface FigureScope {
  readonly tells: readonly Figure['type'][];
  /** Only the fund as a whole, without its investors and investments. */
  readonly fundOnly: boolean;
}

const liquidationOf = (book: FundBook, day: EpochDay, accrued: AccruedCarry, source: FactSource): Figure => ({
  type: 'HypotheticalLiquidation',
  value: {
    fund_id: book.fundId,
    as_of_date: fromEpochDay(day),
    currency: book.currency,
    nav: accrued.navMinor,
    lp_net: accrued.lpNetMinor,
    accrued_carried_interest: accrued.accruedMinor,
    terms_version: accrued.termsVersion,
    tiers: accrued.tiers,
    error: accrued.error,
    ...source,
  },
});

/** What is true of a fund on a day, after a run up to it. */
export const figuresOf = (
  book: FundBook,
  run: FundRun,
  day: EpochDay,
  { tells, fundOnly }: FigureScope,
  source: FactSource,
): readonly Figure[] => {
  const { fund, investors, accrued } = sumsOf(book, run, day);
  const figures: Figure[] = [];
  if (tells.includes('HypotheticalLiquidation')) figures.push(liquidationOf(book, day, accrued, source));
  const whose = [[null, fund] as const, ...(fundOnly ? [] : investors)];
  if (tells.includes('NavRoll')) for (const [investorId, sum] of whose) figures.push(rollOf(book, investorId, day, sum, source));
  if (tells.includes('Performance')) {
    const gross = grossOf(run, day, [...run.deals.keys()]);
    for (const [investorId, sum] of whose) figures.push(performanceOf(book, investorId, day, sum, gross, source));
    if (!fundOnly) for (const deal of run.deals.keys()) figures.push(...investmentOf(book, run, deal, day, source));
  }
  return figures;
};
