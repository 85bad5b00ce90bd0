// The waterfall engine's front: terms and flows in, every distribution's tiers, totals and clawback out. Pure; the ledger
// decides distributions with it, the waterfall processor liquidates hypothetically with it, and the command `stratcap
// waterfall` is it.
import type { EpochDay } from '../dates/local-date.ts';
import { type Contribution, type Distribution, type Flows, lastFlowDay } from './flows.ts';
import { type OneWaterfall, runOneWaterfall } from './one-waterfall.ts';
import { apportion, UNNAMED_PARTNER } from './partners.ts';
import { readTerms } from './read-terms.ts';
import { type Terms, type WaterfallError, waterfallError, type WaterfallTerms } from './terms.ts';

/** `fund` is one waterfall of all partners together; `partners` one for each, with the GP's carry of all of them. */
export type WaterfallResult =
  | { readonly kind: 'fund'; readonly terms: Terms; readonly waterfall: OneWaterfall; readonly gpCommitmentMinor: bigint | null }
  | {
      readonly kind: 'partners';
      readonly partners: readonly { readonly partner: string; readonly terms: Terms; readonly waterfall: OneWaterfall }[];
      readonly gpCarryMinor: bigint;
      readonly gpCommitmentMinor: bigint | null;
    };

const checkFlows = (terms: Terms, { contributions, distributions }: Flows): WaterfallError | null => {
  for (const [name, entries] of [
    ['contributions', contributions],
    ['distributions', distributions],
  ] as const) {
    const index = entries.findIndex(({ minor }) => minor < 0n);
    if (index >= 0)
      return waterfallError(
        'negative-amount',
        `${name}[${index}].amount`,
        `${name}[${index}].amount is negative; book a correction as a flow of the other kind`,
      );
  }
  if (terms.style !== 'american') return null;
  const nameless = distributions.findIndex(({ deal }) => deal === null);
  if (nameless >= 0)
    return waterfallError(
      'distribution-without-deal',
      `distributions[${nameless}].deal`,
      `distributions[${nameless}].deal is missing; style american needs the deal that each distribution comes from`,
    );
  const homeless = contributions.findIndex(
    ({ deal, purpose }) =>
      deal === null && (purpose === 'investment' || (!terms.lossCarryForward && terms.expensesReturned !== 'none')),
  );
  if (homeless < 0) return null;
  return waterfallError(
    'contribution-without-deal',
    `contributions[${homeless}].deal`,
    `contributions[${homeless}].deal is missing; style american needs the deal of each contribution (fees and expenses may go without one under lossCarryForward)`,
  );
};

const minorOf = (distributions: readonly Distribution[]): bigint => distributions.reduce((sum, { minor }) => sum + minor, 0n);

/**
 * Distributions of one day without a partner are one before they are apportioned, so that a split of a distribution moves no
 * cent.
 */
const mergedBeforeApportioning = (terms: Terms, distributions: readonly Distribution[]): readonly Distribution[] => {
  const merged = new Map<string, Distribution>();
  const perDeal = terms.style === 'american';
  for (const entry of distributions) {
    const key = [
      entry.day,
      entry.partner ?? '\u0000',
      entry.kind === 'tax',
      perDeal ? entry.deal : '',
      perDeal ? entry.costShare : '',
    ].join('\u0001');
    const same = merged.get(key);
    merged.set(key, same === undefined ? entry : { ...same, minor: same.minor + entry.minor });
  }
  return [...merged.values()];
};

/**
 * Runs a fund. Errors are values with the field and the fix. Partners matter only where terms speak of them: carry-free
 * partners get their share untouched (case D44: 3.6m of 180m for 2 % of the capital); with carryByPartner, partnerTerms or
 * `aggregation: partner` each partner has a waterfall of its own (case D45). The result follows from its arguments alone.
 */
export const runWaterfall = (
  written: WaterfallTerms,
  flows: Flows,
): { readonly kind: 'ok'; readonly result: WaterfallResult } | WaterfallError => {
  const read = readTerms(written);
  if (read.kind === 'error') return read;
  const { terms, partners } = read;
  const problem = checkFlows(terms, flows);
  if (problem !== null) return problem;
  const lastDay: EpochDay = lastFlowDay(flows) ?? 0;
  if (partners.carryFree.size === 0 && !partners.eachAlone) {
    return {
      kind: 'ok',
      result: { kind: 'fund', terms, waterfall: runOneWaterfall(terms, flows, flows, lastDay), gpCommitmentMinor: null },
    };
  }
  const parts = apportion(flows.contributions, mergedBeforeApportioning(terms, flows.distributions));
  const isFree = (partner: string): boolean => partners.carryFree.has(partner);
  const names = [...parts.keys()];
  const gpCommitmentMinor =
    partners.carryFree.size === 0
      ? null
      : names.filter(isFree).reduce((sum, partner) => sum + minorOf(parts.get(partner) ?? []), 0n);
  const contributed = new Map<string, Contribution[]>(names.map((partner) => [partner, []]));
  for (const contribution of flows.contributions) contributed.get(contribution.partner ?? UNNAMED_PARTNER)?.push(contribution);
  const flowsOf = (chosen: readonly string[]): Flows => ({
    contributions: chosen.flatMap((partner) => contributed.get(partner) ?? []),
    distributions: chosen.flatMap((partner) => parts.get(partner) ?? []),
    valuations: flows.valuations,
  });
  const carrying = names.filter((partner) => !isFree(partner));
  if (!partners.eachAlone) {
    return {
      kind: 'ok',
      result: { kind: 'fund', terms, waterfall: runOneWaterfall(terms, flowsOf(carrying), flows, lastDay), gpCommitmentMinor },
    };
  }
  const alone = carrying.map((partner) => {
    const own = partners.termsOf(partner);
    return { partner, terms: own, waterfall: runOneWaterfall(own, flowsOf([partner]), flows, lastDay) };
  });
  const gpCarryMinor = alone.reduce((sum, { waterfall }) => sum + waterfall.gpMinor, 0n);
  return { kind: 'ok', result: { kind: 'partners', partners: alone, gpCarryMinor, gpCommitmentMinor } };
};
