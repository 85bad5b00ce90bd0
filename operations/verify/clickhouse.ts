// What ClickHouse should contain at its watermark, and what it does. History tables are read at the position; current tables
// too, but a row that a later event has already replaced is left to its history.
import type { AnyEvent, FundCard, InvestorCard } from '#domain/messages.ts';
import type { Warehouse } from '#platform/clickhouse/client.ts';
import { expectedAccounts, expectedRatio, type ExpectedAccount } from './accounts.ts';
import { compareTable, type ExpectedTable } from './compare.ts';
import { datedFunds } from './dated-figures.ts';
import type { Difference, KnownSum, Model, PlacedEvent } from './model.ts';
import { type FactSource, factSources } from './postgres.ts';
import { clickhouseInstant, decimalText } from './text.ts';

export type Offsets = ReadonlyMap<number, bigint>;
type Row = Readonly<Record<string, unknown>>;
type CellRow = Readonly<Record<string, string | null>>;

export interface ClickHouseSnapshot {
  readonly events: Offsets;
  /** By topic of facts. */
  readonly facts: Readonly<Record<FactSource, Offsets>>;
  readonly topicId: string | null;
  readonly tables: ReadonlyMap<string, readonly Row[]>;
}

const eventTables = [
  'dim_fund_history',
  'dim_investor_history',
  'fact_commitments',
  'fact_cash_flows_history',
  'fact_cash_flows',
] as const;
const factTables = ['fact_fund_performance_history', 'fact_fund_performance'] as const;
const wholeFund = '00000000-0000-0000-0000-000000000000';
const offsetMask = (1n << 48n) - 1n;

/** Reads the watermark first and then the rows; `limit` seconds a query. */
export const snapshotClickHouse = async (warehouse: Warehouse): Promise<ClickHouseSnapshot> => {
  const marks = await warehouse.query<{ source: string; kind: string; partition: number; next_offset: string; topic_id: string }>(
    'SELECT source, kind, partition, next_offset, topic_id FROM watermark FINAL WHERE generation = (SELECT max(generation) FROM sink_generation)',
  );
  const offsets = (source: string, kind: string): Offsets =>
    new Map(
      marks
        .filter((mark) => mark.source === source && mark.kind === kind)
        .map((mark) => [Number(mark.partition), BigInt(mark.next_offset)]),
    );
  const tables = new Map<string, readonly Row[]>();
  for (const table of [...eventTables, ...factTables])
    tables.set(table, await warehouse.query<Row>(`SELECT * FROM ${table} FINAL`, {}, { maxExecutionSeconds: 300 }));
  return {
    events: offsets('events', 'read'),
    facts: Object.fromEntries(factSources.map((source) => [source, offsets(source, 'true_for')])) as Record<FactSource, Offsets>,
    topicId: marks[0]?.topic_id ?? null,
    tables,
  };
};

const dateId = (date: string): string => date.replaceAll('-', '');
const known = (sum: KnownSum): string | null => (sum.parts > 0 && sum.unknown === sum.parts ? null : decimalText(sum.minor));
const whole = (sum: KnownSum): bigint | null => (sum.unknown > 0 ? null : sum.minor);
const lineage = ({ event, partition, offset }: PlacedEvent, epoch: number): CellRow => ({
  _version: ((BigInt(epoch) << 48n) + offset).toString(),
  _partition: String(partition),
  recorded_at: clickhouseInstant(event.value.envelope.recorded_at),
});
const text = (value: string | number | boolean | null): string | null => (value === null ? null : String(value));

const fundRow = (card: FundCard, placed: PlacedEvent, epoch: number): CellRow => ({
  fund_name: card.fund_name,
  fund_type: card.fund_type,
  fund_status: card.fund_status,
  vintage_year: text(card.vintage_year),
  target_size: decimalText(card.target_size),
  final_size: decimalText(card.fund_size),
  base_currency: card.base_currency,
  fund_manager: card.fund_manager,
  investment_strategy: card.investment_strategy,
  sub_strategy: card.sub_strategy,
  geography: card.geography,
  assumed_fields: card.assumed_fields.join(','),
  valid_from: placed.event.value.envelope.effective_date,
  ...lineage(placed, epoch),
});
const investorRow = (card: InvestorCard, placed: PlacedEvent, epoch: number): CellRow => ({
  investor_name: card.investor_name,
  investor_type: card.investor_type,
  investor_category: card.investor_category,
  geography: card.geography,
  industry: card.industry,
  aum_range: card.aum_range,
  valid_from: placed.event.value.envelope.effective_date,
  ...lineage(placed, epoch),
});

