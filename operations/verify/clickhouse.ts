// What ClickHouse should contain at its watermark, and what it does: which table is compared with what. A row that a later event has
// already replaced is left to its history.
import type { Uuid } from '#domain/messages.ts';
import { isWithin, type ClickHouseSnapshot } from './clickhouse-store.ts';
import { compareTable, type ExpectedTable } from './compare.ts';
import { type FundFacts, lazy } from './fund-facts.ts';
import type { Difference, Model, PlacedEvent } from './model.ts';
import { bookingKeys, starBookings } from './star-bookings.ts';
import {
  starAccounts as starChart,
  starCommitments,
  starFunds,
  starInvestors,
  starOpenings,
  starRates,
} from './star-entities.ts';
import { starAccountHistory, starAccounts, starFigures, starFindings, starFlows, starJournal } from './star-figures.ts';
import { offsetsOf, type Source, type StoredRow } from './store.ts';

interface Input {
  readonly events: readonly PlacedEvent[];
  readonly facts: FundFacts;
  readonly epoch: number;
  /** Rows of bookings, folded once. */
  readonly bookings: () => Readonly<Record<string, ExpectedTable>>;
}

interface TableCheck {
  readonly table: string;
  readonly keys: readonly string[];
  readonly source: Source;
  /** The rows of the table that come from the source. */
  readonly where?: string;
  /** Only the last version of a key can be told from the log: figures are told once per transaction. */
  readonly lastOnly?: true;
  readonly expected: (at: (source: Source) => Input) => ExpectedTable;
}

const performance = ['fund_id', 'investor_id', 'investment_id', 'as_of_date'] as const;
const rolls = ['fund_id', 'investor_id', 'as_of_date'] as const;
const liquidations = ['fund_id', 'as_of_date'] as const;
const isOpening = "cash_flow_type = 'OPENING_BALANCE'";
const isFlow = "cash_flow_type <> 'OPENING_BALANCE'";
const ofAccounts = "origin = 'CAPITAL_ACCOUNT'";
const ofFlows = "origin <> 'CAPITAL_ACCOUNT'";

/** The same rows in the table of current versions and in its history. */
const both = (check: TableCheck, history: Pick<TableCheck, 'keys'> & Partial<TableCheck>): readonly TableCheck[] => [
  check,
  { ...check, table: `${check.table}_history`, ...history },
];

const fundTables: readonly TableCheck[] = [
  {
    table: 'dim_fund_history',
    keys: ['fund_id', 'event_version'],
    source: 'events',
    expected: (at) => starFunds(at('events').events, at('events').epoch),
  },
  {
    table: 'fact_commitments',
    keys: ['commitment_id'],
    source: 'events',
    expected: (at) => starCommitments(at('events').events, at('events').epoch),
  },
  ...Object.entries(bookingKeys).map(([table, keys]): TableCheck => ({
    table,
    keys,
    source: 'events',
    expected: (at) => at('events').bookings()[table] ?? new Map(),
  })),
  ...both(
    {
      table: 'fact_cash_flows',
      keys: ['cash_flow_id'],
      source: 'events',
      where: isOpening,
      expected: (at) => starOpenings(at('events').events, at('events').epoch),
    },
    { keys: ['cash_flow_id'] },
  ),
  ...both(
    {
      table: 'fact_cash_flows',
      keys: ['cash_flow_id'],
      source: 'cash-flows',
      where: isFlow,
      expected: (at) => starFlows(at('cash-flows').facts, at('cash-flows').epoch),
    },
    { keys: ['cash_flow_id'] },
  ),
  {
    table: 'fact_journal_lines',
    keys: ['journal_entry_id', 'line'],
    source: 'cash-flows',
    expected: (at) => starJournal(at('cash-flows').facts, at('cash-flows').epoch),
  },
  ...both(
    {
      table: 'fact_fund_performance',
      keys: performance,
      source: 'capital-accounts',
      where: ofAccounts,
      expected: (at) =>
        starAccounts(at('capital-accounts').facts, at('performance').facts.firstDays(), at('capital-accounts').epoch),
    },
    {
      keys: [...performance, '_version'],
      expected: (at) => starAccountHistory(at('capital-accounts').facts, at('capital-accounts').epoch),
    },
  ),
  ...both(
    {
      table: 'fact_fund_performance',
      keys: performance,
      source: 'performance',
      where: ofFlows,
      expected: (at) => starFigures(at('performance').facts, 'Performance'),
    },
    { keys: performance, lastOnly: true },
  ),
  ...both(
    {
      table: 'fact_nav_rolls',
      keys: rolls,
      source: 'performance',
      expected: (at) => starFigures(at('performance').facts, 'NavRoll'),
    },
    { keys: rolls, lastOnly: true },
  ),
  ...both(
    {
      table: 'fact_hypothetical_liquidations',
      keys: liquidations,
      source: 'waterfalls',
      expected: (at) => starFigures(at('waterfalls').facts, 'HypotheticalLiquidation'),
    },
    { keys: liquidations, lastOnly: true },
  ),
  ...both(
    {
      table: 'fact_quality_findings',
      keys: ['finding_id'],
      source: 'quality',
      expected: (at) => starFindings(at('quality').facts, at('quality').epoch, false),
    },
    {
      keys: ['finding_id', '_version'],
      expected: (at) => starFindings(at('quality').facts, at('quality').epoch, true),
    },
  ),
];

