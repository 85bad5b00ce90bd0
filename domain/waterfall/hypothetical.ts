// Accrued carry by hypothetical liquidation: what the GP would get if everything were sold today at its value and distributed.
// NAV net of it is what the investors really have.
import type { EpochDay } from '../dates/local-date.ts';
import type { Distribution, Flows } from './flows.ts';
import type { OneWaterfall } from './one-waterfall.ts';
import { runWaterfall } from './run-waterfall.ts';
import type { WaterfallError, WaterfallTerms } from './terms.ts';

/** What is there to be sold, in hundredths, in a European fund as one value, in an American one per deal. */
export type HeldValue = { readonly deal: string | null; readonly minor: bigint };

/**
 * In hundredths. `accruedCarryMinor` is what the GP would still get, less what it would have to give back (below 0: an accrued
 * clawback); `lpNetMinor` what the LPs would get, the clawback included; their sum is the value held by partners that bear
 * carry. `byPartner` splits both where each partner has a waterfall of its own.
 */
export type Liquidation = {
  readonly accruedCarryMinor: bigint;
  readonly lpNetMinor: bigint;
  readonly gpCommitmentMinor: bigint;
  readonly byPartner: ReadonlyMap<string, { readonly accruedCarryMinor: bigint; readonly lpNetMinor: bigint }>;
};

type Totals = { readonly lpMinor: bigint; readonly gpMinor: bigint };

/** LP and GP totals after clawbacks between times and at the end. */
const settled = ({ lpMinor, gpMinor, interim, clawback }: OneWaterfall): Totals => {
  const back = interim.reduce((sum, { dueMinor }) => sum + dueMinor, 0n) + (clawback?.dueMinor ?? 0n);
  return { lpMinor: lpMinor + back, gpMinor: gpMinor - back };
};

/** Totals before: without the clawback at the end, which is not paid until then. */
const paidSoFar = ({ lpMinor, gpMinor, interim }: OneWaterfall): Totals => {
  const back = interim.reduce((sum, { dueMinor }) => sum + dueMinor, 0n);
  return { lpMinor: lpMinor + back, gpMinor: gpMinor - back };
};

const waterfallsOf = (terms: WaterfallTerms, flows: Flows) => {
  const run = runWaterfall(terms, flows);
  if (run.kind === 'error') return run;
  const { result } = run;
  const byPartner = new Map(
    result.kind === 'fund'
      ? [['', result.waterfall] as const]
      : result.partners.map(({ partner, waterfall }) => [partner, waterfall] as const),
  );
  return { kind: 'ok' as const, byPartner, gpCommitmentMinor: result.gpCommitmentMinor ?? 0n, isFund: result.kind === 'fund' };
};

/**
 * Runs the fund once as it is and once with all values distributed on the day, and takes the difference. Worked: 100.00 in,
 * nothing out, value 200.00 a year later at 8 %, full catch-up, carry 20 %: accrued carry 20.00, LPs 180.00. Flows after the
 * day are left out by the caller. Source: issue of the ledger, "accrued carry by hypothetical liquidation"; ILPA reporting
 * template, "accrued incentive allocation".
 */
export const liquidate = (
  terms: WaterfallTerms,
  flows: Flows,
  { day, values }: { readonly day: EpochDay; readonly values: readonly HeldValue[] },
): { readonly kind: 'ok'; readonly liquidation: Liquidation } | WaterfallError => {
  const sales = values.map(({ deal, minor }): Distribution => ({
    day,
    minor,
    partner: null,
    deal,
    kind: 'ordinary',
    costShare: null,
  }));
  const before = waterfallsOf(terms, flows);
  if (before.kind === 'error') return before;
  const after = waterfallsOf(terms, { ...flows, distributions: [...flows.distributions, ...sales] });
  if (after.kind === 'error') return after;
  const parts = [...after.byPartner].map(([partner, waterfall]) => {
    const then = settled(waterfall);
    const earlier = before.byPartner.get(partner);
    const now = earlier === undefined ? { lpMinor: 0n, gpMinor: 0n } : paidSoFar(earlier);
    return [partner, { accruedCarryMinor: then.gpMinor - now.gpMinor, lpNetMinor: then.lpMinor - now.lpMinor }] as const;
  });
  return {
    kind: 'ok',
    liquidation: {
      accruedCarryMinor: parts.reduce((sum, [, part]) => sum + part.accruedCarryMinor, 0n),
      lpNetMinor: parts.reduce((sum, [, part]) => sum + part.lpNetMinor, 0n),
      gpCommitmentMinor: after.gpCommitmentMinor - before.gpCommitmentMinor,
      byPartner: after.isFund ? new Map() : new Map(parts),
    },
  };
};
