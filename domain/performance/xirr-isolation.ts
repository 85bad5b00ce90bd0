// All roots of a flow series, each in its own interval, for series whose sign changes more than once.
import type { FlowSeries } from './xirr-series.ts';
import { type ExponentialSum, logSizesOf, roughSign, solveBracketed } from './xirr-solve.ts';

/** A root in u = ln(1 + r); `touches` when the value reaches zero there without a change of sign. */
export type IsolatedRoot = { readonly u: number; readonly touches: boolean };

type SignAt = (u: number) => -1 | 0 | 1;

const MERGE_WITHIN = 1e-13;
/** Coefficients within e^±300 of one another fit doubles with room for their exponentials. */
const LOG_RANGE_SAFE = 300;

const ascending = (points: readonly number[], low: number, high: number): readonly number[] => {
  const inside = [...points].filter((point) => point > low && point < high).sort((a, b) => a - b);
  return [
    low,
    ...inside.filter((point, index) => index === 0 || point - (inside[index - 1] ?? 0) > MERGE_WITHIN * (1 + Math.abs(point))),
    high,
  ];
};

/** Roots of a sum that is monotone between neighbouring points (times a positive factor), from its signs at the points. */
const rootsBetween = (sum: ExponentialSum, points: readonly number[], signAt: SignAt): readonly IsolatedRoot[] => {
  const signs = points.map((point) => signAt(point));
  const roots: IsolatedRoot[] = [];
  let before = 0;
  points.forEach((point, index) => {
    const sign = signs[index] ?? 0;
    const next = signs[index + 1] ?? 0;
    if (sign === 0) {
      const after = signs.slice(index + 1).find((later) => later !== 0) ?? 0;
      roots.push({ u: point, touches: before === after });
    } else before = sign;
    if (sign * next < 0)
      roots.push({
        u: solveBracketed(sum, { low: point, high: points[index + 1] ?? point, positiveAtLow: sign > 0 }),
        touches: false,
      });
  });
  return roots;
};

/**
 * One change of sign fewer: e^(u s) times the sum, differentiated, with s between two flows of opposite sign; c_i becomes c_i
 * (s − t_i).
 */
const derivedSum = (sum: ExponentialSum): ExponentialSum | null => {
  const { years, amounts } = sum;
  const change = amounts.findIndex((amount, index) => index > 0 && amount > 0 !== (amounts[index - 1] ?? 0) > 0);
  if (change < 0) return null;
  const between = ((years[change - 1] ?? 0) + (years[change] ?? 0)) / 2;
  const logSizes = logSizesOf(sum).map((log, index) => log + Math.log(Math.abs(between - (years[index] ?? 0))));
  const largest = logSizes.reduce((most, log) => Math.max(most, log), -Infinity);
  const isTame = logSizes.every((log) => log > largest - LOG_RANGE_SAFE);
  const signed = amounts.map((amount, index) => {
    const sign = Math.sign(amount) * Math.sign(between - (years[index] ?? 0));
    return isTame ? sign * Math.exp((logSizes[index] ?? 0) - largest) : sign;
  });
  return isTame ? { years, amounts: signed, gaps: sum.gaps ?? null } : { years, amounts: signed, logSizes };
};

const rootsOf = (sum: ExponentialSum, low: number, high: number, signAt: SignAt): readonly IsolatedRoot[] => {
  const derived = derivedSum(sum);
  if (derived === null) return [];
  const parting = rootsOf(derived, low, high, (u) => roughSign(derived, u)).map((root) => root.u);
  return rootsBetween(sum, ascending(parting, low, high), signAt);
};

/**
 * All roots, ascending. By Rolle's theorem the zeros of the derived sum part those of the sum; deriving until no change of sign
 * is left gives all of them from the bottom up. On the lower levels a value that doubles cannot tell from zero only adds a
 * parting point, which does no harm; on the top level `signAt` must be exact. +100, −230, +132 a year apart: parted at r =
 * 0.1478, roots 0.1 and 0.2.
 */
export const isolateRoots = (
  series: FlowSeries,
  signAt: (series: FlowSeries, u: number) => -1 | 0 | 1,
): readonly IsolatedRoot[] => rootsOf(series, series.low, series.high, (u) => signAt(series, u));
