// What the book of a fund is made of: dated entries, each the effect of one event, in whole hundredths. A correction takes its
// entry out, a back-dated booking puts one in between; figures are always a run over the entries by day.
import type { EpochDay } from '../dates/local-date.ts';
import type { DistributionKind } from '../waterfall/flows.ts';

/** Share of one commitment in a distribution or a clawback. */
export type PaidShare = {
  readonly commitment: number;
  readonly grossMinor: bigint;
  readonly carriedMinor: bigint;
  readonly offsetMinor: bigint;
  readonly recallableMinor: bigint;
};

/** Rows of the NAV roll that income and costs go to (domain.md 3.3). */
export type ResultRow =
  | 'management_fees'
  | 'expenses'
  | 'interest_income'
  | 'dividend_income'
  | 'other_income'
  | 'interest_expense';

type Effect =
  | { readonly kind: 'commitment'; readonly commitment: number; readonly deltaMinor: bigint }
  | { readonly kind: 'called'; readonly commitment: number; readonly insideMinor: bigint; readonly outsideMinor: bigint }
  | {
      readonly kind: 'contribution';
      readonly commitment: number;
      readonly investmentMinor: bigint;
      readonly feeMinor: bigint;
      readonly expenseMinor: bigint;
      readonly deal: string | null;
      readonly dueDay: EpochDay | null;
    }
  | {
      readonly kind: 'transfer';
      readonly from: number;
      readonly to: number;
      /** transferred / old amount. */
      readonly movedMinor: bigint;
      readonly ofMinor: bigint;
      readonly calledInsideMinor: bigint;
      readonly calledOutsideMinor: bigint;
      readonly paidInMinor: bigint;
      readonly distributedMinor: bigint;
      readonly recallableMinor: bigint;
    }
  | { readonly kind: 'cost'; readonly deal: string; readonly minor: bigint }
  | { readonly kind: 'value'; readonly deal: string; readonly fairMinor: bigint }
  | {
      readonly kind: 'realisation';
      readonly deal: string;
      readonly proceedsMinor: bigint;
      readonly costMinor: bigint;
      readonly leftFairMinor: bigint;
      readonly isWriteOff: boolean;
    }
  | { readonly kind: 'result'; readonly row: ResultRow; readonly minor: bigint; readonly deal: string | null }
  | {
      readonly kind: 'distribution';
      readonly deal: string | null;
      readonly type: DistributionKind;
      readonly shares: readonly PaidShare[];
    }
  | { readonly kind: 'clawback'; readonly shares: readonly PaidShare[] }
  | {
      readonly kind: 'opening';
      readonly commitment: number;
      readonly calledMinor: bigint;
      readonly distributedMinor: bigint;
      readonly remainingMinor: bigint;
    };

/** `source` is what a correction names: payment, transaction, call, distribution or event id. `order` is the order of recording. */
export type FundEntry = Effect & { readonly day: EpochDay; readonly order: number; readonly source: string };

/** By day, of one day in the order of recording. */
export const byDayAndOrder = (left: FundEntry, right: FundEntry): number => left.day - right.day || left.order - right.order;
