// What a declared distribution would do: the waterfall run over the live state, and the tiers that it pays beyond what was booked
// for the day before.
import { allocate } from '../allocation/allocate.ts';
import { type EpochDay, toEpochDay } from '../dates/local-date.ts';
import type { CommandByType, Minor, Uuid } from '../messages.ts';
import { type Rational, parseRational, ZERO } from '../numbers/rational.ts';
import type { Distribution, Flows } from '../waterfall/flows.ts';
import type { OneWaterfall } from '../waterfall/one-waterfall.ts';
import { waterfallKinds } from '../waterfall/recorded-kinds.ts';
import { runWaterfall, type WaterfallResult } from '../waterfall/run-waterfall.ts';
import type { WaterfallError } from '../waterfall/terms.ts';
import type { TiersMinor } from '../waterfall/tier-amounts.ts';
import { accountView } from './commitment-account.ts';
import { oncePerDecision } from './once.ts';
import type { RuleContext } from './rule.ts';
import type { CommitmentState, FundState, LedgerState } from './state.ts';
import { tiersBeyondBooked } from './same-day-tiers.ts';
import { fundWaterfallOn, type FundWaterfall } from './terms.ts';
import { everybody, fundFlows, partnerNames } from './waterfall-flows.ts';
import { unitOf } from './units.ts';
import { parseWaterfallTerms } from './waterfall-term.ts';

/** A commitment and its share of a distribution before carried interest. */
export interface GrossShare {
  readonly id: Uuid;
  readonly commitment: CommitmentState;
  readonly partner: string;
  readonly gross: Minor;
  readonly residual: Rational;
}

export interface DistributionPlan {
  readonly kind: 'ok';
  readonly waterfall: FundWaterfall;
  readonly flows: Flows;
  readonly shares: readonly GrossShare[];
  /** By partner; `everybody` where all share one waterfall. Partners free of carry have none. */
  readonly tiers: ReadonlyMap<string, TiersMinor>;
  /** What is shared out is shared out in these: a cent, or a whole yen. */
  readonly unit: Minor;
  readonly unreturnedCapital: Minor | null;
  readonly unpaidPref: Minor | null;
}

/** Nobody has paid anything in up to the day, so that nobody can receive. */
const noContributions = { kind: 'nobody' } as const;
export type Planned = DistributionPlan | WaterfallError | typeof noContributions;

/** Capital that a commitment had contributed by a day: to the deal of the distribution where there was any, else in all. */
const weightsOf = (commitments: readonly CommitmentState[], day: EpochDay, deal: Uuid | null): readonly Minor[] => {
  const sum = (commitment: CommitmentState, ofDeal: Uuid | null): Minor =>
    accountView(commitment)
      .contributions.filter((paid) => paid.day <= day && (ofDeal === null || paid.deal === ofDeal))
      .reduce((total, { minor }) => total + minor, 0n);
  const ofDeal = deal === null ? [] : commitments.map((commitment) => sum(commitment, deal));
  return ofDeal.some((weight) => weight > 0n) ? ofDeal : commitments.map((commitment) => sum(commitment, null));
};

const sharesOf = (
  state: LedgerState,
  fund: FundState,
  { day, deal, total, partnerOf }: { day: EpochDay; deal: Uuid | null; total: Minor; partnerOf: (investor: Uuid) => string },
): readonly GrossShare[] => {
  const ids = fund.commitments;
  const commitments = ids.map((id) => state.commitments.get(id)).filter((commitment) => commitment !== undefined);
  const weights = weightsOf(commitments, day, deal);
  if (weights.every((weight) => weight === 0n)) return [];
  const unit = unitOf(fund.card.base_currency);
  const allocation = allocate(
    total / unit,
    commitments.map((commitment, index) => ({
      id: ids[index] ?? '',
      weight: weights[index] ?? 0n,
      residual: parseRational(accountView(commitment).residuals.distribution) ?? ZERO,
    })),
  );
  if (allocation.kind === 'error') throw new Error(`a distribution of ${total} cents cannot be shared out: ${allocation.reason}`);
  return commitments.flatMap((commitment, index) => {
    const share = allocation.shares[index];
    if (share === undefined || (weights[index] ?? 0n) === 0n) return [];
    return [
      {
        id: share.id,
        commitment,
        partner: partnerOf(commitment.investorId),
        gross: share.minor * unit,
        residual: share.residual,
      },
    ];
  });
};

