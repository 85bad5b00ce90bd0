// A waterfall's result in the vocabulary of the cases, the command line and the API: decimal strings, tiers by name.
import { fromEpochDay } from '../dates/local-date.ts';
import { formatMoney } from '../money/money.ts';
import { roundHalfEven } from '../numbers/fixed.ts';
import type { ClawbackResult } from './clawback.ts';
import type { OneWaterfall } from './one-waterfall.ts';
import type { PaidDistribution } from './pool.ts';
import type { WaterfallResult } from './run-waterfall.ts';
import type { Terms } from './terms.ts';
import type { TierMinor, TiersMinor } from './tier-amounts.ts';

export type TierText = { readonly lp: string; readonly gp: string };

export type DistributionText = {
  readonly date: string;
  readonly deal?: string | readonly string[];
  readonly kind?: 'tax';
  readonly amount: string;
  readonly tiers: { readonly [tier: string]: TierText } | readonly TierText[];
  readonly lpTotal: string;
  readonly gpTotal: string;
  readonly potentialClawback?: string;
};

export type ClawbackText = {
  readonly due: string;
  readonly lpAfter: string;
  readonly gpAfter: string;
  readonly unrecovered: string;
} & {
  readonly [figure: string]: string | readonly { readonly date: string; readonly due: string }[];
};

export type TotalsText = {
  readonly lp: string;
  readonly gpCarry: string;
  readonly unreturnedCapital?: string;
  readonly unpaidPref?: string;
};

export type WaterfallText = {
  readonly perDistribution?: readonly DistributionText[];
  readonly perPartner?: { readonly [partner: string]: DistributionText | readonly DistributionText[] };
  readonly totals?: TotalsText;
  readonly gpCarryTotal?: string;
  readonly gpCommitmentShare?: string;
  readonly gpTotalInclCommitment?: string;
  readonly clawback?: ClawbackText | { readonly [partner: string]: ClawbackText };
};

const tierText = ({ lpMinor, gpMinor }: TierMinor): TierText => ({ lp: formatMoney(lpMinor), gp: formatMoney(gpMinor) });

const tiersText = (tiers: TiersMinor): DistributionText['tiers'] =>
  tiers.kind === 'hurdles'
    ? tiers.hurdles.map(tierText)
    : {
        returnOfCapital: tierText(tiers.returnOfCapital),
        preferredReturn: tierText(tiers.preferredReturn),
        catchUp: tierText(tiers.catchUp),
        split: tierText(tiers.split),
      };

const dealText = (deals: readonly string[]): string | readonly string[] => (deals.length === 1 ? (deals[0] ?? '') : deals);

const distributionText = (terms: Terms, paid: PaidDistribution): DistributionText => {
  const american = terms.style === 'american';
  return {
    date: fromEpochDay(paid.day),
    ...(american ? { deal: dealText(paid.deals) } : {}),
    ...(paid.isTax ? { kind: 'tax' as const } : {}),
    amount: formatMoney(paid.minor),
    tiers: tiersText(paid.tiers),
    lpTotal: formatMoney(paid.lpMinor),
    gpTotal: formatMoney(paid.gpMinor),
    ...(american && paid.potentialClawback !== null
      ? { potentialClawback: formatMoney(roundHalfEven(paid.potentialClawback)) }
      : {}),
  };
};

const clawbackText = (clawback: ClawbackResult, { lpMinor, gpMinor, interim }: OneWaterfall): ClawbackText => {
  const returned = interim.reduce((sum, { dueMinor }) => sum + dueMinor, 0n);
  return {
    due: formatMoney(clawback.dueMinor),
    lpAfter: formatMoney(lpMinor + returned + clawback.dueMinor),
    gpAfter: formatMoney(gpMinor - returned - clawback.dueMinor),
    unrecovered: formatMoney(clawback.unrecoveredMinor),
    ...(clawback.escrow === null
      ? {}
      : {
          fromEscrow: formatMoney(clawback.escrow.fromEscrowMinor),
          fromGp: formatMoney(clawback.escrow.fromGpMinor),
          escrowReleased: formatMoney(clawback.escrow.escrowReleasedMinor),
        }),
    ...(interim.length === 0
      ? {}
      : { interim: interim.map(({ day, dueMinor }) => ({ date: fromEpochDay(day), due: formatMoney(dueMinor) })) }),
  };
};

const totalsText = ({ lpMinor, gpMinor, unreturnedCapitalMinor, unpaidPrefMinor }: OneWaterfall): TotalsText => ({
  lp: formatMoney(lpMinor),
  gpCarry: formatMoney(gpMinor),
  ...(unreturnedCapitalMinor === null ? {} : { unreturnedCapital: formatMoney(unreturnedCapitalMinor) }),
  ...(unpaidPrefMinor === null ? {} : { unpaidPref: formatMoney(unpaidPrefMinor) }),
});

/**
 * The result as design 5 "Results" shapes it: perDistribution with tiers by name (a list with hurdles), totals, clawback; with
 * a waterfall per partner perPartner (one distribution, or a list if there are several) and gpCarryTotal instead.
 */
export const toWaterfallText = (result: WaterfallResult): WaterfallText => {
  const gpCarryMinor = result.kind === 'fund' ? result.waterfall.gpMinor : result.gpCarryMinor;
  const commitment =
    result.gpCommitmentMinor === null
      ? {}
      : {
          gpCommitmentShare: formatMoney(result.gpCommitmentMinor),
          gpTotalInclCommitment: formatMoney(result.gpCommitmentMinor + gpCarryMinor),
        };
  if (result.kind === 'fund') {
    const { terms, waterfall } = result;
    return {
      perDistribution: waterfall.paid.map((paid) => distributionText(terms, paid)),
      totals: totalsText(waterfall),
      ...commitment,
      ...(waterfall.clawback === null ? {} : { clawback: clawbackText(waterfall.clawback, waterfall) }),
    };
  }
  const perPartner = Object.fromEntries(
    result.partners.map(({ partner, terms, waterfall }) => {
      const list = waterfall.paid.map((paid) => distributionText(terms, paid));
      const [only] = list;
      return [partner, list.length === 1 && only !== undefined ? only : list];
    }),
  );
  const clawbacks = result.partners.flatMap(({ partner, waterfall }) =>
    waterfall.clawback === null ? [] : [[partner, clawbackText(waterfall.clawback, waterfall)] as const],
  );
  return {
    perPartner,
    gpCarryTotal: formatMoney(gpCarryMinor),
    ...commitment,
    ...(clawbacks.length === 0 ? {} : { clawback: Object.fromEntries(clawbacks) }),
  };
};