/** Funds that rows of these tables name, to find those that are not on the log. */
export const fundsInClickHouse = async (snapshot: ClickHouseSnapshot): Promise<ReadonlySet<Uuid>> => {
  const found = new Set<Uuid>();
  for (const table of new Set(fundTables.map(({ table: name }) => name)))
    for (const fundId of await snapshot.fundsIn(table)) found.add(fundId);
  return found;
};

const compare = async (
  snapshot: ClickHouseSnapshot,
  { table, keys, source, where, lastOnly }: TableCheck,
  expected: ExpectedTable,
  funds?: readonly Uuid[],
): Promise<readonly Difference[]> => {
  const offsets = offsetsOf(snapshot.position, source);
  const filter = { ...(funds === undefined ? {} : { funds }), ...(where === undefined ? {} : { where }) };
  return await compareTable({
    where: 'clickhouse',
    table,
    keys,
    expected,
    found: lastOnly === true ? snapshot.lastRows(table, keys, offsets, filter) : snapshot.rows(table, keys, filter),
    isLater: (row: StoredRow) => !isWithin(row, offsets),
  });
};

/** Differences of what does not belong to a fund: investors and reference data. */
export const compareWholeClickHouse = async (
  snapshot: ClickHouseSnapshot,
  modelAt: (source: Source) => Model,
  epoch: number,
): Promise<readonly Difference[]> => {
  const { events } = modelAt('events');
  const tables: readonly (readonly [string, readonly string[], ExpectedTable])[] = [
    ['dim_investor_history', ['investor_id', 'event_version'], starInvestors(events, epoch)],
    ['dim_exchange_rate', ['base_currency', 'target_currency', 'rate_date'], starRates(events, epoch)],
    ['dim_account', ['account_code'], starChart(events, epoch)],
  ];
  const differences: Difference[] = [];
  for (const [table, keys, expected] of tables)
    differences.push(...(await compare(snapshot, { table, keys, source: 'events', expected: () => expected }, expected)));
  return differences;
};

/** Differences of some funds: dimensions, bookings and figures, each at the events that they follow from. */
export const compareFundsInClickHouse = async (
  snapshot: ClickHouseSnapshot,
  fundIds: readonly Uuid[],
  modelAt: (source: Source) => Model,
  factsOf: (model: Model) => FundFacts,
  epoch: number,
): Promise<readonly Difference[]> => {
  const inputs = new Map<Model, Input>();
  const at = (source: Source): Input => {
    const model = modelAt(source);
    const known = inputs.get(model);
    if (known !== undefined) return known;
    const facts = factsOf(model);
    const events = facts.events.flat();
    const input: Input = { events, facts, epoch, bookings: lazy(() => starBookings(events, epoch)) };
    inputs.set(model, input);
    return input;
  };
  const differences: Difference[] = [];
  for (const check of fundTables) differences.push(...(await compare(snapshot, check, check.expected(at), fundIds)));
  return differences;
};
