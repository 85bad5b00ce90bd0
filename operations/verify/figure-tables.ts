// Rows of the figures in Postgres as the log says they should be; where they were told is not compared, since that depends on how
// events fell into transactions.
import type { Figure } from '#domain/fund-book/figures.ts';
import type { Cells, ExpectedTable } from './compare.ts';
import type { FundFacts } from './fund-facts.ts';
import type { PlacedEvent } from './model.ts';
import { decimalText } from './text.ts';

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

const placeOf = ({ partition, offset }: PlacedEvent): Cells => ({
  position_partition: String(partition),
  position_offset: String(offset),
});

const ofFigure = ['source_event', 'position', 'recorded_at', 'tiers'];
const keyOf = ({ value }: Figure): string =>
  [
    value.fund_id,
    ...('investor_id' in value ? [value.investor_id ?? ''] : []),
    ...('investment_id' in value ? [value.investment_id ?? ''] : []),
    value.as_of_date,
  ].join('|');

/** Tables of flows and journal entries. */
export const bookingTables = ({ bookings }: FundFacts): Readonly<Record<string, ExpectedTable>> => {
  const cash_flows: ExpectedTable = new Map();
  const journal_entries: ExpectedTable = new Map();
  const { flows, entries } = bookings();
  for (const { cash_flow_id, placed, ...flow } of flows)
    cash_flows.set(cash_flow_id, () => ({ ...cells(flow, []), ...placeOf(placed) }));
  for (const { journal_entry_id, lines, placed, ...entry } of entries)
    lines.forEach((line, place) =>
      journal_entries.set(`${journal_entry_id}|${place + 1}`, () => ({
        ...cells(entry, []),
        ...cells({ ...line }, []),
        ...placeOf(placed),
      })),
    );
  return { cash_flows, journal_entries };
};

/** The table of one kind of figures. */
export const figureTable = ({ figures }: FundFacts, type: Figure['type']): ExpectedTable => {
  const table: ExpectedTable = new Map();
  for (const figure of figures()) if (figure.type === type) table.set(keyOf(figure), () => cells({ ...figure.value }, ofFigure));
  return table;
};

/** The table of findings: each as it was told last. */
export const findingTable = ({ findings }: FundFacts): ExpectedTable => {
  const table: ExpectedTable = new Map();
  for (const { id, result, placed } of findings())
    table.set(id, {
      check_name: result.check,
      fund_id: result.fundId,
      subject_id: result.subjectId,
      severity: result.severity,
      status: result.holds ? 'RESOLVED' : 'OPEN',
      message: result.message,
      expected: result.expected,
      actual: result.actual,
      ...placeOf(placed),
    });
  return table;
};

/** Capital accounts of funds with dated bookings: their last performance. */
export const datedAccounts = ({ figures }: FundFacts): ExpectedTable => {
  const accounts: ExpectedTable = new Map();
  const latest = new Map<string, string>();
  for (const figure of figures()) {
    if (figure.type !== 'Performance' || figure.value.investment_id !== null) continue;
    const { value } = figure;
    const key = `${value.fund_id}|${value.investor_id ?? ''}`;
    if ((latest.get(key) ?? '') > value.as_of_date) continue;
    latest.set(key, value.as_of_date);
    accounts.set(key, () => ({
      currency: value.currency,
      as_of_date: value.as_of_date,
      committed_amount: decimalText(value.committed_capital),
      called_amount: decimalText(value.called_capital),
      distributed_amount: decimalText(value.distributed_capital),
      remaining_value: decimalText(value.remaining_value),
      total_value: decimalText(value.total_value),
      unfunded_amount: decimalText(value.unfunded_amount),
      accrued_carried_interest: decimalText(value.accrued_carried_interest),
      pic: value.pic,
      dpi: value.dpi,
      rvpi: value.rvpi,
      tvpi: value.tvpi,
      irr: value.irr,
      irr_status: value.irr_status,
    }));
  }
  return accounts;
};
