// Facts to their rows: nothing is computed here.
import type {
  CapitalAccount,
  CashFlow,
  HypotheticalLiquidation,
  JournalEntry,
  NavRoll,
  Performance,
  QualityFinding,
} from '#domain/messages.ts';
import type {
  capitalAccounts,
  cashFlows,
  fundPerformance,
  hypotheticalLiquidations,
  journalEntries,
  navRolls,
  qualityFindings,
} from '../fact-tables.ts';
import { sqlInstant, sqlJson, sqlMoney } from '../sql-values.ts';
import type { RowOf } from '../table.ts';

const stampsOf = (fact: Pick<CashFlow, 'source_event' | 'position' | 'recorded_at'>) => ({
  source_event_aggregate_id: fact.source_event.aggregate_id,
  source_event_version: fact.source_event.event_version,
  position_partition: fact.position.partition,
  position_offset: String(fact.position.offset),
  recorded_at: sqlInstant(fact.recorded_at),
});

/** The capital account of an investor in a fund, or of the whole fund. */
export const toDbCapitalAccount = (fact: CapitalAccount): RowOf<typeof capitalAccounts> => ({
  fund_id: fact.fund_id,
  investor_id: fact.investor_id,
  currency: fact.currency,
  as_of_date: fact.as_of_date,
  earliest_as_of_date: fact.earliest_as_of_date,
  commitments: fact.commitments,
  committed_amount: sqlMoney(fact.committed_amount),
  called_amount: sqlMoney(fact.called_amount),
  distributed_amount: sqlMoney(fact.distributed_amount),
  remaining_value: sqlMoney(fact.remaining_value),
  total_value: sqlMoney(fact.total_value),
  unfunded_amount: sqlMoney(fact.unfunded_amount),
  called_unknown: fact.called_unknown,
  distributed_unknown: fact.distributed_unknown,
  remaining_unknown: fact.remaining_unknown,
  pic: fact.pic,
  dpi: fact.dpi,
  rvpi: fact.rvpi,
  tvpi: fact.tvpi,
  irr: fact.irr,
  irr_status: fact.irr_status,
  reported_irr: fact.reported_irr,
  reported_multiple: fact.reported_multiple,
  paid_in_amount: sqlMoney(fact.paid_in_amount),
  recallable_amount: sqlMoney(fact.recallable_amount),
  accrued_carried_interest: sqlMoney(fact.accrued_carried_interest),
  ...stampsOf(fact),
});

/**
 * The capital account of a live fund or of an investor in it, from its performance. How many commitments it has is counted in the
 * database.
 */
export const toDbLiveAccount = (fact: Performance): RowOf<typeof capitalAccounts> => ({
  fund_id: fact.fund_id,
  investor_id: fact.investor_id,
  currency: fact.currency,
  as_of_date: fact.as_of_date,
  earliest_as_of_date: fact.as_of_date,
  commitments: 0,
  committed_amount: sqlMoney(fact.committed_capital),
  called_amount: sqlMoney(fact.called_capital),
  distributed_amount: sqlMoney(fact.distributed_capital),
  remaining_value: sqlMoney(fact.nav),
  total_value: sqlMoney(fact.total_value),
  unfunded_amount: sqlMoney(fact.unfunded_amount),
  called_unknown: 0,
  distributed_unknown: 0,
  remaining_unknown: 0,
  pic: fact.pic,
  dpi: fact.dpi,
  rvpi: fact.rvpi,
  tvpi: fact.tvpi,
  irr: fact.irr,
  irr_status: fact.irr_status,
  reported_irr: null,
  reported_multiple: null,
  paid_in_amount: sqlMoney(fact.called_capital),
  recallable_amount: null,
  accrued_carried_interest: sqlMoney(fact.accrued_carried_interest ?? 0n),
  ...stampsOf(fact),
});

/** A dated flow. */
export const toDbCashFlow = (fact: CashFlow): RowOf<typeof cashFlows> => ({
  cash_flow_id: fact.cash_flow_id,
  fund_id: fact.fund_id,
  investor_id: fact.investor_id,
  commitment_id: fact.commitment_id,
  investment_id: fact.investment_id,
  flow_date: fact.flow_date,
  cash_flow_type: fact.cash_flow_type,
  currency: fact.currency,
  capital_call_amount: sqlMoney(fact.capital_call_amount),
  distribution_amount: sqlMoney(fact.distribution_amount),
  net_cash_flow: sqlMoney(fact.net_cash_flow),
  transaction_id: fact.transaction_id,
  is_reversal: fact.is_reversal,
  ...stampsOf(fact),
});

