// Rows of the star schema that facts make: flows, journal, net asset values, performance, liquidations and findings.
import type { Figure } from '#domain/fund-book/figures.ts';
import type { HypotheticalLiquidation, LocalDate, NavRoll, Performance, Uuid } from '#domain/messages.ts';
import { expectedRatio, type ExpectedAccount } from './accounts.ts';
import type { Cells, ExpectedTable } from './compare.ts';
import type { ExpectedFlow, FundFacts } from './fund-facts.ts';
import type { KnownSum } from './model.ts';
import { dateId, lineage, nobody, performanceId, text, tierCells, versionAt } from './star-text.ts';
import { decimalText } from './text.ts';

const known = (sum: KnownSum): string | null => (sum.parts > 0 && sum.unknown === sum.parts ? null : decimalText(sum.minor));
const whole = (sum: KnownSum): bigint | null => (sum.unknown > 0 ? null : sum.minor);

const accountRow = (account: ExpectedAccount, epoch: number): Cells => {
  const distributed = whole(account.distributed);
  const remaining = whole(account.remaining);
  const total = distributed === null || remaining === null ? null : distributed + remaining;
  const tvpi = expectedRatio(total, account.called);
  return {
    performance_id: performanceId(account.fundId, account.investorId ?? nobody, account.asOf),
    date_id: dateId(account.asOf),
    earliest_as_of_date: account.earliest,
    subject: account.investorId === null ? 'FUND' : 'INVESTOR',
    is_fund_total: String(account.investorId === null),
    origin: 'CAPITAL_ACCOUNT',
    currency: account.currency,
    commitments: String(account.committed.parts),
    committed_capital: decimalText(account.committed.minor),
    called_capital: known(account.called),
    distributed_capital: known(account.distributed),
    remaining_value: known(account.remaining),
    nav: known(account.remaining),
    total_value: decimalText(total),
    unfunded_capital: decimalText(whole(account.unfunded)),
    accrued_carried_interest: null,
    called_unknown: String(account.called.unknown),
    distributed_unknown: String(account.distributed.unknown),
    remaining_unknown: String(account.remaining.unknown),
    irr: null,
    irr_status: 'NO_FLOWS',
    gross_irr: null,
    gross_irr_status: 'NO_FLOWS',
    period_return: null,
    is_short_span: 'false',
    moic: tvpi,
    pic: expectedRatio(account.called, account.committed),
    dpi: expectedRatio(account.distributed, account.called),
    rvpi: expectedRatio(account.remaining, account.called),
    tvpi,
    reported_irr: account.reportedIrr,
    reported_multiple: account.reportedMultiple,
    ...lineage(account.source, epoch),
  };
};

const performanceRow = (value: Performance): Cells => {
  const subject = value.investor_id !== null ? 'INVESTOR' : value.investment_id !== null ? 'INVESTMENT' : 'FUND';
  return {
    performance_id: performanceId(value.fund_id, value.investment_id ?? value.investor_id ?? nobody, value.as_of_date),
    date_id: dateId(value.as_of_date),
    earliest_as_of_date: value.as_of_date,
    subject,
    is_fund_total: String(subject === 'FUND'),
    origin: 'PERFORMANCE',
    currency: value.currency,
    commitments: null,
    committed_capital: decimalText(value.committed_capital),
    called_capital: decimalText(value.called_capital),
    distributed_capital: decimalText(value.distributed_capital),
    remaining_value: decimalText(value.remaining_value),
    nav: decimalText(value.nav),
    total_value: decimalText(value.total_value),
    unfunded_capital: decimalText(value.unfunded_amount),
    accrued_carried_interest: decimalText(value.accrued_carried_interest),
    called_unknown: '0',
    distributed_unknown: '0',
    remaining_unknown: '0',
    irr: value.irr,
    irr_status: value.irr_status,
    gross_irr: value.gross_irr,
    gross_irr_status: value.gross_irr_status,
    period_return: value.period_return,
    is_short_span: String(value.is_short_span),
    moic: value.moic,
    pic: value.pic,
    dpi: value.dpi,
    rvpi: value.rvpi,
    tvpi: value.tvpi,
    reported_irr: null,
    reported_multiple: null,
  };
};

const rollRow = ({ fund_id: _fund, investor_id, as_of_date, currency, ...amounts }: NavRoll): Cells => ({
  date_id: dateId(as_of_date),
  is_fund_total: String(investor_id === null),
  currency,
  ...Object.fromEntries(
    Object.entries(amounts).flatMap(([name, minor]) => (typeof minor === 'bigint' ? [[name, decimalText(minor)]] : [])),
  ),
});

