// One waterfall over time: contributions and distributions of a fund, of a deal, or of the realised deals of an American fund,
// in order of date.
import type { EpochDay } from '../dates/local-date.ts';
import { type Fixed, fixedFromInteger, isPositive, larger, ONE, times } from '../numbers/fixed.ts';
import { type Balance, payDue } from './balance.ts';
import {
  type BalanceFactory,
  type Capital,
  createBalanceFactory,
  depositAll,
  isReturned,
  type Receipt,
  replayBalances,
  shareOfCapital,
} from './capital.ts';
import { interimClawback, interimDays } from './clawback.ts';
import { byDay, type Contribution } from './flows.ts';
import { payHurdles } from './hurdles.ts';
import type { Realisation } from './realisation.ts';
import type { Terms } from './terms.ts';
import { roundTiers, tierList, type TiersMinor } from './tier-amounts.ts';
import { costBasis, payCarryTiers, payTaxAdvance, type Progress, startProgress } from './tiers.ts';

/** All distributions of one day that are paid as one. */
export type DayDistribution = {
  readonly day: EpochDay;
  readonly minor: bigint;
  readonly deals: readonly string[];
  readonly isTax: boolean;
};

/**
 * One distribution through the tiers. `carrySoFar` and `potentialClawback` are exact, in cents; the latter is null where carry
 * has no one rate.
 */
export type PaidDistribution = DayDistribution & {
  readonly tiers: TiersMinor;
  readonly lpMinor: bigint;
  readonly gpMinor: bigint;
  readonly carry: Fixed;
  readonly potentialClawback: Fixed | null;
};

export type InterimClawback = { readonly day: EpochDay; readonly due: Fixed };

/** Where a waterfall stands at its last day. `receipts` are what LPs got, exact, carry clawed back included. */
export type PoolResult = {
  readonly paid: readonly PaidDistribution[];
  readonly progress: Progress;
  readonly capital: Fixed;
  readonly pref: Fixed;
  readonly receipts: readonly Receipt[];
  readonly interim: readonly InterimClawback[];
};

/** `lastDay` is the day at which totals are struck. */
export type PoolInput = {
  readonly terms: Terms;
  readonly contributions: readonly Contribution[];
  readonly distributions: readonly DayDistribution[];
  readonly realisation: Realisation;
  readonly lastDay: EpochDay;
};

/** Carry paid so far − carry × max(0, distributed so far − contributions of realised deals), not below 0. */
export const potentialClawbackOf = (terms: Terms, carry: Fixed, distributed: Fixed, contributed: Fixed): Fixed | null =>
  terms.hurdles !== null || terms.carrySteps.length > 1
    ? null
    : larger(0n, carry - times(terms.carry, larger(0n, distributed - contributed)));

type Pool = {
  readonly terms: Terms;
  readonly make: BalanceFactory;
  readonly progress: Progress;
  readonly joined: Map<Contribution, Fixed>;
  readonly receipts: Receipt[];
  balances: readonly Balance[];
  day: EpochDay;
};

/**
 * Takes in what has come into the pool by a day, without accruing to it: pref accrues from flow to flow, and a test that finds
 * nothing due is no flow (30/360 counts another number of days when it is parted). New capital enters at its own date. Capital of deals realised only now joins,
 * under floor, with the pref accrued since its own date; under look-back (and with hurdles, whose balances look back by nature)
 * the pool is replayed.
 */
const takeIn = (pool: Pool, contributions: readonly Contribution[], realisation: Realisation, day: EpochDay): void => {
  const { terms, joined, progress } = pool;
  const looksBack = terms.hurdles !== null || terms.overDistribution !== 'floor';
  const changes = contributions.flatMap((contribution) => {
    if (contribution.day > day || !isReturned(terms, contribution)) return [];
    const change = realisation(contribution, day) - (joined.get(contribution) ?? 0n);
    return change === 0n || (change < 0n && !looksBack) ? [] : [{ contribution, change }];
  });
  for (const { contribution, change } of changes) {
    joined.set(contribution, (joined.get(contribution) ?? 0n) + change);
    progress.contributed += shareOfCapital(contribution, change).amount;
  }
  if (looksBack && changes.some(({ contribution, change }) => contribution.day <= pool.day || change < 0n)) {
    const capital = [...joined].map(([contribution, share]): Capital => shareOfCapital(contribution, share));
    pool.balances = replayBalances(pool.make, terms, capital, pool.receipts);
  } else {
    const arrivals = changes.map(({ contribution, change }): Capital & { readonly day: EpochDay } => {
      const joinsOn = contribution.day >= pool.day ? contribution.day : day;
      return { ...shareOfCapital(contribution, change), joinsOn, day: joinsOn };
    });
    for (const capital of arrivals.sort(byDay)) {
      depositAll(pool.balances, terms, capital);
      useReturnedAhead(pool, capital.amount);
    }
  }
  pool.day = day;
};

const accrueTo = (pool: Pool, day: EpochDay): void => {
  for (const balance of pool.balances) balance.accrueTo(day);
};

