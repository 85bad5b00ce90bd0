// The flows of a fund as its waterfall counts them: payments received, distributions declared, values of its deals.
import { type EpochDay, toEpochDay } from '../dates/local-date.ts';
import { heldOn, type InvestmentHistory } from '../journal/investment-history.ts';
import type { Uuid } from '../messages.ts';
import { type Fixed, fixedFromInteger, over } from '../numbers/fixed.ts';
import type { Contribution, Distribution, Flows, Valuation } from '../waterfall/flows.ts';
import { waterfallKinds } from '../waterfall/recorded-kinds.ts';
import type { WaterfallTerms } from '../waterfall/terms.ts';
import type { CommitmentState, FundState, LedgerState } from './state.ts';
import { accountView } from './commitment-account.ts';

/** Name of all partners that share one waterfall. */
export const everybody = '';

/**
 * Names the partner of an investor in a waterfall: itself where each has a waterfall of its own or is free of carry, else all that
 * share one. So the flows of two thousand investors are a few.
 */
export const partnerNames = (terms: WaterfallTerms): ((investorId: Uuid) => string) => {
  const free = new Set(terms.carryFreePartners);
  const eachAlone = terms.carryByPartner !== undefined || terms.partnerTerms !== undefined || terms.aggregation === 'partner';
  return (investorId) => (eachAlone || free.has(investorId) ? investorId : everybody);
};

/** The share of a deal's cost that was realised up to a day, 0 to 1. */
const realisedShare = (history: InvestmentHistory, day: EpochDay): Fixed => {
  let invested = 0n;
  let realised = 0n;
  for (const entry of history) {
    if (entry.day > day) continue;
    if (entry.kind === 'cost') invested += entry.minor;
    if (entry.kind === 'realisation') realised += entry.costMinor;
  }
  return invested === 0n ? 0n : over(fixedFromInteger(realised), fixedFromInteger(invested));
};

/** A distribution of the fund, declared or to be declared, by date. */
export interface DatedDistribution {
  readonly id: Uuid;
  readonly day: EpochDay;
  readonly deal: Uuid | null;
}

/**
 * The part of a deal's cost that each distribution stands for: what was realised since the one before it. Deals of 100.00 with
 * 40.00 sold by the first distribution and 60.00 by the second: 0.4 and 0.2.
 */
const costShares = ({ journal }: LedgerState, distributions: readonly DatedDistribution[]): ReadonlyMap<Uuid, Fixed | null> => {
  const reached = new Map<Uuid, Fixed>();
  return new Map(
    [...distributions]
      .sort((left, right) => left.day - right.day)
      .map(({ id, day, deal }) => {
        const history = deal === null ? undefined : journal.investments.get(deal);
        if (deal === null || history === undefined) return [id, null];
        const share = realisedShare(history, day);
        const before = reached.get(deal) ?? 0n;
        reached.set(deal, share > before ? share : before);
        return [id, share > before ? share - before : 0n];
      }),
  );
};

const addTo = <Flow extends { readonly minor: bigint }>(merged: Map<string, Flow>, key: string, flow: Flow): void => {
  const same = merged.get(key);
  merged.set(key, same === undefined ? flow : { ...same, minor: same.minor + flow.minor });
};

const contributionsOf = (
  commitments: readonly CommitmentState[],
  partnerOf: (investorId: Uuid) => string,
  day: EpochDay,
): readonly Contribution[] => {
  const merged = new Map<string, Contribution>();
  for (const commitment of commitments) {
    const partner = partnerOf(commitment.investorId);
    for (const paid of accountView(commitment).contributions) {
      if (paid.day > day || paid.minor === 0n) continue;
      addTo(merged, `${partner}|${paid.day}|${paid.purpose}|${paid.deal ?? ''}|${paid.dueDay ?? ''}`, {
        day: paid.day,
        minor: paid.minor,
        partner,
        deal: paid.deal,
        purpose: paid.purpose,
        dueDay: paid.dueDay,
        drawDay: null,
      });
    }
  }
  return [...merged.values()].sort((left, right) => left.day - right.day);
};