/** The lines of a balanced entry, numbered from 1. */
export const toDbJournalLines = (fact: JournalEntry): readonly RowOf<typeof journalEntries>[] =>
  fact.lines.map((line, at) => ({
    journal_entry_id: fact.journal_entry_id,
    line_number: at + 1,
    fund_id: fact.fund_id,
    entry_date: fact.entry_date,
    currency: fact.currency,
    posting_rule: fact.posting_rule,
    description: fact.description,
    account_code: line.account_code,
    debit: sqlMoney(line.debit),
    credit: sqlMoney(line.credit),
    investor_id: line.investor_id,
    investment_id: line.investment_id,
    ...stampsOf(fact),
  }));

/** A roll of the net asset value. */
export const toDbNavRoll = (fact: NavRoll): RowOf<typeof navRolls> => ({
  fund_id: fact.fund_id,
  investor_id: fact.investor_id,
  as_of_date: fact.as_of_date,
  currency: fact.currency,
  opening_nav: sqlMoney(fact.opening_nav),
  contributions: sqlMoney(fact.contributions),
  distributions: sqlMoney(fact.distributions),
  management_fees: sqlMoney(fact.management_fees),
  expenses: sqlMoney(fact.expenses),
  interest_income: sqlMoney(fact.interest_income),
  dividend_income: sqlMoney(fact.dividend_income),
  other_income: sqlMoney(fact.other_income),
  interest_expense: sqlMoney(fact.interest_expense),
  realised_gain_loss: sqlMoney(fact.realised_gain_loss),
  unrealised_change: sqlMoney(fact.unrealised_change),
  transfers: sqlMoney(fact.transfers),
  carried_interest_paid: sqlMoney(fact.carried_interest_paid),
  closing_nav: sqlMoney(fact.closing_nav),
  accrued_carried_interest: sqlMoney(fact.accrued_carried_interest),
  net_nav: sqlMoney(fact.net_nav),
  ...stampsOf(fact),
});

/** Performance of a fact date. */
export const toDbPerformance = (fact: Performance): RowOf<typeof fundPerformance> => ({
  fund_id: fact.fund_id,
  investor_id: fact.investor_id,
  investment_id: fact.investment_id,
  as_of_date: fact.as_of_date,
  currency: fact.currency,
  nav: sqlMoney(fact.nav),
  committed_capital: sqlMoney(fact.committed_capital),
  called_capital: sqlMoney(fact.called_capital),
  distributed_capital: sqlMoney(fact.distributed_capital),
  remaining_value: sqlMoney(fact.remaining_value),
  total_value: sqlMoney(fact.total_value),
  unfunded_amount: sqlMoney(fact.unfunded_amount),
  accrued_carried_interest: sqlMoney(fact.accrued_carried_interest),
  pic: fact.pic,
  dpi: fact.dpi,
  rvpi: fact.rvpi,
  tvpi: fact.tvpi,
  moic: fact.moic,
  irr: fact.irr,
  irr_status: fact.irr_status,
  gross_irr: fact.gross_irr,
  gross_irr_status: fact.gross_irr_status,
  period_return: fact.period_return,
  is_short_span: fact.is_short_span,
  ...stampsOf(fact),
});

/** What a fund would pay if it sold everything. */
export const toDbLiquidation = (fact: HypotheticalLiquidation): RowOf<typeof hypotheticalLiquidations> => ({
  fund_id: fact.fund_id,
  as_of_date: fact.as_of_date,
  currency: fact.currency,
  nav: sqlMoney(fact.nav),
  lp_net: sqlMoney(fact.lp_net),
  accrued_carried_interest: sqlMoney(fact.accrued_carried_interest),
  terms_version: fact.terms_version,
  tiers: sqlJson(fact.tiers),
  error: fact.error,
  ...stampsOf(fact),
});

/** A finding of a check, as it stands. */
export const toDbQualityFinding = (fact: QualityFinding): RowOf<typeof qualityFindings> => ({
  finding_id: fact.finding_id,
  check_name: fact.check_name,
  fund_id: fact.fund_id,
  subject_id: fact.subject_id,
  severity: fact.severity,
  status: fact.status,
  message: fact.message,
  expected: fact.expected,
  actual: fact.actual,
  ...stampsOf(fact),
});
