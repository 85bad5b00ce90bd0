// Finding, certifying and polishing one root of a flow series. Search is done in doubles; the last correction and every
// question whether a value is exactly zero are answered with 31 digits.
import {
  add,
  divideByNumber,
  type DoubleDouble,
  exponential,
  fromInteger,
  fromNumber,
  multiply,
  power,
} from '../numbers/double-double.ts';
import { type GapTable, polishByHorner, type Sides, sidesByHorner } from './xirr-horner.ts';
import { DAYS_PER_YEAR, type FlowSeries } from './xirr-series.ts';

/**
 * A sum of exponentials c_i e^(−u t_i): the flows themselves, or a derivative of them, whose coefficients may be too large or
 * small for a double and are then given by `logSizes` (ln |c_i|) while `amounts` are only their signs.
 */
export type ExponentialSum = {
  readonly years: Float64Array;
  readonly amounts: Float64Array;
  readonly logSizes?: Float64Array;
  readonly gaps?: GapTable | null;
};

const EXPONENT_SAFE = 600;
const STEPS_MAX = 400;

/** ln |c_i| of every term. */
export const logSizesOf = (sum: ExponentialSum): Float64Array =>
  sum.logSizes ?? sum.amounts.map((amount) => Math.log(Math.abs(amount)));

/** The positive and the negative terms at u, each with its time-weighted sum, on a common scale that cannot overflow. */
const sidesAt = (sum: ExponentialSum, u: number): Sides => {
  const { years, amounts } = sum;
  const count = amounts.length;
  const direct = sum.logSizes === undefined && Math.abs(u) * (years[count - 1] ?? 0) < EXPONENT_SAFE;
  if (direct && sum.gaps) return sidesByHorner(amounts, sum.gaps, u);
  const logs = direct ? amounts : logSizesOf(sum);
  let shift = -Infinity;
  if (!direct) for (let i = 0; i < count; i += 1) shift = Math.max(shift, (logs[i] ?? 0) - u * (years[i] ?? 0));
  let [inflow, outflow, inflowYears, outflowYears] = [0, 0, 0, 0];
  for (let i = 0; i < count; i += 1) {
    const amount = amounts[i] ?? 0;
    const time = years[i] ?? 0;
    const size = direct ? Math.abs(amount) * Math.exp(-u * time) : Math.exp((logs[i] ?? 0) - u * time - shift);
    if (amount > 0) {
      inflow += size;
      inflowYears += size * time;
    } else {
      outflow += size;
      outflowYears += size * time;
    }
  }
  return { inflow, outflow, inflowYears, outflowYears };
};

/** Sign of the sum at u, or 0 when rounding in doubles leaves it open. */
export const roughSign = (sum: ExponentialSum, u: number): -1 | 0 | 1 => {
  const { inflow, outflow } = sidesAt(sum, u);
  const span = Math.abs(u) * (sum.years[sum.years.length - 1] ?? 0);
  const doubt = (inflow + outflow) * 4e-16 * (sum.amounts.length + 2 * span);
  return inflow - outflow > doubt ? 1 : outflow - inflow > doubt ? -1 : 0;
};

/** Two points at which a sum has opposite signs. */
export type Bracket = { readonly low: number; readonly high: number; readonly positiveAtLow: boolean };

/**
 * The root between two points at which the sum has opposite signs: Newton on ln(inflow / outflow), which is nearly a straight
 * line in u, kept inside the bracket by bisection until a step is smaller than `within`; as Newton doubles the digits, the
 * error left is about its square. Starts at 0 when the bracket contains it, as the bounds of a series do.
 */
export const solveBracketed = (sum: ExponentialSum, bracket: Bracket, within = 1e-13): number => {
  let [left, right] = [bracket.low, bracket.high];
  let u = left < 0 && right > 0 ? 0 : (left + right) / 2;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const { inflow, outflow, inflowYears, outflowYears } = sidesAt(sum, u);
    if (inflow === outflow) return u;
    if (inflow > outflow === bracket.positiveAtLow) left = u;
    else right = u;
    const next = u + Math.log(inflow / outflow) / (inflowYears / inflow - outflowYears / outflow);
    const target = next > left && next < right ? next : (left + right) / 2;
    if (Math.abs(target - u) <= 2e-16 * Math.abs(u) || right - left <= 2e-16 * Math.abs(u)) return target;
    if (Math.abs(target - u) < within && next === target) return target;
    u = target;
  }
  return u;
};

/**
 * Whether the balance discounted at the root u keeps one sign until the last flow. Then u is the only root: value / (u' − u) is
 * the Laplace transform of that balance, and a transform has no more zeros than its original has changes of sign.
 */
