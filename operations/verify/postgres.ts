// What Postgres should contain at its position, and what it does: which table is compared with what.
import type { Uuid } from '#domain/messages.ts';
import { compareTable, type ExpectedTable } from './compare.ts';
import { bookingTables, figureTable, findingTable } from './figure-tables.ts';
import { type FundFacts, lazy } from './fund-facts.ts';
import { lifeKeys, lifeTables } from './life-tables.ts';
import type { Difference, Model } from './model.ts';
import {
  accountTable,
  auditTrail,
  commitmentTable,
  eventStore,
  fundTable,
  investorTables,
  openingBalances,
  ruleFindings,
  termTable,
  valuations,
} from './postgres-rows.ts';
import type { PostgresSnapshot } from './postgres-store.ts';
import { referenceKeys, referenceTables } from './reference-tables.ts';
import type { Source } from './store.ts';

/** What a table is compared with, given the model at the position of a source. */
type At<Input> = (source: Source) => Input;
interface TableCheck<Input> {
  readonly table: string;
  readonly keys: readonly string[];
  readonly expected: (at: At<Input>) => ExpectedTable;
}

/** Tables that are compared whole. */
const wholeTables: readonly TableCheck<Model>[] = [
  { table: 'event_store', keys: ['aggregate_id', 'event_version'], expected: (at) => eventStore(at('events')) },
  { table: 'audit_trail', keys: ['audit_id'], expected: (at) => auditTrail(at('events')) },
  { table: 'findings', keys: ['event_id', 'finding_number'], expected: (at) => ruleFindings(at('events')) },
  { table: 'investors', keys: ['investor_id'], expected: (at) => investorTables(at('events')).investors },
  { table: 'investor_banking', keys: ['banking_id'], expected: (at) => investorTables(at('events')).banking },
  ...Object.entries(referenceKeys).map(([table, keys]): TableCheck<Model> => ({
    table,
    keys,
    expected: (at) => referenceTables(at('events').events)[table] ?? new Map(),
  })),
];

interface FundInput {
  readonly model: Model;
  readonly fundIds: readonly Uuid[];
  readonly facts: FundFacts;
  /** Rows of the life of the funds, folded once. */
  readonly life: () => Readonly<Record<string, ExpectedTable>>;
}

/** Tables that are compared by fund. */
const fundTables: readonly TableCheck<FundInput>[] = [
  { table: 'funds', keys: ['fund_id'], expected: (at) => fundTable(at('events').model, at('events').fundIds) },
  {
    table: 'fund_terms',
    keys: ['fund_id', 'term_id'],
    expected: (at) => termTable(at('events').model, at('events').fundIds, at('events').facts.events),
  },
  {
    table: 'commitments',
    keys: ['commitment_id'],
    expected: (at) => commitmentTable(at('events').model, at('events').facts.events),
  },
  {
    table: 'opening_balances',
    keys: ['commitment_id', 'event_version'],
    expected: (at) => openingBalances(at('events').facts.events),
  },
  { table: 'valuations', keys: ['commitment_id', 'event_version'], expected: (at) => valuations(at('events').facts.events) },
  ...Object.entries(lifeKeys).map(([table, keys]): TableCheck<FundInput> => ({
    table,
    keys,
    expected: (at) => at('events').life()[table] ?? new Map(),
  })),
  {
    table: 'capital_accounts',
    keys: ['fund_id', 'investor_id'],
    expected: (at) => accountTable(at('capital-accounts').facts, at('performance').facts),
  },
  {
    table: 'cash_flows',
    keys: ['cash_flow_id'],
    expected: (at) => bookingTables(at('cash-flows').facts)['cash_flows'] ?? new Map(),
  },
  {
    table: 'journal_entries',
    keys: ['journal_entry_id', 'line_number'],
    expected: (at) => bookingTables(at('cash-flows').facts)['journal_entries'] ?? new Map(),
  },
  {
    table: 'nav_rolls',
    keys: ['fund_id', 'investor_id', 'as_of_date'],
    expected: (at) => figureTable(at('performance').facts, 'NavRoll'),
  },
  {
    table: 'fund_performance',
    keys: ['fund_id', 'investor_id', 'investment_id', 'as_of_date'],
    expected: (at) => figureTable(at('performance').facts, 'Performance'),
  },
  {
    table: 'hypothetical_liquidations',
    keys: ['fund_id', 'as_of_date'],
    expected: (at) => figureTable(at('waterfalls').facts, 'HypotheticalLiquidation'),
  },
  { table: 'quality_findings', keys: ['finding_id'], expected: (at) => findingTable(at('quality').facts) },
];

/** Funds that rows of these tables name, to find those that are not on the log. */
export const fundsInPostgres = async (snapshot: PostgresSnapshot): Promise<ReadonlySet<Uuid>> => {
  const found = new Set<Uuid>();
  for (const { table } of fundTables)
    for await (const rows of snapshot.rows(`(SELECT DISTINCT fund_id FROM ${table} WHERE fund_id IS NOT NULL) AS named`))
      for (const row of rows) found.add(String(row['fund_id']));
  return found;
};

/** Differences of what does not belong to a fund: events, investors, reference data. */
export const compareWholePostgres = async (
  snapshot: PostgresSnapshot,
  modelAt: (source: Source) => Model,
): Promise<readonly Difference[]> => {
  const differences: Difference[] = [];
  for (const { table, keys, expected } of wholeTables)
    differences.push(
      ...(await compareTable({ where: 'postgres', table, keys, expected: expected(modelAt), found: snapshot.rows(table) })),
    );
  return differences;
};

/** Differences of some funds: entities, bookings and figures, each at the events that they follow from. */
export const compareFundsInPostgres = async (
  snapshot: PostgresSnapshot,
  fundIds: readonly Uuid[],
  modelAt: (source: Source) => Model,
  factsOf: (model: Model) => FundFacts,
): Promise<readonly Difference[]> => {
  const inputs = new Map<Model, FundInput>();
  const at = (source: Source): FundInput => {
    const model = modelAt(source);
    const facts = factsOf(model);
    const input = inputs.get(model) ?? { model, fundIds, facts, life: lazy(() => lifeTables(facts.events)) };
    inputs.set(model, input);
    return input;
  };
  const differences: Difference[] = [];
  for (const { table, keys, expected } of fundTables)
    differences.push(
      ...(await compareTable({
        where: 'postgres',
        table,
        keys,
        expected: expected(at),
        found: snapshot.rows(table, { funds: fundIds }),
      })),
    );
  return differences;
};
