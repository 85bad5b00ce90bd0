// Former values of fields that an event changes without naming them: what the card said before, from the batch where it holds the card,
// else from the database, before the batch changes it. The same for every way to cut the log into batches.
import type { PoolClient } from 'pg';
import type { AnyEvent, FieldChange } from '#domain/messages.ts';
import type { Batch } from './batch.ts';
import { SinkError } from './errors.ts';
import { capitalCallNotices } from './life-tables.ts';
import type { SqlValue } from './sql-values.ts';
import type { AnyRow, Table } from './table.ts';
import { exchangeRates, funds, investors } from './tables.ts';
import { keyColumnOf } from './written-tables.ts';

interface ChangedCard {
  readonly table: Table;
  readonly id: string;
  readonly columns: readonly string[];
}

/** An entry of the audit trail whose former values stand in the database. */
export interface OpenFormer extends ChangedCard {
  /** Its place in the batch. */
  readonly entry: number;
}

const changedCard = (event: AnyEvent): ChangedCard | null => {
  switch (event.type) {
    case 'FundClosed':
      return { table: funds, id: event.value.fund_id, columns: ['fund_status', 'final_close_date'] };
    case 'KycDecisionRecorded':
      return { table: investors, id: event.value.investor_id, columns: ['kyc_date', 'kyc_source'] };
    case 'ExchangeRateSet':
      return event.value.envelope.event_version === 1
        ? null
        : { table: exchangeRates, id: event.value.rate_id, columns: ['exchange_rate', 'rate_source'] };
    case 'CapitalCallPaymentReceived':
    case 'CapitalCallPaymentReversed':
      return { table: capitalCallNotices, id: event.value.notice_id, columns: ['notice_status'] };
    default:
      return null;
  }
};

/** A settled call left a notice in default when it was not wholly paid; the batch knows of that no more than the call. */
const settledStatus = (batch: Batch, event: AnyEvent): AnyRow => {
  if (event.type !== 'CapitalCallPaymentReceived' && event.type !== 'CapitalCallPaymentReversed') return {};
  const { call_id, notice_id, amount, outstanding_amount } = event.value;
  const end = batch.callEnds.get(call_id);
  if (end?.status !== 'DEFAULTED' || end.except.has(notice_id)) return {};
  const owed = event.type === 'CapitalCallPaymentReceived' ? outstanding_amount + amount : outstanding_amount - amount;
  return owed > 0n ? { notice_status: 'DEFAULTED' } : {};
};

const withFormer = (changes: SqlValue | undefined, former: ReadonlyMap<string, SqlValue>): string =>
  JSON.stringify(
    (JSON.parse(String(changes)) as FieldChange[]).map((change) =>
      former.has(change.field) ? { ...change, old_value: former.get(change.field) ?? null } : change,
    ),
  );

/** Fills in what the batch knows of the card before the event that was added last, and notes what it does not know. */
export const noteFormer = (batch: Batch, event: AnyEvent): void => {
  const card = changedCard(event);
  if (card === null) return;
  const changes = batch.changes.get(card.table);
  const known: AnyRow = {
    ...changes?.patches.get(card.id)?.set,
    ...changes?.inserts.get(card.id),
    ...settledStatus(batch, event),
  };
  const entry = batch.audit.length - 1;
  const row = batch.audit[entry];
  if (row === undefined) return;
  const former = new Map(card.columns.flatMap((column) => (column in known ? [[column, known[column] ?? null] as const] : [])));
  batch.audit[entry] = { ...row, field_changes: withFormer(row.field_changes, former) };
  const columns = card.columns.filter((column) => !former.has(column));
  if (columns.length > 0) batch.openFormer.push({ ...card, columns, entry });
};

/** Reads the former values that are still open. Before the cards are written: afterwards they would be the new ones. */
export const readFormer = async (client: PoolClient, batch: Batch): Promise<void> => {
  for (const [table, open] of Map.groupBy(batch.openFormer, (former) => former.table)) {
    const key = keyColumnOf(table);
    const columns = [...new Set(open.flatMap((former) => former.columns))];
    const { rows } = await client.query<Record<string, string | null>>(
      `SELECT ${[key, ...columns].map((column) => `${column}::text AS ${column}`).join(', ')} FROM ${table.name} WHERE ${key} = ANY($1::uuid[])`,
      [open.map(({ id }) => id)],
    );
    const byId = new Map(rows.map((row) => [row[key], row]));
    for (const former of open) {
      const found = byId.get(former.id);
      const entry = batch.audit[former.entry];
      if (found === undefined || entry === undefined)
        throw new SinkError(
          'event-conflict',
          `${table.name} has no row ${former.id}, which an event changes; run stratcap rebuild postgres`,
        );
      const values = new Map(former.columns.map((column) => [column, found[column] ?? null]));
      batch.audit[former.entry] = { ...entry, field_changes: withFormer(entry.field_changes, values) };
    }
  }
};
