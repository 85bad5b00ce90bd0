// Turns events into balanced double entries by the posting rules. Pure but for its own small state; the ledger folds balances out
// of it, a processor writes them as JournalEntry facts.
import { fromEpochDay, toEpochDay } from '../dates/local-date.ts';
import type { AnyEvent, DistributionNotice, JournalLine, LocalDate, Minor, Uuid } from '../messages.ts';
import { type InvestmentEntry, unrealisedChanges, withEntry } from './investment-history.ts';
import type { JournalState } from './journal-state.ts';
import { postingRules, type PostingRuleName } from './posting-rules.ts';

/** A balanced entry, as the JournalEntry fact has it. */
export interface Posting {
  readonly fund_id: Uuid;
  readonly entry_date: LocalDate;
  readonly posting_rule: PostingRuleName;
  readonly description: string;
  readonly lines: readonly JournalLine[];
}

/** Amounts of an event by the names that rules use, and whom they concern. */
interface Item {
  readonly amounts: Readonly<Record<string, Minor>>;
  readonly investor?: Uuid;
  readonly investment?: Uuid | null;
}

const line = (account: string, amount: Minor, { investor, investment }: Item): readonly JournalLine[] =>
  amount === 0n
    ? []
    : [
        {
          account_code: account,
          debit: amount > 0n ? amount : 0n,
          credit: amount < 0n ? -amount : 0n,
          investor_id: investor ?? null,
          investment_id: investment ?? null,
        },
      ];

/**
 * The entry of a rule over items; none when nothing moved.
 * @throws Error when debits and credits differ (a defect of the rule).
 */
const entry = (fundId: Uuid, date: LocalDate, name: PostingRuleName, items: readonly Item[]): readonly Posting[] => {
  const { debit, credit, description } = postingRules[name];
  const lines = items.flatMap((item) => [
    ...debit.flatMap(([account, amount]) => line(account, item.amounts[amount] ?? 0n, item)),
    ...credit.flatMap(([account, amount]) => line(account, -(item.amounts[amount] ?? 0n), item)),
  ]);
  const difference = lines.reduce((sum, { debit: left, credit: right }) => sum + left - right, 0n);
  if (difference !== 0n)
    throw new Error(`posting rule ${name} of fund ${fundId} on ${date} is out of balance by ${difference} cents`);
  return lines.length === 0 ? [] : [{ fund_id: fundId, entry_date: date, posting_rule: name, description, lines }];
};

const noticeItems = (notices: readonly DistributionNotice[]): readonly Item[] =>
  notices.map((notice) => ({
    investor: notice.investor_id,
    amounts: {
      received: notice.gross_distribution - notice.carried_interest,
      carry: notice.carried_interest,
      net: notice.net_distribution,
      withholding: notice.tax_withholding,
      offset: notice.management_fee_offset,
    },
  }));

/** Remembers what an event did to an investment; the entries of what it changed in the unrealised gain, one for each day. */
const revalued = (state: JournalState, fundId: Uuid, investment: Uuid, booked: InvestmentEntry): readonly Posting[] => {
  const before = state.investments.get(investment) ?? [];
  const later = withEntry(before, booked);
  state.investments.set(investment, later);
  return unrealisedChanges(before, later).flatMap(({ day, change }) =>
    entry(fundId, fromEpochDay(day), 'fair-value-changed', [{ amounts: { change }, investment }]),
  );
};

/**
 * Posts an event: its balanced entries, in order; none for an event that moves no money.
 * @throws Error when the event contradicts the log before it or a rule is out of balance (defects).
 */
