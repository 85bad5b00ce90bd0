// Claims carried interest back as the terms say: the test of the waterfall's terms on a day, less what was claimed before.
import { toEpochDay } from '../dates/local-date.ts';
import type { CommandByType, DistributionNotice, Minor } from '../messages.ts';
import type { Flows } from '../waterfall/flows.ts';
import type { OneWaterfall } from '../waterfall/one-waterfall.ts';
import { runWaterfall } from '../waterfall/run-waterfall.ts';
import type { WaterfallError } from '../waterfall/terms.ts';
import { accountView, unfundedOf } from './commitment-account.ts';
import { draft, type DraftEvent } from './decision.ts';
import { oncePerDecision } from './once.ts';
import type { RuleContext } from './rule.ts';
import type { CommitmentState, FundState } from './state.ts';
import { fundWaterfallOn, type FundWaterfall } from './terms.ts';
import { sharedBy, toUnit, unitOf } from './units.ts';
import { calculationOf, inputsOf } from './waterfall-calculation.ts';
import { everybody, fundFlows, partnerNames } from './waterfall-flows.ts';

export interface ClawbackPlan {
  readonly kind: 'ok';
  readonly waterfall: FundWaterfall;
  readonly flows: Flows;
  readonly due: Minor;
  readonly fromEscrow: Minor;
  readonly released: Minor;
  readonly unrecovered: Minor;
  /** What goes to each commitment of the fund, by its id. */
  readonly shares: ReadonlyMap<string, Minor>;
  readonly unreturnedCapital: Minor | null;
  readonly unpaidPref: Minor | null;
}
export type PlannedClawback = ClawbackPlan | WaterfallError | { readonly kind: 'no-term' };

const least = (left: Minor, right: Minor): Minor => (left < right ? left : right);
const notNegative = (minor: Minor): Minor => (minor > 0n ? minor : 0n);

/** All that the terms ask back up to the day, at tests between times and at the last. */
const askedBack = ({ interim, clawback }: OneWaterfall): Minor =>
  interim.reduce((sum, { dueMinor }) => sum + dueMinor, 0n) + (clawback?.dueMinor ?? 0n);

const carryBorne = (commitment: CommitmentState): Minor =>
  accountView(commitment).receipts.reduce((sum, { carry }) => sum + carry, 0n);

/** What goes back to whom: of each waterfall by the carried interest that its commitments bore. */
const sharesBack = (
  { state }: RuleContext,
  fund: FundState,
  partnerOf: (investorId: string) => string,
  waterfalls: ReadonlyMap<string, OneWaterfall>,
): ReadonlyMap<string, Minor> => {
  const shares = new Map<string, Minor>();
  for (const [partner, waterfall] of waterfalls) {
    const own = fund.commitments.filter((id) => {
      const commitment = state.commitments.get(id);
      return commitment !== undefined && partnerOf(commitment.investorId) === partner && carryBorne(commitment) > 0n;
    });
    const borne = own.map((id) => {
      const commitment = state.commitments.get(id);
      return commitment === undefined ? 0n : carryBorne(commitment);
    });
    if (own.length > 0) sharedBy(askedBack(waterfall), borne, 1n).forEach((share, index) => shares.set(own[index] ?? '', share));
  }
  if ([...shares.values()].some((share) => share > 0n)) return shares;
  // The terms have changed since: who bore carried interest gets it back.
  return new Map(
    fund.commitments.flatMap((id) => {
      const commitment = state.commitments.get(id);
      return commitment === undefined ? [] : [[id, carryBorne(commitment)] as const];
    }),
  );
};