const liquidationRow = (value: HypotheticalLiquidation): Cells => ({
  date_id: dateId(value.as_of_date),
  currency: value.currency,
  nav: decimalText(value.nav),
  lp_net: decimalText(value.lp_net),
  accrued_carried_interest: decimalText(value.accrued_carried_interest),
  terms_version: String(value.terms_version),
  ...tierCells(value.tiers),
  error: value.error,
});

const keyOf = (...parts: readonly (string | null)[]): string => parts.map((part) => part ?? nobody).join('|');

/** Figures of one kind, each at its last word. */
export const starFigures = ({ figures }: FundFacts, type: Figure['type']): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const figure of figures()) {
    if (figure.type !== type) continue;
    switch (figure.type) {
      case 'Performance': {
        const { value } = figure;
        rows.set(keyOf(value.fund_id, value.investor_id, value.investment_id, value.as_of_date), () => performanceRow(value));
        break;
      }
      case 'NavRoll': {
        const { value } = figure;
        rows.set(keyOf(value.fund_id, value.investor_id, value.as_of_date), () => rollRow(value));
        break;
      }
      case 'HypotheticalLiquidation': {
        const { value } = figure;
        rows.set(keyOf(value.fund_id, value.as_of_date), () => liquidationRow(value));
        break;
      }
    }
  }
  return rows;
};

const accountKey = ({ fundId, investorId, asOf }: ExpectedAccount): string => keyOf(fundId, investorId, nobody, asOf);

/** Every version of the performance of funds that were taken over. */
export const starAccountHistory = ({ accounts }: FundFacts, epoch: number): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const account of accounts())
    rows.set(`${accountKey(account)}|${versionAt(account.source.offset, epoch)}`, () => accountRow(account, epoch));
  return rows;
};

/** The performance of funds that were taken over as it stands: it ends where the figures of dated flows begin. */
export const starAccounts = ({ accounts }: FundFacts, firstDays: ReadonlyMap<Uuid, LocalDate>, epoch: number): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const account of accounts()) {
    const end = firstDays.get(account.fundId);
    if (end === undefined || account.asOf < end) rows.set(accountKey(account), () => accountRow(account, epoch));
  }
  return rows;
};

const flowRow = (flow: ExpectedFlow, epoch: number): Cells => ({
  fund_id: flow.fund_id,
  investor_id: flow.investor_id ?? nobody,
  commitment_id: flow.commitment_id ?? nobody,
  investment_id: flow.investment_id ?? nobody,
  is_fund_flow: String(flow.investor_id === null),
  date_id: dateId(flow.flow_date),
  flow_date: flow.flow_date,
  currency: flow.currency,
  capital_call_amount: decimalText(flow.capital_call_amount),
  distribution_amount: decimalText(flow.distribution_amount),
  net_cash_flow: decimalText(flow.net_cash_flow),
  is_reversal: String(flow.is_reversal),
  cash_flow_type: flow.cash_flow_type,
  transaction_id: flow.transaction_id ?? nobody,
  ...lineage(flow.placed, epoch),
});

/** Dated flows. */
export const starFlows = ({ bookings }: FundFacts, epoch: number): ExpectedTable =>
  new Map(bookings().flows.map((flow) => [flow.cash_flow_id, () => flowRow(flow, epoch)]));

/** Lines of the journal. */
export const starJournal = ({ bookings }: FundFacts, epoch: number): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const { journal_entry_id, lines, placed, ...entry } of bookings().entries)
    lines.forEach(({ account_code, investor_id, investment_id, debit, credit }, line) =>
      rows.set(`${journal_entry_id}|${line}`, () => ({
        fund_id: entry.fund_id,
        date_id: dateId(entry.entry_date),
        entry_date: entry.entry_date,
        currency: entry.currency,
        posting_rule: entry.posting_rule,
        description: entry.description,
        account_code,
        investor_id: investor_id ?? nobody,
        investment_id: investment_id ?? nobody,
        debit: decimalText(debit),
        credit: decimalText(credit),
        source_aggregate_id: placed.event.value.envelope.aggregate_id,
        source_event_version: String(placed.event.value.envelope.event_version),
        ...lineage(placed, epoch),
      })),
    );
  return rows;
};

/** Findings as they stand, or (`history`) whenever they were told. */
export const starFindings = ({ findings }: FundFacts, epoch: number, isHistory: boolean): ExpectedTable => {
  const rows: ExpectedTable = new Map();
  for (const { id, result, placed } of findings())
    rows.set(isHistory ? `${id}|${versionAt(placed.offset, epoch)}` : id, {
      check_name: result.check,
      fund_id: result.fundId,
      subject_id: text(result.subjectId),
      severity: result.severity,
      status: result.holds ? 'RESOLVED' : 'OPEN',
      message: result.message,
      expected: result.expected,
      actual: result.actual,
      ...lineage(placed, epoch),
    });
  return rows;
};