const waterfallsIn = (result: WaterfallResult): ReadonlyMap<string, OneWaterfall> =>
  result.kind === 'fund'
    ? new Map([[everybody, result.waterfall]])
    : new Map(result.partners.map(({ partner, waterfall }) => [partner, waterfall]));

const sumOrNull = (
  waterfalls: ReadonlyMap<string, OneWaterfall>,
  figure: 'unreturnedCapitalMinor' | 'unpaidPrefMinor',
): Minor | null =>
  [...waterfalls.values()].reduce<Minor | null>((sum, waterfall) => {
    const value = waterfall[figure];
    return sum === null || value === null ? null : sum + value;
  }, 0n);

const plan = (context: RuleContext, command: CommandByType['DeclareDistribution'], fund: FundState): Planned => {
  const { state } = context;
  const day = toEpochDay(command.distribution_date);
  let waterfall = fundWaterfallOn(fund, day);
  if (command.assumed_terms !== null) {
    const assumed = parseWaterfallTerms(command.assumed_terms);
    if (assumed.kind === 'error') return assumed;
    waterfall = { ...waterfall, termId: null, terms: assumed.terms };
  }
  const { terms } = waterfall;
  const deal = command.investment_id;
  const total = command.total_distribution_amount;
  const shares = sharesOf(state, fund, { day, deal, total, partnerOf: partnerNames(terms) });
  if (shares.length === 0) return noContributions;
  const next = { id: command.distribution_id, day, deal };
  const { flows: earlier, nextCostShare } = fundFlows(state, fund, terms, day, next);
  const byPartner = new Map<string, Minor>();
  for (const { partner, gross } of shares) byPartner.set(partner, (byPartner.get(partner) ?? 0n) + gross);
  const own = [...byPartner].map(([partner, minor]): Distribution => ({
    day,
    minor,
    partner,
    deal,
    kind: waterfallKinds[command.distribution_kind],
    costShare: nextCostShare,
  }));
  const run = runWaterfall(terms, { ...earlier, distributions: [...earlier.distributions, ...own] });
  if (run.kind === 'error') return run;
  const waterfalls = waterfallsIn(run.result);
  const free = new Set(terms.carryFreePartners);
  const tiers = tiersBeyondBooked(
    { state, fund, waterfall, command },
    new Map([...byPartner].filter(([partner]) => !free.has(partner))),
    waterfalls,
    () => {
      const earlierRun = runWaterfall(terms, earlier);
      return earlierRun.kind === 'ok' ? waterfallsIn(earlierRun.result) : new Map<string, OneWaterfall>();
    },
  );
  return {
    kind: 'ok',
    waterfall,
    flows: earlier,
    shares,
    tiers,
    unit: unitOf(fund.card.base_currency),
    unreturnedCapital: sumOrNull(waterfalls, 'unreturnedCapitalMinor'),
    unpaidPref: sumOrNull(waterfalls, 'unpaidPrefMinor'),
  };
};

/** What a DeclareDistribution would do; null for another command, an unknown fund or an amount that is not above zero. */
export const plannedDistribution = oncePerDecision((context): Planned | null => {
  const { command, state } = context;
  if (command.type !== 'DeclareDistribution' || command.value.total_distribution_amount <= 0n) return null;
  const fund = state.funds.get(command.value.fund_id);
  return fund === undefined ? null : plan(context, command.value, fund);
});
