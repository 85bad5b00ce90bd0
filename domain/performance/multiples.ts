// Multiples of money: how much has been paid in, has come back, and is still there, for an investor in a fund, a fund, or an
// investment.
import { ratio } from '../capital-accounts/ratio.ts';

/**
 * What a position has moved, in hundredths. `distributed` counts cash and stock since inception; `nav` is net where the figure
 * is to be net.
 */
export type PositionTotals = {
  readonly committedMinor: bigint;
  readonly paidInMinor: bigint;
  readonly distributedMinor: bigint;
  readonly navMinor: bigint;
};

/** Ten decimals each, null where undefined (nothing paid in or committed): undefined is not zero. */
export type Multiples = {
  readonly pic: string | null;
  readonly dpi: string | null;
  readonly rvpi: string | null;
  readonly tvpi: string | null;
};

/**
 * PIC = paid-in / committed, DPI = distributed / paid-in, RVPI = NAV / paid-in, TVPI = (distributed + NAV) / paid-in, each
 * rounded on its own from the exact quotient: TVPI is not the sum of two rounded figures (0.75 + 0.6667 is 1.4167, not the
 * printed 0.75 + 0.67). 50m paid in of 100m, 30m back, 35m left: 0.5, 0.6, 0.7, 1.3. Source: CFA Institute's checklist for
 * FINRA 20-21; domain 2.2; case D59.
 */
export const multiplesOf = ({ committedMinor, paidInMinor, distributedMinor, navMinor }: PositionTotals): Multiples => ({
  pic: ratio(paidInMinor, committedMinor),
  dpi: ratio(distributedMinor, paidInMinor),
  rvpi: ratio(navMinor, paidInMinor),
  tvpi: ratio(distributedMinor + navMinor, paidInMinor),
});

/**
 * MOIC of an investment, gross: (realised + unrealised value) / invested. 12m invested, 18m back, 6m left: 2.0. Null when
 * nothing was invested.
 */
export const moicOf = ({
  investedMinor,
  realisedMinor,
  unrealisedMinor,
}: {
  readonly investedMinor: bigint;
  readonly realisedMinor: bigint;
  readonly unrealisedMinor: bigint;
}): string | null => ratio(realisedMinor + unrealisedMinor, investedMinor);

/** Calls and distributions where some distributions could be called again, in hundredths. */
export type RecallableFlows = {
  readonly calledMinor: bigint;
  readonly recalledMinor: bigint;
  readonly recallableMinor: bigint;
  readonly otherDistributedMinor: bigint;
};

/**
 * Paid-in and distributed under the two customs. `all-in` (GIPS): what was returned and recalled counts on both sides;
 * `recallable-excluded`: on neither. 40m called, 10m returned and recalled, 20m distributed: 50m and 30m, or 40m and 20m, which
 * makes a TVPI of 1.3 or 1.375 (case D59).
 */
export const countRecallable = (
  { calledMinor, recalledMinor, recallableMinor, otherDistributedMinor }: RecallableFlows,
  method: 'all-in' | 'recallable-excluded',
): { readonly paidInMinor: bigint; readonly distributedMinor: bigint } =>
  method === 'all-in'
    ? { paidInMinor: calledMinor + recalledMinor, distributedMinor: recallableMinor + otherDistributedMinor }
    : { paidInMinor: calledMinor, distributedMinor: otherDistributedMinor };
