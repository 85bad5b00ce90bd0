// Decides distributions: declared by the waterfall, paid, cancelled.
import { availableCash } from '../journal/balances.ts';
import type { CommandByType, TierAmount } from '../messages.ts';
import { chunksOf } from './capital-calls-decide.ts';
import { draft, type DraftEvent } from './decision.ts';
import { declaredNotices, sumOfNotices } from './distribution-notices.ts';
import { type DistributionPlan, plannedDistribution } from './distribution-plan.ts';
import type { RuleContext } from './rule.ts';
import { calculationOf, inputsOf, tierAmounts } from './waterfall-calculation.ts';

/** Partners free of carry get their share whole: a tier of their own, so that the tiers add up to the distribution. */
const freeShares = ({ shares, tiers }: DistributionPlan, deal: string | null): readonly TierAmount[] => {
  const free = new Map<string, bigint>();
  for (const { partner, gross } of shares) if (!tiers.has(partner)) free.set(partner, (free.get(partner) ?? 0n) + gross);
  return [...free].map(([partner, lp]) => ({ tier: 'SPLIT', place: 0, partner, deal, lp, gp: 0n }));
};

export const decideDeclareDistribution = (
  command: CommandByType['DeclareDistribution'],
  context: RuleContext,
): readonly DraftEvent[] => {
  const { state, deriveId } = context;
  const fund = state.funds.get(command.fund_id);
  const plan = plannedDistribution(context);
  if (fund === undefined || plan?.kind !== 'ok') return [];
  const { distribution_id, fund_id, distribution_date, record_date, investment_id } = command;
  const notices = declaredNotices(context);
  const total = command.total_distribution_amount;
  const calculation = calculationOf(
    deriveId(distribution_id, 'waterfall'),
    { waterfall: plan.waterfall, flows: plan.flows, inputs: inputsOf(state, fund, distribution_date) },
    {
      tiers: [...tierAmounts(plan.tiers, investment_id), ...freeShares(plan, investment_id)],
      unreturnedCapital: plan.unreturnedCapital,
      unpaidPref: plan.unpaidPref,
    },
  );
  if (sumOfNotices(notices, 'gross_distribution') !== total || calculation.lp_total + calculation.gp_total !== total)
    throw new Error(`notices or tiers of distribution ${distribution_id} do not add up to ${total} cents`);
  const numbers = (fund.life?.distributions ?? []).map((id) => state.distributions.get(id)?.number ?? 0);
  const currency = fund.card.base_currency;
  const chunks = chunksOf(notices);
  const at = { id: distribution_id, on: distribution_date };
  return [
    draft(
      'DistributionDeclared',
      'DISTRIBUTION',
      { ...at, version: 1 },
      {
        distribution_id,
        fund_id,
        distribution_number: command.distribution_number ?? Math.max(0, ...numbers) + 1,
        distribution_date,
        record_date,
        distribution_type: command.distribution_type,
        distribution_kind: command.distribution_kind,
        investment_id,
        currency,
        total_distribution_amount: total,
        carried_interest: sumOfNotices(notices, 'carried_interest'),
        management_fee_offset: sumOfNotices(notices, 'management_fee_offset'),
        tax_withholding: sumOfNotices(notices, 'tax_withholding'),
        net_distribution: sumOfNotices(notices, 'net_distribution'),
        recallable_amount: sumOfNotices(notices, 'recallable_amount'),
        available_cash_before: availableCash(fund.life?.balances ?? new Map()),
        calculation,
        notices: chunks.length === 0 ? notices : [],
        notice_count: notices.length,
        chunk_count: chunks.length,
      },
    ),
    ...chunks.map((chunk, index) =>
      draft(
        'DistributionNoticesDeclared',
        'DISTRIBUTION',
        { ...at, version: 2 + index },
        { distribution_id, fund_id, currency, chunk: index + 1, chunk_count: chunks.length, notices: chunk },
      ),
    ),
  ];
};

export const decidePayDistribution = (
  { distribution_id, fund_id, payment_date }: CommandByType['PayDistribution'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const distribution = state.distributions.get(distribution_id);
  const currency = state.funds.get(fund_id)?.card.base_currency;
  if (distribution === undefined || currency === undefined) return [];
  return [
    draft(
      'DistributionPaid',
      'DISTRIBUTION',
      { id: distribution_id, version: distribution.version + 1, on: payment_date },
      {
        distribution_id,
        fund_id,
        payment_date,
        currency,
        net_distribution: distribution.net,
        carried_interest: distribution.carry,
        tax_withholding: distribution.withholding,
        management_fee_offset: distribution.offset,
      },
    ),
  ];
};

export const decideCancelDistribution = (
  { distribution_id, fund_id }: CommandByType['CancelDistribution'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const distribution = state.distributions.get(distribution_id);
  const currency = state.funds.get(fund_id)?.card.base_currency;
  if (distribution === undefined || currency === undefined) return [];
  return [
    draft(
      'DistributionCancelled',
      'DISTRIBUTION',
      { id: distribution_id, version: distribution.version + 1 },
      { distribution_id, fund_id, total_distribution_amount: distribution.total, currency },
    ),
  ];
};