/** Committed capital that came back before it was called is no longer owed when the call comes. */
const useReturnedAhead = ({ progress, balances }: Pool, amount: Fixed): void => {
  const used = progress.returnedAhead < amount ? progress.returnedAhead : amount;
  if (used <= 0n) return;
  progress.returnedAhead -= used;
  for (const balance of balances) balance.payCapital(used);
};

const distribute = (pool: Pool, distribution: DayDistribution): PaidDistribution => {
  const { terms, progress, balances } = pool;
  const before = { carry: progress.carry, lp: progress.lpReceipts, distributed: progress.distributed };
  const amount = fixedFromInteger(distribution.minor);
  accrueTo(pool, distribution.day);
  const [balance] = balances;
  if (balance === undefined) throw new Error('a waterfall has no balance; this is a defect of the waterfall');
  const exact =
    terms.hurdles !== null
      ? payHurdles(terms, terms.hurdles, balances, amount, progress)
      : distribution.isTax
        ? payTaxAdvance(amount, progress)
        : payCarryTiers(terms, balance, amount, progress);
  const tiers = roundTiers(exact, distribution.minor, terms.tierOrder === 'pref-first');
  const gross = terms.hurdles !== null && terms.hurdleFlows === 'deal-gross';
  pool.receipts.push({
    day: distribution.day,
    amount: gross ? progress.distributed - before.distributed : progress.lpReceipts - before.lp,
  });
  return {
    ...distribution,
    tiers,
    lpMinor: tierList(tiers).reduce((sum, tier) => sum + tier.lpMinor, 0n),
    gpMinor: tierList(tiers).reduce((sum, tier) => sum + tier.gpMinor, 0n),
    carry: progress.carry - before.carry,
    potentialClawback: potentialClawbackOf(terms, progress.carry, progress.distributed, progress.contributed),
  };
};

/** Carry that goes back between times (terms.clawback.when) is an LP receipt of that day. */
const clawBackBetween = (pool: Pool, day: EpochDay): Fixed => {
  const { terms, progress, balances } = pool;
  const capital = [...pool.joined].map(([contribution, share]) => shareOfCapital(contribution, share));
  const { carry: carryPaid, distributed } = progress;
  const due = interimClawback(terms, {
    carryPaid,
    distributed,
    contributed: costBasis(terms, progress),
    capital,
    receipts: pool.receipts,
    day,
    make: pool.make,
  });
  if (!isPositive(due)) return 0n;
  accrueTo(pool, day);
  progress.carry -= due;
  progress.lpReceipts += due;
  // It pays what is due like any receipt; only look-back lets the rest lower K.
  for (const balance of balances) {
    const { rest } = payDue(balance, due, terms.tierOrder);
    if (terms.overDistribution !== 'floor') balance.payCapital(rest);
  }
  pool.receipts.push({ day, amount: due });
  return due;
};

/**
 * Runs one waterfall. Contributions count before distributions of the same day. Nothing that was rounded is fed back: each
 * distribution is rounded on its own to its amount. Worked numbers: payCarryTiers, payHurdles. Source: design 5 "Exactness",
 * "Order", "american".
 */
export const runPool = ({ terms, contributions, distributions, realisation, lastDay }: PoolInput): PoolResult => {
  const make = createBalanceFactory(terms);
  const ordered = [...contributions].sort(byDay);
  const pool: Pool = {
    terms,
    make,
    progress: startProgress(),
    joined: new Map(),
    receipts: [],
    balances: make(),
    day: Number.NEGATIVE_INFINITY,
  };
  const paid: PaidDistribution[] = [];
  const interim: InterimClawback[] = [];
  const testDays = interimDays(terms, distributions, lastDay);
  const test = (day: EpochDay): void => {
    const due = clawBackBetween(pool, day);
    if (due > 0n) interim.push({ day, due });
  };
  let tested = 0;
  const testBefore = (day: EpochDay): void => {
    for (let next = testDays[tested]; next !== undefined && next < day; next = testDays[tested]) {
      takeIn(pool, ordered, realisation, next);
      test(next);
      tested += 1;
    }
  };
  [...distributions].sort(byDay).forEach((distribution, index, all) => {
    testBefore(distribution.day);
    takeIn(pool, ordered, realisation, distribution.day);
    paid.push(distribute(pool, distribution));
    if (terms.clawback?.when === 'each-distribution' && all[index + 1]?.day !== distribution.day) test(distribution.day);
  });
  testBefore(lastDay);
  takeIn(pool, ordered, realisation, lastDay);
  accrueTo(pool, lastDay);
  const [balance] = pool.balances;
  return {
    paid,
    progress: pool.progress,
    capital: balance?.capital() ?? 0n,
    pref: balance?.pref() ?? 0n,
    receipts: pool.receipts,
    interim,
  };
};

/** Everything contributed up to a day, whole, as the clawback counts it. */
export const wholeCapital = (terms: Terms, contributions: readonly Contribution[]): readonly Capital[] =>
  contributions
    .filter((contribution) => isReturned(terms, contribution))
    .map((contribution) => shareOfCapital(contribution, ONE));
