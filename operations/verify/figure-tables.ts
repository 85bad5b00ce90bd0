// Rows of the figures in Postgres as the log says they should be; where they were told is not compared, since that depends on how
// events fell into transactions.
import type { Figure } from '#domain/fund-book/figures.ts';
import type { ExpectedTable } from './compare.ts';
import { expectedBookings, expectedFigures, expectedFindings } from './dated-figures.ts';
import type { Model } from './model.ts';
import { decimalText } from './text.ts';

type Cells = Readonly<Record<string, string | null>>;

/** Key columns of these tables. */
export const figureKeys: Readonly<Record<string, readonly string[]>> = {
  cash_flows: ['cash_flow_id'],
  journal_entries: ['journal_entry_id', 'line_number'],
  nav_rolls: ['fund_id', 'investor_id', 'as_of_date'],
  fund_performance: ['fund_id', 'investor_id', 'investment_id', 'as_of_date'],
  hypothetical_liquidations: ['fund_id', 'as_of_date'],
  quality_findings: ['finding_id'],
};

const cells = (value: Readonly<Record<string, unknown>>, without: readonly string[]): Cells =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !without.includes(name))
      .map(([name, part]) => [
        name,
        part === null || part === undefined
          ? null
          : typeof part === 'bigint'
            ? decimalText(part)
            : String(part as string | number | boolean),
      ]),
  );

const ofFigure = ['source_event', 'position', 'recorded_at', 'tiers'];
const keyOf = ({ value }: Figure): string =>
  [
    value.fund_id,
    ...('investor_id' in value ? [value.investor_id ?? ''] : []),
    ...('investment_id' in value ? [value.investment_id ?? ''] : []),
    value.as_of_date,
  ].join('|');

/** Tables of flows and journal entries. */
export const bookingTables = (model: Model): Readonly<Record<string, ExpectedTable>> => {
  const cash_flows: ExpectedTable = new Map();
  const journal_entries: ExpectedTable = new Map();
  const { flows, entries } = expectedBookings(model);
  for (const { cash_flow_id, placed, ...flow } of flows)
    cash_flows.set(cash_flow_id, {
      ...cells(flow, []),
      position_partition: String(placed.partition),
      position_offset: String(placed.offset),
    });
  for (const { journal_entry_id, lines, fund_id, entry_date, posting_rule } of entries)
    lines.forEach((line, place) =>
      journal_entries.set(`${journal_entry_id}|${place + 1}`, { fund_id, entry_date, posting_rule, ...cells({ ...line }, []) }),
    );
  return { cash_flows, journal_entries };
};

/** Tables of NAV roll, performance and liquidations. */
export const figureTables = (model: Model): Readonly<Record<string, ExpectedTable>> => {
  const tables = {
    NavRoll: new Map() as ExpectedTable,
    Performance: new Map() as ExpectedTable,
    HypotheticalLiquidation: new Map() as ExpectedTable,
  };
  for (const figure of expectedFigures(model)) tables[figure.type].set(keyOf(figure), cells({ ...figure.value }, ofFigure));
  return {
    nav_rolls: tables.NavRoll,
    fund_performance: tables.Performance,
    hypothetical_liquidations: tables.HypotheticalLiquidation,
  };
};

/** The table of findings. */
export const findingTable = (model: Model): ExpectedTable =>
  new Map(
    [...expectedFindings(model)].map(([id, result]) => [
      id,
      {
        check_name: result.check,
        fund_id: result.fundId,
        subject_id: result.subjectId,
        severity: result.severity,
        status: result.holds ? 'RESOLVED' : 'OPEN',
        expected: result.expected,
        actual: result.actual,
      },
    ]),
  );

/** Capital accounts of funds with dated bookings: their last performance. */
export const datedAccounts = (model: Model): ExpectedTable => {
  const accounts: ExpectedTable = new Map();
  const latest = new Map<string, string>();
  for (const figure of expectedFigures(model)) {
    if (figure.type !== 'Performance' || figure.value.investment_id !== null) continue;
    const { value } = figure;
    const key = `${value.fund_id}|${value.investor_id ?? ''}`;
    if ((latest.get(key) ?? '') > value.as_of_date) continue;
    latest.set(key, value.as_of_date);
    accounts.set(key, {
      currency: value.currency,
      as_of_date: value.as_of_date,
      committed_amount: decimalText(value.committed_capital),
      called_amount: decimalText(value.called_capital),
      distributed_amount: decimalText(value.distributed_capital),
      remaining_value: decimalText(value.remaining_value),
      total_value: decimalText(value.total_value),
      unfunded_amount: decimalText(value.unfunded_amount),
      pic: value.pic,
      dpi: value.dpi,
      rvpi: value.rvpi,
      tvpi: value.tvpi,
      irr: value.irr,
      irr_status: value.irr_status,
    });
  }
  return accounts;
};