export const holdsOneSign = (series: FlowSeries, u: number): boolean => {
  const { years, amounts } = series;
  const count = amounts.length;
  if (Math.abs(u) * (years[count - 1] ?? 0) > EXPONENT_SAFE) return false;
  let [balance, size] = [0, 0];
  const sign = (amounts[0] ?? 0) > 0 ? 1 : -1;
  for (let i = 0; i < count - 1; i += 1) {
    const worth = (amounts[i] ?? 0) * Math.exp(-u * (years[i] ?? 0));
    balance += worth;
    size += Math.abs(worth);
    if (balance * sign <= size * 1e-11) return false;
  }
  return true;
};

const exactAmounts = ({ netted }: FlowSeries): readonly bigint[] => netted.map(({ amount }) => amount);

type PreciseValue = { readonly value: DoubleDouble; readonly size: number; readonly slope: number };

/** Value, sum of sizes and d value / du at u with 31 digits, relative to the heaviest term (so that nothing overflows). */
const preciseValue = (series: FlowSeries, amounts: readonly bigint[], u: DoubleDouble): PreciseValue => {
  const { days, years } = series;
  const count = amounts.length;
  let [heaviest, weight] = [0, -Infinity];
  for (let i = 0; i < count; i += 1) {
    const log = Math.log(Math.abs(Number(amounts[i] ?? 0n))) - u.high * (years[i] ?? 0);
    if (log > weight) [heaviest, weight] = [i, log];
  }
  const daily = divideByNumber(u, DAYS_PER_YEAR);
  const steps = [exponential(multiply(daily, fromNumber(-1))), exponential(daily)] as const;
  const powers = [new Map<number, DoubleDouble>(), new Map<number, DoubleDouble>()] as const;
  let value = fromNumber(0);
  let [size, slope] = [0, 0];
  const addTerm = (index: number, factor: DoubleDouble): void => {
    const term = multiply(fromInteger(amounts[index] ?? 0n), factor);
    value = add(value, term);
    size += Math.abs(term.high);
    slope -= term.high * ((years[index] ?? 0) - (years[heaviest] ?? 0));
  };
  addTerm(heaviest, fromNumber(1));
  for (const direction of [0, 1] as const) {
    const move = direction === 0 ? 1 : -1;
    let factor = fromNumber(1);
    for (let i = heaviest + move; i >= 0 && i < count; i += move) {
      const gap = Math.abs((days[i] ?? 0) - (days[i - move] ?? 0));
      let step = powers[direction].get(gap);
      if (step === undefined) powers[direction].set(gap, (step = power(steps[direction], gap)));
      factor = multiply(factor, step);
      addTerm(i, factor);
    }
  }
  return { value, size, slope };
};

/** Sign of the value at u; 0 means zero to 20 digits, which for whole cents is zero. */
export const valueSign = (series: FlowSeries, u: number): -1 | 0 | 1 => {
  const rough = roughSign(series, u);
  if (rough !== 0) return rough;
  const { value, size } = preciseValue(series, exactAmounts(series), fromNumber(u));
  return Math.abs(value.high) < size * 1e-20 ? 0 : value.high > 0 ? 1 : -1;
};

/**
 * Newton's last steps with 31 digits. A root of even order is polished as a root of the slope, sum of t_i a_i e^(−u t_i), where
 * it is simple.
 */
export const polishRoot = (series: FlowSeries, u: number, status: 'ok' | 'double_root'): DoubleDouble => {
  const amounts =
    status === 'ok'
      ? exactAmounts(series)
      : exactAmounts(series).map((amount, index) => amount * BigInt(series.days[index] ?? 0));
  let root = fromNumber(u);
  for (let step = 0; step < 12; step += 1) {
    const { value, size, slope } = preciseValue(series, amounts, root);
    if (Math.abs(value.high) <= size * 1e-26 || slope === 0) return root;
    const correction = -value.high / slope;
    root = add(root, fromNumber(correction));
    // Newton doubles the digits: after a correction below 1e-10 the root is good to 20 digits.
    if (Math.abs(correction) < 1e-10) return root;
  }
  return root;
};

/** The same for a root that is known to be the only one and simple: one compensated step where the amounts allow it. */
export const polishOnlyRoot = (series: FlowSeries, u: number): DoubleDouble => {
  const { gaps, amounts, areExact, spanDays } = series;
  const isTame = areExact && gaps !== null && (Math.abs(u) * spanDays) / DAYS_PER_YEAR < EXPONENT_SAFE;
  return isTame ? polishByHorner(amounts, gaps, u) : polishRoot(series, u, 'ok');
};
