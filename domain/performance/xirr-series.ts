// The flows of an XIRR made ready to be solved: netted per day, in years of 365 days from the first, with the bounds between
// which every root lies.
import { add, type DoubleDouble, exponential, fromNumber, multiply } from '../numbers/double-double.ts';
import { gapTable, type GapTable } from './xirr-horner.ts';

export const DAYS_PER_YEAR = 365;

/** Days and years count from the first flow. All roots u = ln(1 + r) lie between `low` and `high`. */
export type FlowSeries = {
  readonly netted: readonly Flow[];
  readonly days: Int32Array;
  readonly years: Float64Array;
  readonly amounts: Float64Array;
  readonly gaps: GapTable | null;
  /** Every amount is exactly a double (below 2^53). */
  readonly areExact: boolean;
  readonly signChanges: number;
  readonly spanDays: number;
  readonly low: number;
  readonly high: number;
};

type Flow = { readonly epochDay: number; readonly amount: bigint };

/** Whether the flows are as a series needs them already: ascending, one a day, none zero. */
const isNetted = (flows: readonly Flow[]): boolean => {
  let before = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < flows.length; index += 1) {
    const flow = flows[index] as Flow;
    if (flow.epochDay <= before || flow.amount === 0n) return false;
    before = flow.epochDay;
  }
  return true;
};

const netPerDay = (flows: readonly Flow[]): readonly Flow[] => {
  if (isNetted(flows)) return flows;
  const sums = new Map<number, bigint>();
  for (const { epochDay, amount } of flows) sums.set(epochDay, (sums.get(epochDay) ?? 0n) + amount);
  return [...sums]
    .filter(([, amount]) => amount !== 0n)
    .map(([epochDay, amount]) => ({ epochDay, amount }))
    .sort((x, y) => x.epochDay - y.epochDay);
};

/** A bound is exact for two flows, so it is widened a little, and always to include 0. */
const widened = (bound: number): number => bound + Math.sign(bound) * (1e-9 + Math.abs(bound) * 1e-9);

/**
 * Null when no flow is left after netting. The bounds are Cauchy's: beyond ln(sum of the other |a| / |first|) / (first gap) the
 * first flow outweighs all others, and before −ln(sum of the other |a| / |last|) / (last gap) the last one does. For −100 and
 * +101 a day later both are 365 × ln 1.01 = 3.632 or 0. A fixed range such as ln(1e7) would miss rates like 1.4e56 (case X25).
 */
export const flowSeries = (flows: readonly Flow[]): FlowSeries | null => {
  const netted = netPerDay(flows);
  const [first] = netted;
  if (first === undefined) return null;
  const count = netted.length;
  const days = new Int32Array(count);
  const years = new Float64Array(count);
  const amounts = new Float64Array(count);
  let signChanges = 0;
  let sizeSum = 0;
  let areExact = true;
  const firstDay = first.epochDay;
  let before = 0;
  for (let index = 0; index < count; index += 1) {
    const flow = netted[index] as Flow;
    const value = Number(flow.amount);
    const day = flow.epochDay - firstDay;
    days[index] = day;
    years[index] = day / DAYS_PER_YEAR;
    amounts[index] = value;
    const size = Math.abs(value);
    sizeSum += size;
    if (size > Number.MAX_SAFE_INTEGER) areExact = false;
    if (index > 0 && value > 0 !== before > 0) signChanges += 1;
    before = value;
  }
  const firstSize = Math.abs(amounts[0] ?? 0);
  const lastSize = Math.abs(amounts[count - 1] ?? 0);
  const firstGap = (years[1] ?? 0) - (years[0] ?? 0);
  const lastGap = (years[count - 1] ?? 0) - (years[count - 2] ?? 0);
  return {
    netted,
    days,
    years,
    amounts,
    gaps: gapTable(days),
    areExact,
    signChanges,
    spanDays: days[count - 1] ?? 0,
    low: count < 2 ? 0 : Math.min(0, widened(-Math.log((sizeSum - lastSize) / lastSize) / lastGap)),
    high: count < 2 ? 0 : Math.max(0, widened(Math.log((sizeSum - firstSize) / firstSize) / firstGap)),
  };
};

/** The root of a whole span from a yearly one: u × days / 365 (for a return that must not be annualised). */
export const toSeriesUnit = (u: DoubleDouble, spanDays: number): DoubleDouble =>
  multiply(u, fromNumber(spanDays / DAYS_PER_YEAR));

/** e^u − 1. */
export const rateOf = (u: DoubleDouble): number => {
  const shifted = add(exponential(u), fromNumber(-1));
  return shifted.high + shifted.low;
};
