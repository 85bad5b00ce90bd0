// Facts of the processors as rows of the star schema.
import type {
  CapitalAccount,
  CashFlow,
  HypotheticalLiquidation,
  JournalEntry,
  NavRoll,
  Performance,
  QualityFinding,
} from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { tierColumns } from './distribution-rows.ts';
import { both, dateId, lineage, money, nameUuid, nobody, type PlacedRows, type Row, sourceOfFact } from './rows.ts';

/** Which figures a row of fact_fund_performance comes from. */
export type PerformanceOrigin = 'CAPITAL_ACCOUNT' | 'PERFORMANCE';

/** Rows of a capital account: the performance of a fund that was taken over, at its fact date. */
export const rowsOfCapitalAccount = (account: CapitalAccount, epoch: number): PlacedRows => {
  const investorId = account.investor_id ?? nobody;
  return both('fact_fund_performance', {
    performance_id: nameUuid(`${investorId}|${account.as_of_date}`, account.fund_id),
    fund_id: account.fund_id,
    investor_id: investorId,
    investment_id: nobody,
    date_id: dateId(account.as_of_date),
    as_of_date: account.as_of_date,
    earliest_as_of_date: account.earliest_as_of_date,
    subject: account.investor_id === null ? 'FUND' : 'INVESTOR',
    is_fund_total: account.investor_id === null,
    origin: 'CAPITAL_ACCOUNT' satisfies PerformanceOrigin,
    currency: account.currency,
    commitments: account.commitments,
    committed_capital: formatMoney(account.committed_amount),
    called_capital: money(account.called_amount),
    distributed_capital: money(account.distributed_amount),
    remaining_value: money(account.remaining_value),
    nav: money(account.remaining_value),
    total_value: money(account.total_value),
    unfunded_capital: money(account.unfunded_amount),
    accrued_carried_interest: money(account.accrued_carried_interest),
    called_unknown: account.called_unknown,
    distributed_unknown: account.distributed_unknown,
    remaining_unknown: account.remaining_unknown,
    irr: account.irr,
    irr_status: account.irr_status,
    gross_irr: null,
    gross_irr_status: 'NO_FLOWS',
    period_return: null,
    is_short_span: false,
    moic: account.tvpi,
    pic: account.pic,
    dpi: account.dpi,
    rvpi: account.rvpi,
    tvpi: account.tvpi,
    reported_irr: account.reported_irr,
    reported_multiple: account.reported_multiple,
    ...lineage(sourceOfFact(account, epoch)),
  });
};

const subjectOf = ({ investor_id, investment_id }: Performance): string => {
  if (investor_id !== null) return 'INVESTOR';
  return investment_id === null ? 'FUND' : 'INVESTMENT';
};

/** Rows of a performance: of a fund with dated flows, one of its investors or one of its investments, at a fact date. */
export const rowsOfPerformance = (fact: Performance, epoch: number): PlacedRows => {
  const subject = subjectOf(fact);
  return both('fact_fund_performance', {
    performance_id: nameUuid(`${fact.investment_id ?? fact.investor_id ?? nobody}|${fact.as_of_date}`, fact.fund_id),
    fund_id: fact.fund_id,
    investor_id: fact.investor_id ?? nobody,
    investment_id: fact.investment_id ?? nobody,
    date_id: dateId(fact.as_of_date),
    as_of_date: fact.as_of_date,
    earliest_as_of_date: fact.as_of_date,
    subject,
    is_fund_total: subject === 'FUND',
    origin: 'PERFORMANCE' satisfies PerformanceOrigin,
    currency: fact.currency,
    commitments: null,
    committed_capital: formatMoney(fact.committed_capital),
    called_capital: money(fact.called_capital),
    distributed_capital: money(fact.distributed_capital),
    remaining_value: money(fact.remaining_value),
    nav: money(fact.nav),
    total_value: money(fact.total_value),
    unfunded_capital: money(fact.unfunded_amount),
    accrued_carried_interest: money(fact.accrued_carried_interest),
    called_unknown: 0,
    distributed_unknown: 0,
    remaining_unknown: 0,
    irr: fact.irr,
    irr_status: fact.irr_status,
    gross_irr: fact.gross_irr,
    gross_irr_status: fact.gross_irr_status,
    period_return: fact.period_return,
    is_short_span: fact.is_short_span,
    moic: fact.moic,
    pic: fact.pic,
    dpi: fact.dpi,
    rvpi: fact.rvpi,
    tvpi: fact.tvpi,
    reported_irr: null,
    reported_multiple: null,
    ...lineage(sourceOfFact(fact, epoch)),
  });
};

