// The internal rate of return of dated flows: the rate r at which they are worth nothing today, sum a_i (1 + r)^(−days_i / 365)
// = 0. The result is exact to 15 digits or says by name why there is none; it is never a guess, a zero or the number at which
// an iteration stopped.
import type { DoubleDouble } from '../numbers/double-double.ts';
import { isolateRoots } from './xirr-isolation.ts';
import { type FlowSeries, flowSeries, toSeriesUnit } from './xirr-series.ts';
import { holdsOneSign, polishOnlyRoot, polishRoot, solveBracketed, valueSign } from './xirr-solve.ts';
import { rateText } from './xirr-text.ts';

/** One cash flow: a day and a whole number of any unit (hundredths as a rule); money paid in is negative. */
export type DatedAmount = { readonly epochDay: number; readonly amount: bigint };

/**
 * Rates are decimal strings of 15 significant digits, roots ascending. `periodRate` is the return over the whole span when it
 * is shorter than a year ((1 + rate)^(days / 365) − 1): such a rate must not be shown annualised (GIPS), and it is null for a
 * year or more.
 */
export type XirrResult =
  | {
      readonly status: 'ok' | 'double_root';
      readonly rate: string;
      readonly roots: readonly string[];
      readonly periodRate: string | null;
    }
  | { readonly status: 'multiple_roots'; readonly rate: null; readonly roots: readonly string[]; readonly periodRate: null }
  | { readonly status: 'no_root' | 'no_flows'; readonly rate: null; readonly roots: readonly []; readonly periodRate: null };

/** Enough for the compensated last step, which doubles the digits once more. */
const POLISHED_LATER = 1e-7;

const NO_ROOT: XirrResult = { status: 'no_root', rate: null, roots: [], periodRate: null };

/** For a position whose dated flows are not known: there is nothing to compute, and that is said. */
export const XIRR_NO_FLOWS: XirrResult = { status: 'no_flows', rate: null, roots: [], periodRate: null };

const oneRoot = (status: 'ok' | 'double_root', { spanDays }: FlowSeries, root: DoubleDouble): XirrResult => {
  const rate = rateText(root);
  return { status, rate, roots: [rate], periodRate: spanDays < 365 ? rateText(toSeriesUnit(root, spanDays)) : null };
};

/**
 * Flows of one day are netted and zeros dropped; without both signs there is no root. With u = ln(1 + r) the value is a sum of
 * exponentials in u. One change of sign has exactly one root (Descartes), found by Newton. Otherwise a root is first looked for
 * between the bounds; when the balance discounted at it never changes sign there is no other (a "pure" project: Teichroew,
 * Robichek, Montalbano 1965), else all roots are isolated.
 *
 * Worked: −10000 on 2008-01-01, 2750 on 2008-03-01, 4250 on 2008-10-30, 3250 on 2009-02-15 and 2750 on 2009-04-01 give
 * 0.373362533518832 (the example of Excel's help page, which prints 0.373362535). +100, −230, +132 a year apart give two roots,
 * 0.1 and 0.2, and no rate.
 */
export const xirr = (flows: readonly DatedAmount[]): XirrResult => {
  const series = flowSeries(flows);
  if (series === null || series.signChanges === 0) return NO_ROOT;
  const { low, high } = series;
  const first = series.amounts[0] ?? 0;
  const last = series.amounts[series.amounts.length - 1] ?? 0;
  if (first > 0 !== last > 0) {
    const u = solveBracketed(series, { low, high, positiveAtLow: last > 0 }, POLISHED_LATER);
    if (series.signChanges === 1 || holdsOneSign(series, u)) return oneRoot('ok', series, polishOnlyRoot(series, u));
  }
  const roots = isolateRoots(series, valueSign);
  const [only] = roots;
  if (only === undefined) return NO_ROOT;
  const polished = roots.map(({ u, touches }) => polishRoot(series, u, touches ? 'double_root' : 'ok'));
  const [root] = polished;
  if (root !== undefined && roots.length === 1) return oneRoot(only.touches ? 'double_root' : 'ok', series, root);
  return { status: 'multiple_roots', rate: null, roots: polished.map(rateText), periodRate: null };
};

/**
 * The one rate that a report may print: the rate itself, or of several roots the one nearest 0, which must then be shown as
 * chosen (`isChosen`). Null where there is none. Roots 0.1 and 0.2: 0.1, chosen.
 */
export const reportedRate = ({ rate, roots }: XirrResult): { readonly rate: string; readonly isChosen: boolean } | null => {
  if (rate !== null) return { rate, isChosen: false };
  const [nearest] = [...roots].sort((a, b) => Math.abs(Number(a)) - Math.abs(Number(b)));
  return nearest === undefined ? null : { rate: nearest, isChosen: true };
};