const performanceRow = (account: ExpectedAccount, epoch: number): CellRow => {
  const distributed = whole(account.distributed);
  const remaining = whole(account.remaining);
  const total = distributed === null || remaining === null ? null : distributed + remaining;
  const tvpi = expectedRatio(total, account.called);
  return {
    date_id: dateId(account.asOf),
    earliest_as_of_date: account.earliest,
    is_fund_total: String(account.investorId === null),
    currency: account.currency,
    commitments: String(account.committed.parts),
    committed_capital: decimalText(account.committed.minor),
    called_capital: known(account.called),
    distributed_capital: known(account.distributed),
    remaining_value: known(account.remaining),
    nav: known(account.remaining),
    total_value: decimalText(total),
    unfunded_capital: decimalText(whole(account.unfunded)),
    called_unknown: String(account.called.unknown),
    distributed_unknown: String(account.distributed.unknown),
    remaining_unknown: String(account.remaining.unknown),
    irr: null,
    irr_status: 'NO_FLOWS',
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

const eventRows = (model: Model, epoch: number): Readonly<Record<string, ExpectedTable>> => {
  const dim_fund_history: ExpectedTable = new Map();
  const dim_investor_history: ExpectedTable = new Map();
  const fact_commitments: ExpectedTable = new Map();
  const flows: ExpectedTable = new Map();
  const cards = new Map<string, FundCard>();
  for (const placed of model.events) {
    const event: AnyEvent = placed.event;
    const { envelope } = event.value;
    if (event.type === 'FundCreated' || event.type === 'FundUpdated') cards.set(event.value.fund.fund_id, event.value.fund);
    if (event.type === 'FundClosed') {
      const card = cards.get(event.value.fund_id);
      if (card !== undefined) cards.set(event.value.fund_id, { ...card, fund_status: 'CLOSED' });
    }
    const isCard = event.type === 'FundCreated' || event.type === 'FundUpdated' || event.type === 'FundClosed';
    const card = isCard ? cards.get(envelope.aggregate_id) : undefined;
    if (card !== undefined)
      dim_fund_history.set(`${envelope.aggregate_id}|${envelope.event_version}`, fundRow(card, placed, epoch));
    if (event.type === 'InvestorCreated' || event.type === 'InvestorUpdated')
      dim_investor_history.set(
        `${envelope.aggregate_id}|${envelope.event_version}`,
        investorRow(event.value.investor, placed, epoch),
      );
    if (event.type === 'CommitmentMade') {
      const { commitment_id, investor_id, commitment_date, commitment_type, currency, commitment_amount, assumed_fields } =
        event.value;
      fact_commitments.set(commitment_id, {
        fund_id: event.value.fund_id,
        investor_id,
        date_id: dateId(commitment_date),
        commitment_date,
        commitment_type,
        currency,
        commitment_amount: decimalText(commitment_amount),
        assumed_fields: assumed_fields.join(','),
        ...lineage(placed, epoch),
      });
    }
    if (event.type === 'OpeningBalanceRecorded') {
      const { fund_id, investor_id, called_amount, distributed_amount, currency, commitment_id } = event.value;
      const net = called_amount === null || distributed_amount === null ? null : distributed_amount - called_amount;
      flows.set(envelope.event_id, {
        fund_id,
        investor_id,
        date_id: dateId(envelope.effective_date),
        flow_date: envelope.effective_date,
        currency,
        capital_call_amount: decimalText(called_amount),
        distribution_amount: decimalText(distributed_amount),
        net_cash_flow: decimalText(net),
        cash_flow_type: 'OPENING_BALANCE',
        transaction_id: commitment_id,
        ...lineage(placed, epoch),
      });
    }
  }
  return { dim_fund_history, dim_investor_history, fact_commitments, fact_cash_flows_history: flows, fact_cash_flows: flows };
};

const keys: Readonly<Record<string, readonly string[]>> = {
  dim_fund_history: ['fund_id', 'event_version'],
  dim_investor_history: ['investor_id', 'event_version'],
  fact_commitments: ['commitment_id'],
  fact_cash_flows_history: ['cash_flow_id'],
  fact_cash_flows: ['cash_flow_id'],
  fact_fund_performance_history: ['fund_id', 'investor_id', 'as_of_date', '_version'],
  fact_fund_performance: ['fund_id', 'investor_id', 'as_of_date'],
};

/** Differences of ClickHouse: dimensions and event facts against `atEvents`, performance against the events of `atFacts`. */
export const compareClickHouse = (
  snapshot: ClickHouseSnapshot,
  atEvents: Model,
  atFacts: (source: FactSource) => Model,
  epoch: number,
): readonly Difference[] => {
  const atAccounts = atFacts('capital-accounts');
  const dated = datedFunds(atAccounts);
  const history: ExpectedTable = new Map();
  const current: ExpectedTable = new Map();
  expectedAccounts(atAccounts.events, (account) => {
    if (dated.has(account.fundId)) return;
    const row = performanceRow(account, epoch);
    const key = `${account.fundId}|${account.investorId ?? wholeFund}|${account.asOf}`;
    history.set(`${key}|${String(row['_version'])}`, row);
    current.set(key, row);
  });
  const expected: Readonly<Record<string, ExpectedTable>> = {
    ...eventRows(atEvents, epoch),
    fact_fund_performance_history: history,
    fact_fund_performance: current,
  };
  return Object.entries(expected).flatMap(([table, rows]) => {
    const limits = (factTables as readonly string[]).includes(table) ? snapshot.facts['capital-accounts'] : snapshot.events;
    const inside = (row: Row): boolean =>
      (BigInt(String(row['_version'])) & offsetMask) < (limits.get(Number(row['_partition'])) ?? 0n);
    const found = new Map<string, Row>();
    const replaced = new Set<string>();
    for (const row of snapshot.tables.get(table) ?? []) {
      const key = (keys[table] ?? []).map((column) => String(row[column])).join('|');
      if (inside(row)) found.set(key, row);
      else replaced.add(key);
    }
    const comparable = new Map([...rows].filter(([key]) => !replaced.has(key)));
    return compareTable({ where: 'clickhouse', table, expected: comparable, found });
  });
};