export const post = (state: JournalState, event: AnyEvent): readonly Posting[] => {
  switch (event.type) {
    case 'CapitalCallPaymentReceived':
    case 'CapitalCallPaymentReversed': {
      const { fund_id, payment_date, amount, investor_id } = event.value;
      const name = event.type === 'CapitalCallPaymentReceived' ? 'contribution-received' : 'contribution-reversed';
      return entry(fund_id, payment_date, name, [{ amounts: { amount }, investor: investor_id }]);
    }
    case 'InvestmentMade': {
      const { fund_id, investment_id: investment, investment_date: date, investment_amount: amount } = event.value;
      const booked = { kind: 'cost', day: toEpochDay(date), minor: amount } as const;
      return [
        ...entry(fund_id, date, 'investment-made', [{ amounts: { amount }, investment }]),
        ...revalued(state, fund_id, investment, booked),
      ];
    }
    case 'InvestmentIncreased': {
      const { fund_id, investment_id: investment, amount, envelope } = event.value;
      const booked = { kind: 'cost', day: toEpochDay(envelope.effective_date), minor: amount } as const;
      return [
        ...entry(fund_id, envelope.effective_date, 'investment-increased', [{ amounts: { amount }, investment }]),
        ...revalued(state, fund_id, investment, booked),
      ];
    }
    case 'InvestmentValued': {
      const { fund_id, investment_id, fair_value, envelope } = event.value;
      const booked = { kind: 'value', day: toEpochDay(envelope.effective_date), fairMinor: fair_value } as const;
      return revalued(state, fund_id, investment_id, booked);
    }
    case 'InvestmentRealised':
    case 'InvestmentWrittenOff': {
      const { fund_id, investment_id: investment, remaining_fair_value: leftFairMinor, envelope } = event.value;
      const isSale = event.type === 'InvestmentRealised';
      const cost = isSale ? event.value.cost_realised : event.value.cost_written_off;
      const proceeds = isSale ? event.value.proceeds : 0n;
      const day = toEpochDay(envelope.effective_date);
      const booked = { kind: 'realisation', day, costMinor: cost, leftFairMinor, isWriteOff: !isSale } as const;
      const name = isSale ? 'investment-realised' : 'investment-written-off';
      return [
        ...entry(fund_id, envelope.effective_date, name, [{ amounts: { proceeds, cost, gain: proceeds - cost }, investment }]),
        ...revalued(state, fund_id, investment, booked),
      ];
    }
    case 'FundTransactionRecorded':
    case 'FundTransactionReversed': {
      const { fund_id, transaction_type, amount, investment_id, envelope } = event.value;
      if (transaction_type === 'UNKNOWN') return [];
      const signed = event.type === 'FundTransactionRecorded' ? amount : -amount;
      return entry(fund_id, envelope.effective_date, transaction_type, [
        { amounts: { amount: signed }, investment: investment_id },
      ]);
    }
    case 'DistributionDeclared':
    case 'DistributionNoticesDeclared': {
      const { fund_id, distribution_id, notices } = event.value;
      const earlier = state.declared.get(distribution_id);
      const date = event.type === 'DistributionDeclared' ? event.value.distribution_date : earlier?.date;
      if (date === undefined) throw new Error(`notices of distribution ${distribution_id}, which no earlier event declared`);
      state.declared.set(distribution_id, { date, notices: [...(earlier?.notices ?? []), ...notices] });
      return entry(fund_id, date, 'distribution-declared', noticeItems(notices));
    }
    case 'DistributionCancelled': {
      const { fund_id, distribution_id } = event.value;
      const declared = state.declared.get(distribution_id);
      if (declared === undefined)
        throw new Error(`distribution ${distribution_id} is cancelled, which no earlier event declared`);
      state.declared.delete(distribution_id);
      // As if it had never been: dated as the declaration, so that no day shows it.
      return entry(fund_id, declared.date, 'distribution-cancelled', noticeItems(declared.notices));
    }
    case 'DistributionPaid': {
      const { fund_id, distribution_id, payment_date, net_distribution, carried_interest, tax_withholding } = event.value;
      state.declared.delete(distribution_id);
      const amounts = {
        net: net_distribution,
        carry: carried_interest,
        withholding: tax_withholding,
        paid: net_distribution + carried_interest + tax_withholding,
      };
      return entry(fund_id, payment_date, 'distribution-paid', [{ amounts }]);
    }
    case 'CarryClawedBack': {
      const { fund_id, clawback_date, notices } = event.value;
      const items = notices.map((notice) => ({
        amounts: { returned: notice.gross_distribution },
        investor: notice.investor_id,
      }));
      return entry(fund_id, clawback_date, 'carry-clawed-back', items);
    }
    case 'CommitmentTransferred': {
      const { fund_id, investor_id, to_investor_id, paid_in_moved, distributed_moved, envelope } = event.value;
      return entry(fund_id, envelope.effective_date, 'capital-transferred', [
        { amounts: { paidIn: paid_in_moved, distributed: distributed_moved }, investor: investor_id },
        { amounts: { paidIn: -paid_in_moved, distributed: -distributed_moved }, investor: to_investor_id },
      ]);
    }
    default:
      return [];
  }
};
