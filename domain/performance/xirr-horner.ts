// The fast way to evaluate a flow series: e^(−u gap / 365) once per distinct gap between flows (monthly flows have four), then
// Horner's scheme from the last flow to the first, one multiplication a flow. The residual is evaluated with compensation
// (Graillat, Langlois, Louvet 2009), as if in twice the digits.
import { add, divideByNumber, type DoubleDouble, exponential, fromNumber, multiply, power } from '../numbers/double-double.ts';

/** Distinct gaps in days and, for each flow but the last, which of them leads to the next flow. */
export type GapTable = { readonly days: readonly number[]; readonly toNext: Uint8Array };

const GAPS_MAX = 256;
const SPLITTER = 134_217_729;
const DAYS_PER_YEAR = 365;

/** Place of every short gap in the table under way, 0 for none: looked up instead of searched for, and empty between two calls. */
const shortGaps = new Uint16Array(1_024);

const forget = (distinct: readonly number[]): void => {
  for (const gap of distinct) if (gap < shortGaps.length) shortGaps[gap] = 0;
};

/** Null when there are more distinct gaps than a byte can name. */
export const gapTable = (days: Int32Array): GapTable | null => {
  const distinct: number[] = [];
  const toNext = new Uint8Array(days.length);
  const last = days.length - 1;
  for (let i = 0; i < last; i += 1) {
    const gap = (days[i + 1] ?? 0) - (days[i] ?? 0);
    const isShort = gap < shortGaps.length;
    let place = isShort ? (shortGaps[gap] ?? 0) - 1 : distinct.indexOf(gap);
    if (place < 0) {
      place = distinct.length;
      if (place === GAPS_MAX) {
        forget(distinct);
        return null;
      }
      distinct.push(gap);
      if (isShort) shortGaps[gap] = place + 1;
    }
    toNext[i] = place;
  }
  forget(distinct);
  return { days: distinct, toNext };
};

export type Sides = {
  readonly inflow: number;
  readonly outflow: number;
  readonly inflowYears: number;
  readonly outflowYears: number;
};

/** Positive and negative terms at u and their time-weighted sums: P(k) = a(k) + z P(k+1), T(k) = z (T(k+1) + gap P(k+1)). */
export const sidesByHorner = (amounts: Float64Array, gaps: GapTable, u: number): Sides => {
  const kinds = gaps.days.length;
  const years = new Float64Array(kinds + 1);
  const factors = new Float64Array(kinds + 1);
  for (let k = 0; k < kinds; k += 1) {
    const gap = (gaps.days[k] ?? 0) / DAYS_PER_YEAR;
    years[k] = gap;
    factors[k] = Math.exp(-u * gap);
  }
  const { toNext } = gaps;
  let [inflow, outflow, inflowYears, outflowYears] = [0, 0, 0, 0];
  for (let i = amounts.length - 1; i >= 0; i -= 1) {
    const place = toNext[i] ?? 0;
    const factor = factors[place] ?? 0;
    const gap = years[place] ?? 0;
    const amount = amounts[i] ?? 0;
    inflowYears = factor * (inflowYears + gap * inflow);
    outflowYears = factor * (outflowYears + gap * outflow);
    inflow = factor * inflow + (amount > 0 ? amount : 0);
    outflow = factor * outflow - (amount > 0 ? 0 : amount);
  }
  return { inflow, outflow, inflowYears, outflowYears };
};

/**
 * Powers of a daily factor by whole days: where many gaps lie close together one multiplication for each day up to the longest is
 * less than a power for each gap.
 */
const dailyPowers = (daily: DoubleDouble, gaps: readonly number[]): ((days: number) => DoubleDouble) => {
  let longest = 0;
  for (const gap of gaps) if (gap > longest) longest = gap;
  if (longest > gaps.length * 6) return (days) => power(daily, days);
  const powers: DoubleDouble[] = [fromNumber(1)];
  for (let day = 1; day <= longest; day += 1) powers.push(multiply(powers[day - 1] ?? daily, daily));
  return (days) => powers[days] ?? daily;
};

/** The value at u with twice the digits of a double, for amounts that are exact doubles. */
const residualByHorner = (amounts: Float64Array, gaps: GapTable, u: DoubleDouble): number => {
  const powerOf = dailyPowers(exponential(divideByNumber(multiply(u, fromNumber(-1)), DAYS_PER_YEAR)), gaps.days);
  const count = gaps.days.length;
  const highs = new Float64Array(count);
  const lows = new Float64Array(count);
  const splits = new Float64Array(count);
  for (let k = 0; k < count; k += 1) {
    const factor = powerOf(gaps.days[k] ?? 0);
    const big = SPLITTER * factor.high;
    highs[k] = factor.high;
    lows[k] = factor.low;
    splits[k] = big - (big - factor.high);
  }
  let value = amounts[amounts.length - 1] ?? 0;
  let error = 0;
  for (let i = amounts.length - 2; i >= 0; i -= 1) {
    const place = gaps.toNext[i] ?? 0;
    const factor = highs[place] ?? 0;
    const factorHigh = splits[place] ?? 0;
    const factorLow = factor - factorHigh;
    const product = value * factor;
    const big = SPLITTER * value;
    const valueHigh = big - (big - value);
    const valueLow = value - valueHigh;
    const lost = valueLow * factorLow - (product - valueHigh * factorHigh - valueLow * factorHigh - valueHigh * factorLow);
    const amount = amounts[i] ?? 0;
    const sum = product + amount;
    const shifted = sum - product;
    error = error * factor + (lost + (product - (sum - shifted)) + (amount - shifted) + value * (lows[place] ?? 0));
    value = sum;
  }
  return value + error;
};

/** One last Newton step from a root found in doubles: u − value / slope, good to about 30 digits when the start is good to 15. */
export const polishByHorner = (amounts: Float64Array, gaps: GapTable, u: number): DoubleDouble => {
  const { inflowYears, outflowYears } = sidesByHorner(amounts, gaps, u);
  const slope = outflowYears - inflowYears;
  const start = fromNumber(u);
  return slope === 0 ? start : add(start, fromNumber(-residualByHorner(amounts, gaps, start) / slope));
};