const plan = (context: RuleContext, fund: FundState, date: string): PlannedClawback => {
  const day = toEpochDay(date);
  const waterfall = fundWaterfallOn(fund, day);
  const { terms } = waterfall;
  if (terms.clawback === undefined) return { kind: 'no-term' };
  const { flows } = fundFlows(context.state, fund, terms, day);
  const run = runWaterfall(terms, flows);
  if (run.kind === 'error') return run;
  const waterfalls =
    run.result.kind === 'fund'
      ? new Map([[everybody, run.result.waterfall]])
      : new Map(run.result.partners.map((partner) => [partner.partner, partner.waterfall]));
  const all = [...waterfalls.values()];
  const sum = (figure: (waterfall: OneWaterfall) => Minor): Minor => all.reduce((total, one) => total + figure(one), 0n);
  const earlier = fund.life?.clawbacks ?? [];
  const claimed = earlier.reduce((total, { due }) => total + due, 0n);
  const carryPaid = fund.commitments.reduce((total, id) => {
    const commitment = context.state.commitments.get(id);
    return total + (commitment === undefined ? 0n : carryBorne(commitment));
  }, 0n);
  const weights = sharesBack(context, fund, partnerNames(terms), waterfalls);
  const unit = unitOf(fund.card.base_currency);
  const due = least(toUnit(notNegative(sum(askedBack) - claimed), unit), notNegative(carryPaid - claimed));
  const shares = due === 0n ? [] : sharedBy(due, [...weights.values()], unit);
  const escrow = sum(({ clawback }) => clawback?.escrow?.fromEscrowMinor ?? 0n);
  const released = sum(({ clawback }) => clawback?.escrow?.escrowReleasedMinor ?? 0n);
  return {
    kind: 'ok',
    waterfall,
    flows,
    due,
    fromEscrow: least(due, toUnit(notNegative(escrow - earlier.reduce((total, { fromEscrow }) => total + fromEscrow, 0n)), unit)),
    released: toUnit(notNegative(released - earlier.reduce((total, before) => total + before.released, 0n)), unit),
    unrecovered: toUnit(
      sum(({ clawback }) => clawback?.unrecoveredMinor ?? 0n),
      unit,
    ),
    shares: new Map([...weights.keys()].map((id, index) => [id, shares[index] ?? 0n])),
    unreturnedCapital: sum(({ unreturnedCapitalMinor }) => unreturnedCapitalMinor ?? 0n),
    unpaidPref: sum(({ unpaidPrefMinor }) => unpaidPrefMinor ?? 0n),
  };
};

/** What a ClawBackCarry would claim; null for another command or an unknown fund. */
export const plannedClawback = oncePerDecision((context): PlannedClawback | null => {
  const { command, state } = context;
  if (command.type !== 'ClawBackCarry') return null;
  const fund = state.funds.get(command.value.fund_id);
  return fund === undefined ? null : plan(context, fund, command.value.clawback_date);
});

export const decideClawBackCarry = (
  { clawback_id, fund_id, clawback_date }: CommandByType['ClawBackCarry'],
  context: RuleContext,
): readonly DraftEvent[] => {
  const { state, deriveId } = context;
  const fund = state.funds.get(fund_id);
  const planned = plannedClawback(context);
  if (fund === undefined || planned?.kind !== 'ok') return [];
  const notices = [...planned.shares].flatMap(([id, share]): readonly DistributionNotice[] => {
    const commitment = state.commitments.get(id);
    if (commitment === undefined || share === 0n) return [];
    const unfunded = unfundedOf(commitment);
    return [
      {
        notice_id: deriveId(clawback_id, id),
        commitment_id: id,
        investor_id: commitment.investorId,
        gross_distribution: share,
        carried_interest: 0n,
        management_fee_offset: 0n,
        tax_withholding: 0n,
        net_distribution: share,
        recallable_amount: 0n,
        return_of_capital: 0n,
        preferred_return: 0n,
        unfunded_before: unfunded,
        unfunded_after: unfunded,
        residual: accountView(commitment).residuals.distribution,
      },
    ];
  });
  const { due, fromEscrow, released, unrecovered } = planned;
  const shared = notices.reduce((sum, { gross_distribution }) => sum + gross_distribution, 0n);
  if (shared !== due) throw new Error(`shares of clawback ${clawback_id} add up to ${shared} cents, not to ${due}`);
  return [
    draft(
      'CarryClawedBack',
      'FUND',
      { id: fund_id, version: fund.version + 1, on: clawback_date },
      {
        clawback_id,
        fund_id,
        clawback_date,
        currency: fund.card.base_currency,
        due,
        from_escrow: fromEscrow,
        from_gp: due - fromEscrow,
        escrow_released: released,
        unrecovered,
        calculation: calculationOf(
          deriveId(clawback_id, 'waterfall'),
          { waterfall: planned.waterfall, flows: planned.flows, inputs: inputsOf(state, fund, clawback_date) },
          {
            tiers: [{ tier: 'SPLIT', place: 0, partner: null, deal: null, lp: due, gp: -due }],
            unreturnedCapital: planned.unreturnedCapital,
            unpaidPref: planned.unpaidPref,
          },
        ),
        notices,
      },
    ),
  ];
};
