// How a waterfall came to its figures, written down with the event: terms, flows, tiers and the events that they come from.
import { fromEpochDay } from '../dates/local-date.ts';
import type { EventRef, Minor, TierAmount, Uuid, WaterfallCalculation, WaterfallTier } from '../messages.ts';
import { formatMoney } from '../money/money.ts';
import type { Contribution, Distribution, Flows } from '../waterfall/flows.ts';
import { tierList, type TiersMinor } from '../waterfall/tier-amounts.ts';
import type { FundState, LedgerState } from './state.ts';
import type { FundWaterfall } from './terms.ts';
import { everybody } from './waterfall-flows.ts';

const carryTiers: readonly WaterfallTier[] = ['RETURN_OF_CAPITAL', 'PREFERRED_RETURN', 'CATCH_UP', 'SPLIT'];

/** Tiers by partner as amounts; hurdles are SPLIT tiers with their places. */
export const tierAmounts = (byPartner: ReadonlyMap<string, TiersMinor>, deal: Uuid | null): readonly TierAmount[] =>
  [...byPartner].flatMap(([partner, tiers]) =>
    tierList(tiers).map(({ lpMinor, gpMinor }, index): TierAmount => ({
      tier: tiers.kind === 'hurdles' ? 'SPLIT' : (carryTiers[index] ?? 'SPLIT'),
      place: tiers.kind === 'hurdles' ? index : 0,
      partner: partner === everybody ? null : partner,
      deal,
      lp: lpMinor,
      gp: gpMinor,
    })),
  );

const contributionJson = ({ day, minor, partner, deal, purpose, dueDay }: Contribution): object => ({
  date: fromEpochDay(day),
  amount: formatMoney(minor),
  ...(partner === everybody || partner === null ? {} : { partner }),
  ...(deal === null ? {} : { deal }),
  ...(purpose === 'investment' ? {} : { purpose }),
  ...(dueDay === null || dueDay === day ? {} : { dueDate: fromEpochDay(dueDay) }),
});

const distributionJson = ({ day, minor, partner, deal, kind }: Distribution): object => ({
  date: fromEpochDay(day),
  amount: formatMoney(minor),
  ...(partner === everybody || partner === null ? {} : { partner }),
  ...(deal === null ? {} : { deal }),
  ...(kind === 'ordinary' ? {} : { kind }),
});

/** Flows beyond this are left out of the event: the events that it names hold them. */
const flowsInEvent = 5000;

const flowsText = (flows: readonly object[]): string => JSON.stringify(flows.length > flowsInEvent ? [] : flows);

/** Payments named one by one up to this; then the calls by the version that they had reached. */
const paymentsNamed = 1000;

/** The events whose flows go into a waterfall of a day. */
export const inputsOf = (state: LedgerState, fund: FundState, date: string): readonly EventRef[] => {
  const calls = (fund.life?.calls ?? []).flatMap((id) => {
    const call = state.calls.get(id);
    const payments = [...(call?.notices.values() ?? [])].flatMap((notice) =>
      notice.payments.filter((payment) => !payment.isReversed && payment.date <= date),
    );
    return call === undefined || payments.length === 0 ? [] : [{ id, version: call.version, payments }];
  });
  const count = calls.reduce((sum, { payments }) => sum + payments.length, 0);
  const paid = calls.flatMap(({ id, version, payments }): readonly EventRef[] =>
    count > paymentsNamed
      ? [{ aggregate_id: id, event_version: version }]
      : payments.map((payment) => ({ aggregate_id: id, event_version: payment.version })),
  );
  const declared = (fund.life?.distributions ?? []).flatMap((id): readonly EventRef[] => {
    const distribution = state.distributions.get(id);
    return distribution === undefined || distribution.status === 'CANCELLED' || distribution.date > date
      ? []
      : [{ aggregate_id: id, event_version: 1 }];
  });
  return [...paid, ...declared];
};

/** The calculation of a distribution or clawback. `tiers` add up to what was distributed. */
export const calculationOf = (
  calculationId: Uuid,
  { waterfall, flows, inputs }: { waterfall: FundWaterfall; flows: Flows; inputs: readonly EventRef[] },
  result: {
    readonly tiers: readonly TierAmount[];
    readonly unreturnedCapital: Minor | null;
    readonly unpaidPref: Minor | null;
  },
): WaterfallCalculation => ({
  calculation_id: calculationId,
  term_id: waterfall.termId,
  terms_version: waterfall.version,
  terms: JSON.stringify(waterfall.terms),
  inputs,
  contributions: flowsText(flows.contributions.map(contributionJson)),
  distributions: flowsText(flows.distributions.map(distributionJson)),
  tiers: result.tiers,
  lp_total: result.tiers.reduce((sum, { lp }) => sum + lp, 0n),
  gp_total: result.tiers.reduce((sum, { gp }) => sum + gp, 0n),
  unreturned_capital: result.unreturnedCapital,
  unpaid_preferred_return: result.unpaidPref,
});