const valuationsOf = ({ journal }: LedgerState, deals: readonly Uuid[], day: EpochDay): readonly Valuation[] =>
  deals.flatMap((deal) =>
    (journal.investments.get(deal) ?? []).flatMap((entry): readonly Valuation[] => {
      if (entry.day > day || entry.kind === 'cost') return [];
      return entry.kind === 'value'
        ? [{ day: entry.day, deal, minor: entry.fairMinor, permanent: false }]
        : [{ day: entry.day, deal, minor: entry.leftFairMinor, permanent: entry.isWriteOff }];
    }),
  );

/** A deal that is written off wholly is realised by a distribution of 0.00 (design.md 5, american). */
const writeOffs = ({ journal }: LedgerState, deals: readonly Uuid[], day: EpochDay): readonly Distribution[] =>
  deals.flatMap((deal) => {
    const history = journal.investments.get(deal) ?? [];
    return history.flatMap((entry): readonly Distribution[] => {
      if (entry.kind !== 'realisation' || !entry.isWriteOff || entry.day > day) return [];
      return heldOn(history, entry.day).costMinor > 0n
        ? []
        : [{ day: entry.day, minor: 0n, partner: null, deal, kind: 'ordinary', costShare: null }];
    });
  });

/** Commitments of a fund that ever were. */
export const commitmentsOf = (state: LedgerState, fund: FundState): readonly CommitmentState[] =>
  fund.commitments.flatMap((id) => state.commitments.get(id) ?? []);

/**
 * The flows of a fund up to a day. `next` is a distribution that is about to be declared: its cost share is known, its shares come
 * from the caller. A cancelled distribution has left no receipts.
 */
export const fundFlows = (
  state: LedgerState,
  fund: FundState,
  terms: WaterfallTerms,
  day: EpochDay,
  next?: DatedDistribution,
): { readonly flows: Flows; readonly nextCostShare: Fixed | null } => {
  const partnerOf = partnerNames(terms);
  const commitments = commitmentsOf(state, fund);
  const deals = fund.life?.investments ?? [];
  const declared = (fund.life?.distributions ?? []).flatMap((id): readonly DatedDistribution[] => {
    const distribution = state.distributions.get(id);
    if (distribution === undefined || distribution.status === 'CANCELLED') return [];
    const on = toEpochDay(distribution.date);
    return on > day ? [] : [{ id, day: on, deal: distribution.investmentId }];
  });
  const byCost = terms.partialRealisation === 'cost-share';
  const shares = byCost ? costShares(state, next === undefined ? declared : [...declared, next]) : null;
  const received = new Map<string, Distribution>();
  for (const commitment of commitments) {
    const partner = partnerOf(commitment.investorId);
    for (const { distributionId, day: on, gross } of accountView(commitment).receipts) {
      if (on > day || gross === 0n) continue;
      const distribution = distributionId === null ? undefined : state.distributions.get(distributionId);
      addTo(received, `${partner}|${distributionId ?? on}`, {
        day: on,
        minor: gross,
        partner,
        deal: distribution?.investmentId ?? null,
        kind: waterfallKinds[distribution?.kind ?? 'ORDINARY'],
        costShare: distributionId === null ? null : (shares?.get(distributionId) ?? null),
      });
    }
  }
  const american = terms.style === 'american';
  const distributions = [...received.values(), ...(american ? writeOffs(state, deals, day) : [])];
  return {
    flows: {
      contributions: contributionsOf(commitments, partnerOf, day),
      distributions: distributions.sort((left, right) => left.day - right.day),
      valuations: valuationsOf(state, deals, day),
    },
    nextCostShare: next === undefined ? null : (shares?.get(next.id) ?? null),
  };
};
