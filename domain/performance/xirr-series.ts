// The flows of an XIRR made ready to be solved: netted per day, in years of 365 days from the first, with the bounds between which every
// root lies.
import type { DoubleDouble } from '../numbers/double-double.ts';
import { add, exponential, fromNumber, multiply } from '../numbers/double-double.ts';

export const DAYS_PER_YEAR = 365;

/** Days and years count from the first flow; `logSizes` are ln |amount|. All roots u = ln(1 + r) lie between `low` and `high`. */
export type FlowSeries = {
  readonly days: readonly number[];
  readonly years: Float64Array;
  readonly exact: readonly bigint[];
  readonly amounts: Float64Array;
  readonly signChanges: number;
  readonly spanDays: number;
  readonly low: number;
  readonly high: number;
};

type Flow = { readonly epochDay: number; readonly amount: bigint };

const netPerDay = (flows: readonly Flow[]): readonly Flow[] => {
  const ascending = flows.every((flow, index) => index === 0 || (flows[index - 1]?.epochDay ?? 0) < flow.epochDay);
  if (ascending) return flows.filter((flow) => flow.amount !== 0n);
  const sums = new Map<number, bigint>();
  for (const { epochDay, amount } of flows) sums.set(epochDay, (sums.get(epochDay) ?? 0n) + amount);
  return [...sums]
    .filter(([, amount]) => amount !== 0n)
    .map(([epochDay, amount]) => ({ epochDay, amount }))
    .sort((a, b) => a.epochDay - b.epochDay);
};

/** A bound is exact for two flows, so it is widened a little, and always to include 0. */
const widened = (bound: number): number => bound + Math.sign(bound) * (1e-9 + Math.abs(bound) * 1e-9);

/**
 * Null when no flow is left after netting. The bounds are Cauchy's: beyond ln(sum of the other |a| / |first|) / (first gap) the first flow
 * outweighs all others, and before −ln(sum of the other |a| / |last|) / (last gap) the last one does. For −100 and +101 a day later both
 * are 365 × ln 1.01 = 3.632 or 0. A fixed range such as ln(1e7) would miss rates like 1.4e56 (case X25).
 */
export const flowSeries = (flows: readonly Flow[]): FlowSeries | null => {
  const netted = netPerDay(flows);
  const [first] = netted;
  if (first === undefined) return null;
  const count = netted.length;
  const days = new Array<number>(count);
  const exact = new Array<bigint>(count);
  const years = new Float64Array(count);
  const amounts = new Float64Array(count);
  let signChanges = 0;
  let sizeSum = 0;
  netted.forEach(({ epochDay, amount }, index) => {
    days[index] = epochDay - first.epochDay;
    exact[index] = amount;
    years[index] = (epochDay - first.epochDay) / DAYS_PER_YEAR;
    const value = Number(amount);
    amounts[index] = value;
    sizeSum += Math.abs(value);
    if (index > 0 && value > 0 !== (amounts[index - 1] ?? 0) > 0) signChanges += 1;
  });
  const firstSize = Math.abs(amounts[0] ?? 0);
  const lastSize = Math.abs(amounts[count - 1] ?? 0);
  const firstGap = (years[1] ?? 0) - (years[0] ?? 0);
  const lastGap = (years[count - 1] ?? 0) - (years[count - 2] ?? 0);
  return {
    days,
    years,
    exact,
    amounts,
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
