// What goes into a waterfall: contributions and distributions with their dates, in whole hundredths, ordered by day.
import type { EpochDay } from '../dates/local-date.ts';
import type { Fixed } from '../numbers/fixed.ts';

export type Purpose = 'investment' | 'fee' | 'expense';
export type DistributionKind = 'ordinary' | 'tax' | 'current-income' | 'in-kind';

/** `dueDay` and `drawDay` matter only where terms.prefStart says so; a contribution without a deal belongs to the whole fund. */
export type Contribution = {
  readonly day: EpochDay;
  readonly minor: bigint;
  readonly partner: string | null;
  readonly deal: string | null;
  readonly purpose: Purpose;
  readonly dueDay: EpochDay | null;
  readonly drawDay: EpochDay | null;
};

/**
 * `minor` is gross of `withheldMinor`: tax withheld counts as distributed. `costShare` is the part of the deal's cost realised
 * (0 to 1), null: all of it.
 */
export type Distribution = {
  readonly day: EpochDay;
  readonly minor: bigint;
  readonly partner: string | null;
  readonly deal: string | null;
  readonly kind: DistributionKind;
  readonly costShare: Fixed | null;
};

/** The value of an unrealised deal on a day; `permanent` marks an impairment that is not expected to recover. */
export type Valuation = { readonly day: EpochDay; readonly deal: string; readonly minor: bigint; readonly permanent: boolean };

export type Flows = {
  readonly contributions: readonly Contribution[];
  readonly distributions: readonly Distribution[];
  readonly valuations: readonly Valuation[];
};

export const byDay = (a: { readonly day: EpochDay }, b: { readonly day: EpochDay }): number => a.day - b.day;

/** The day of the last flow, at which totals are struck; null without flows. */
export const lastFlowDay = ({ contributions, distributions }: Flows): EpochDay | null =>
  [...contributions, ...distributions].reduce<EpochDay | null>(
    (last, { day }) => (last === null || day > last ? day : last),
    null,
  );
