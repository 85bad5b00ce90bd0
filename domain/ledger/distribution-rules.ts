// Rules of distributions and clawbacks.
import { availableCash, cashOf } from '../journal/balances.ts';
import type { Minor } from '../messages.ts';
import { formatMoney } from '../money/money.ts';
import { plannedClawback } from './clawback.ts';
import { accountView, unfundedOf } from './commitment-account.ts';
import { declaredNotices, sumOfNotices, withholdingRate } from './distribution-notices.ts';
import { plannedDistribution } from './distribution-plan.ts';
import { rule, type Rule, type RuleContext } from './rule.ts';
import type { DistributionState, FundState } from './state.ts';

const distributionFor = ({ state }: RuleContext, id: string, fundId: string): DistributionState | null => {
  const distribution = state.distributions.get(id);
  return distribution?.fundId === fundId ? distribution : null;
};

const balancesOf = (fund: FundState | undefined): ReadonlyMap<string, Minor> => fund?.life?.balances ?? new Map();

export const distributionRules: readonly Rule[] = [
  rule({
    name: 'duplicate-distribution',
    description: 'A distribution id is used once.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ distribution_id }, { state }) =>
      state.distributions.has(distribution_id)
        ? { field: 'distribution_id', message: `distribution ${distribution_id} exists already` }
        : null,
  }),
  rule({
    name: 'duplicate-distribution-number',
    description: 'A number names one distribution of a fund.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ fund_id, distribution_number }, { state }) => {
      const ids = distribution_number === null ? [] : (state.funds.get(fund_id)?.life?.distributions ?? []);
      const other = ids.find((id) => state.distributions.get(id)?.number === distribution_number);
      return other === undefined
        ? null
        : {
            field: 'distribution_number',
            message: `distribution_number ${distribution_number} is that of distribution ${other}; leave it out to get the next`,
          };
    },
  }),
  rule({
    name: 'distribution-number-not-positive',
    description: 'Distributions are numbered 1, 2, ….',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ distribution_number }) =>
      distribution_number === null || distribution_number > 0
        ? null
        : { field: 'distribution_number', message: `distribution_number ${distribution_number} must be above 0` },
  }),
  rule({
    name: 'distribution-dates-out-of-order',
    description: 'The record date is not after the distribution.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ distribution_date, record_date }) =>
      record_date <= distribution_date
        ? null
        : { field: 'record_date', message: `record_date ${record_date} lies after distribution_date ${distribution_date}` },
  }),
  rule({
    name: 'unknown-investment',
    description: 'The deal that a distribution comes from exists in this fund.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ investment_id, fund_id }, { state }) =>
      investment_id === null || state.investments.get(investment_id)?.fundId === fund_id
        ? null
        : { field: 'investment_id', message: `there is no investment ${investment_id} in fund ${fund_id}; make it first` },
  }),
  rule({
    name: 'invalid-withholding',
    description: 'Each investor has one withholding rate, a decimal fraction from 0 to 1, and a commitment in the fund.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ fund_id, withholdings }, { state }) => {
      const seen = new Set<string>();
      const holders = new Set((state.funds.get(fund_id)?.commitments ?? []).map((id) => state.commitments.get(id)?.investorId));
      for (const { investor_id, rate } of withholdings) {
        if (withholdingRate(rate) === null)
          return {
            field: 'withholdings',
            message: `rate ${JSON.stringify(rate)} of ${investor_id} is no decimal fraction from 0 to 1`,
          };
        if (seen.has(investor_id)) return { field: 'withholdings', message: `investor ${investor_id} is stated twice` };
        if (!holders.has(investor_id))
          return { field: 'withholdings', message: `investor ${investor_id} has no commitment in fund ${fund_id}` };
        seen.add(investor_id);
      }
      return null;
    },
  }),
  rule({
    name: 'assumed-terms-booked',
    description: 'Other terms than those agreed are for previews only.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ assumed_terms, header }) =>
      assumed_terms === null || header.preview
        ? null
        : {
            field: 'assumed_terms',
            message: 'assumed_terms can only be previewed; adopt them by AdoptFundTerm to book with them',
          },
  }),
  rule({
    name: 'nobody-contributed',
    description: 'A distribution goes to those who have contributed by its date.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ fund_id, distribution_date }, context) =>
      plannedDistribution(context)?.kind === 'nobody'
        ? { field: 'distribution_date', message: `nothing was paid into fund ${fund_id} by ${distribution_date}` }
        : null,
  }),
  rule({
    name: 'part-exceeds-distribution',
    description: 'What may be called again and what is kept back for fees stays within the distribution.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ total_distribution_amount: total, recallable_amount, management_fee_offset }) => {
      if (recallable_amount > total)
        return {
          field: 'recallable_amount',
          message: `recallable_amount ${formatMoney(recallable_amount)} exceeds the total ${formatMoney(total)}`,
        };
      return management_fee_offset > total
        ? {
            field: 'management_fee_offset',
            message: `management_fee_offset ${formatMoney(management_fee_offset)} exceeds the total ${formatMoney(total)}`,
          }
        : null;
    },
  }),
  rule({
    name: 'deductions-exceed-share',
    description: 'Carried interest, tax and fee kept back leave no investor below zero.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: (_, context) => {
      const below = declaredNotices(context).find(({ net_distribution }) => net_distribution < 0n);
      return below === undefined
        ? null
        : {
            field: 'management_fee_offset',
            message: `commitment ${below.commitment_id} would receive ${formatMoney(below.net_distribution)} of its ${formatMoney(below.gross_distribution)}; keep less back`,
          };
    },
  }),
  rule({
    name: 'exceeds-available-cash',
    description: 'A distribution pays out no more than cash less what earlier ones still owe.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ fund_id, total_distribution_amount, management_fee_offset }, { state }) => {
      const paid = total_distribution_amount - management_fee_offset;
      const cash = availableCash(balancesOf(state.funds.get(fund_id)));
      return !state.funds.has(fund_id) || paid <= cash
        ? null
        : {
            field: 'total_distribution_amount',
            message: `${formatMoney(paid)} would be paid out, and available cash is ${formatMoney(cash)}: ${formatMoney(paid - cash)} is missing`,
          };
    },
  }),
  rule({
    name: 'recallable-exceeds-called',
    description: 'No more comes back recallable than was called inside the commitment.',
    severity: 'WARNING',
    commands: ['DeclareDistribution'],
    check: (_, context) => {
      const over = declaredNotices(context).find((notice) => {
        const amount = context.state.commitments.get(notice.commitment_id)?.amount ?? 0n;
        return notice.recallable_amount > 0n && notice.unfunded_after > amount;
      });
      return over === undefined
        ? null
        : {
            field: 'recallable_amount',
            message: `commitment ${over.commitment_id} could be called for ${formatMoney(over.unfunded_after)}, more than was pledged`,
          };
    },
  }),
  rule({
    name: 'distribution-total-differs',
    description: 'The notices of a distribution add up to it: gross to the total, and gross less everything kept back to net.',
    severity: 'ERROR',
    commands: ['DeclareDistribution'],
    check: ({ total_distribution_amount: total }, context) => {
      const notices = declaredNotices(context);
      const sum = sumOfNotices(notices, 'gross_distribution');
      return notices.length === 0 || sum === total
        ? null
        : { field: 'total_distribution_amount', message: `notices add up to ${formatMoney(sum)}, not to ${formatMoney(total)}` };
    },
  }),
  rule({
    name: 'unknown-distribution',
    description: 'The distribution exists in this fund.',
    severity: 'ERROR',
    commands: ['PayDistribution', 'CancelDistribution'],
    check: ({ distribution_id, fund_id }, context) =>
      distributionFor(context, distribution_id, fund_id) === null
        ? { field: 'distribution_id', message: `there is no distribution ${distribution_id} in fund ${fund_id}` }
        : null,
  }),
  rule({
    name: 'distribution-not-declared',
    description: 'Only a declared distribution is paid or cancelled, and only once.',
    severity: 'ERROR',
    commands: ['PayDistribution', 'CancelDistribution'],
    check: ({ distribution_id, fund_id }, context) => {
      const status = distributionFor(context, distribution_id, fund_id)?.status ?? 'DECLARED';
      return status === 'DECLARED' ? null : { field: 'distribution_id', message: `distribution ${distribution_id} is ${status}` };
    },
  }),
  rule({
    name: 'paid-before-declared',
    description: 'A distribution is paid on or after its date.',
    severity: 'ERROR',
    commands: ['PayDistribution'],
    check: ({ distribution_id, fund_id, payment_date }, context) => {
      const date = distributionFor(context, distribution_id, fund_id)?.date;
      return date === undefined || payment_date >= date
        ? null
        : { field: 'payment_date', message: `payment_date ${payment_date} lies before distribution_date ${date}` };
    },
  }),
  rule({
    name: 'exceeds-available-cash',
    description: 'A distribution is paid out of cash that the fund has.',
    severity: 'ERROR',
    commands: ['PayDistribution'],
    check: ({ distribution_id, fund_id }, context) => {
      const distribution = distributionFor(context, distribution_id, fund_id);
      if (distribution?.status !== 'DECLARED') return null;
      const paid = distribution.net + distribution.carry + distribution.withholding;
      const cash = cashOf(balancesOf(context.state.funds.get(fund_id)));
      return paid <= cash
        ? null
        : {
            field: 'distribution_id',
            message: `${formatMoney(paid)} is to be paid, and the fund has ${formatMoney(cash)} in cash`,
          };
    },
  }),
  rule({
    name: 'recallable-was-called',
    description: 'A distribution is not cancelled when its recallable part was called again or moved with a transfer.',
    severity: 'ERROR',
    commands: ['CancelDistribution'],
    check: ({ distribution_id, fund_id }, context) => {
      const wrong = (distributionFor(context, distribution_id, fund_id)?.notices ?? []).find((notice) => {
        const commitment = context.state.commitments.get(notice.commitment_id);
        if (commitment === undefined) return true;
        const kept = accountView(commitment)
          .receipts.filter(({ distributionId }) => distributionId === distribution_id)
          .reduce((sum, { gross }) => sum + gross, 0n);
        return unfundedOf(commitment) < notice.recallable_amount || kept !== notice.gross_distribution;
      });
      return wrong === undefined
        ? null
        : {
            field: 'distribution_id',
            message: `what commitment ${wrong.commitment_id} received of distribution ${distribution_id} was called again or transferred`,
          };
    },
  }),
  rule({
    name: 'clawback-exists',
    description: 'A clawback id is used once in a fund.',
    severity: 'ERROR',
    commands: ['ClawBackCarry'],
    check: ({ clawback_id, fund_id }, { state }) =>
      state.funds.get(fund_id)?.life?.usedIds.has(clawback_id) === true
        ? { field: 'clawback_id', message: `clawback ${clawback_id} was booked already` }
        : null,
  }),
  rule({
    name: 'no-clawback-agreed',
    description: 'The terms of the fund on the day have a clawback.',
    severity: 'ERROR',
    commands: ['ClawBackCarry'],
    check: ({ fund_id, clawback_date }, context) =>
      plannedClawback(context)?.kind === 'no-term'
        ? {
            field: 'fund_id',
            message: `the terms of fund ${fund_id} on ${clawback_date} have no clawback; adopt it by AdoptFundTerm`,
          }
        : null,
  }),
  rule({
    name: 'nothing-to-claw-back',
    description: 'The test of the terms asks for something back.',
    severity: 'ERROR',
    commands: ['ClawBackCarry'],
    check: ({ clawback_date }, context) => {
      const planned = plannedClawback(context);
      return planned?.kind === 'ok' && planned.due === 0n
        ? { field: 'clawback_date', message: `no carried interest is due back on ${clawback_date}` }
        : null;
    },
  }),
];