/** Rows of a NAV roll. */
export const rowsOfNavRoll = (fact: NavRoll, epoch: number): PlacedRows =>
  both('fact_nav_rolls', {
    fund_id: fact.fund_id,
    investor_id: fact.investor_id ?? nobody,
    date_id: dateId(fact.as_of_date),
    as_of_date: fact.as_of_date,
    is_fund_total: fact.investor_id === null,
    currency: fact.currency,
    opening_nav: formatMoney(fact.opening_nav),
    contributions: formatMoney(fact.contributions),
    distributions: formatMoney(fact.distributions),
    management_fees: formatMoney(fact.management_fees),
    expenses: formatMoney(fact.expenses),
    interest_income: formatMoney(fact.interest_income),
    dividend_income: formatMoney(fact.dividend_income),
    other_income: formatMoney(fact.other_income),
    interest_expense: formatMoney(fact.interest_expense),
    realised_gain_loss: formatMoney(fact.realised_gain_loss),
    unrealised_change: formatMoney(fact.unrealised_change),
    transfers: formatMoney(fact.transfers),
    carried_interest_paid: formatMoney(fact.carried_interest_paid),
    closing_nav: formatMoney(fact.closing_nav),
    accrued_carried_interest: formatMoney(fact.accrued_carried_interest),
    net_nav: formatMoney(fact.net_nav),
    ...lineage(sourceOfFact(fact, epoch)),
  });

/** Rows of a dated flow. */
export const rowsOfCashFlow = (fact: CashFlow, epoch: number): PlacedRows =>
  both('fact_cash_flows', {
    cash_flow_id: fact.cash_flow_id,
    fund_id: fact.fund_id,
    investor_id: fact.investor_id ?? nobody,
    commitment_id: fact.commitment_id ?? nobody,
    investment_id: fact.investment_id ?? nobody,
    is_fund_flow: fact.investor_id === null,
    date_id: dateId(fact.flow_date),
    flow_date: fact.flow_date,
    currency: fact.currency,
    capital_call_amount: formatMoney(fact.capital_call_amount),
    distribution_amount: formatMoney(fact.distribution_amount),
    net_cash_flow: formatMoney(fact.net_cash_flow),
    is_reversal: fact.is_reversal,
    cash_flow_type: fact.cash_flow_type,
    transaction_id: fact.transaction_id ?? nobody,
    ...lineage(sourceOfFact(fact, epoch)),
  });

/** Rows of a journal entry, one for each line. */
export const rowsOfJournalEntry = (fact: JournalEntry, epoch: number): PlacedRows => {
  const entry: Row = {
    fund_id: fact.fund_id,
    journal_entry_id: fact.journal_entry_id,
    date_id: dateId(fact.entry_date),
    entry_date: fact.entry_date,
    currency: fact.currency,
    posting_rule: fact.posting_rule,
    description: fact.description,
    source_aggregate_id: fact.source_event.aggregate_id,
    source_event_version: fact.source_event.event_version,
    ...lineage(sourceOfFact(fact, epoch)),
  };
  return fact.lines.map(({ account_code, investor_id, investment_id, debit, credit }, line) => [
    'fact_journal_lines',
    {
      ...entry,
      line,
      account_code,
      investor_id: investor_id ?? nobody,
      investment_id: investment_id ?? nobody,
      debit: formatMoney(debit),
      credit: formatMoney(credit),
    },
  ]);
};

/** Rows of a hypothetical liquidation. */
export const rowsOfLiquidation = (fact: HypotheticalLiquidation, epoch: number): PlacedRows =>
  both('fact_hypothetical_liquidations', {
    fund_id: fact.fund_id,
    date_id: dateId(fact.as_of_date),
    as_of_date: fact.as_of_date,
    currency: fact.currency,
    nav: formatMoney(fact.nav),
    lp_net: formatMoney(fact.lp_net),
    accrued_carried_interest: formatMoney(fact.accrued_carried_interest),
    terms_version: fact.terms_version,
    ...tierColumns(fact.tiers),
    error: fact.error,
    ...lineage(sourceOfFact(fact, epoch)),
  });

/** Rows of a finding. */
export const rowsOfFinding = (fact: QualityFinding, epoch: number): PlacedRows =>
  both('fact_quality_findings', {
    finding_id: fact.finding_id,
    check_name: fact.check_name,
    fund_id: fact.fund_id,
    subject_id: fact.subject_id,
    severity: fact.severity,
    status: fact.status,
    message: fact.message,
    expected: fact.expected,
    actual: fact.actual,
    ...lineage(sourceOfFact(fact, epoch)),
  });
