// What one transaction writes: at most one insert and one change per row, whatever the order of events within the batch, so that the
// content of the tables does not depend on where batches begin and end.
import type { AnyEvent } from '#domain/messages.ts';
import { SinkError } from './errors.ts';
import type { OpenFormer } from './former-values.ts';
import { formatMoney } from '#domain/money/money.ts';
import { noteSnapshot, type Snapshot } from './snapshots.ts';
import { sqlInstant } from './sql-values.ts';
import type { RowPatch } from './statements.ts';
import type { AnyRow, RowOf, Table } from './table.ts';
import type { auditTrail, eventStore, findings, fundTerms } from './tables.ts';

/** New rows of a table by id, and changes of those that stand in the database. */
export interface Changes {
  readonly inserts: Map<string, AnyRow>;
  readonly patches: Map<string, RowPatch>;
}

/** A term of the card of a fund. */
export interface TermChange {
  readonly row: RowOf<typeof fundTerms>;
  /** The term was not stated by the event before: a row of this id that stands in the database is an older one. */
  readonly fresh: boolean;
}

/** What becomes of all notices of a capital call or a distribution. */
export interface NoticesEnd {
  readonly status: 'DEFAULTED' | 'CANCELLED' | 'PAID';
  readonly updatedAt: string;
  readonly paymentDate: string | null;
  /** Notices to which something happened afterwards. */
  readonly except: Set<string>;
}

/** What a fact says of the capital account of an investor in a fund, or of the fund. */
export interface AccountWord {
  readonly row: AnyRow;
  /** From dated flows (topic performance); else from positions that were taken over (topic capital-accounts). */
  readonly isDated: boolean;
  readonly asOf: string;
  readonly offset: number;
}

/** Everything that one transaction writes. */
export interface Batch {
  readonly events: RowOf<typeof eventStore>[];
  readonly audit: RowOf<typeof auditTrail>[];
  /** Former values that the database holds. */
  readonly openFormer: OpenFormer[];
  readonly findings: RowOf<typeof findings>[];
  readonly changes: Map<Table, Changes>;
  readonly snapshots: Snapshot[];
  /** All terms of the card of each fund whose card was stated, by term id. */
  readonly terms: Map<string, ReadonlyMap<string, TermChange>>;
  readonly callEnds: Map<string, NoticesEnd>;
  readonly distributionEnds: Map<string, NoticesEnd>;
  /** Notices of which a payment was taken back. */
  readonly reversedNotices: Set<string>;
  /** Funds whose waterfall has a new version. */
  readonly newWaterfalls: Set<string>;
  readonly movedInvestments: Set<string>;
  /** Live funds whose accounts count their commitments anew. */
  readonly countedFunds: Set<string>;
  /** Business dates by partition, and the day from which months are needed. */
  readonly businessDates: Map<number, { readonly row: AnyRow; readonly from: string; readonly to: string }>;
  readonly accounts: Map<string, AccountWord>;
  /** The last fact of each key, by table. */
  readonly facts: Map<Table, Map<string, AnyRow>>;
}

/** A batch with nothing in it. */
export const emptyBatch = (): Batch => ({
  events: [],
  audit: [],
  openFormer: [],
  findings: [],
  changes: new Map(),
  snapshots: [],
  terms: new Map(),
  callEnds: new Map(),
  distributionEnds: new Map(),
  reversedNotices: new Set(),
  newWaterfalls: new Set(),
  movedInvestments: new Set(),
  countedFunds: new Set(),
  businessDates: new Map(),
  accounts: new Map(),
  facts: new Map(),
});

/** The changes of a table. */
export const changesIn = (batch: Batch, table: Table): Changes => {
  let changes = batch.changes.get(table);
  if (changes === undefined) batch.changes.set(table, (changes = { inserts: new Map(), patches: new Map() }));
  return changes;
};

const nameOf = ({ type, value }: AnyEvent): string => `${type} ${value.envelope.event_id}`;

/** Adds a new row. @throws SinkError `event-conflict` when the batch knows the id already. */
export const insertRow = <T extends Table>(batch: Batch, table: T, id: string, event: AnyEvent, row: RowOf<T>): void => {
  const { inserts, patches } = changesIn(batch, table);
  if (inserts.has(id) || patches.has(id)) {
    throw new SinkError(
      'event-conflict',
      `${nameOf(event)}: ${table.name} ${id} exists already; the log is not what a ledger writes`,
    );
  }
  inserts.set(id, row as AnyRow);
};

/** What a change sets, the hundredths that it adds, and dates that hold unless a later one is known. */
export interface RowChange<T extends Table> {
  readonly set?: Partial<RowOf<T>>;
  readonly add?: { readonly [Column in keyof T['columns']]?: bigint };
  readonly latest?: { readonly [Column in keyof T['columns']]?: string };
}

const minorOf = (text: unknown): bigint => BigInt((typeof text === 'string' ? text : '0.00').replace('.', ''));

const withAdded = (row: AnyRow, add: Readonly<Record<string, bigint>>): AnyRow => ({
  ...row,
  ...Object.fromEntries(Object.entries(add).map(([column, minor]) => [column, formatMoney(minorOf(row[column]) + minor)])),
});

const summed = (
  left: Readonly<Record<string, bigint>> = {},
  right: Readonly<Record<string, bigint>> = {},
): Readonly<Record<string, bigint>> => ({
  ...left,
  ...Object.fromEntries(Object.entries(right).map(([column, minor]) => [column, (left[column] ?? 0n) + minor])),
});

const laterOf = (dates: Readonly<Record<string, string>>, known: AnyRow): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(dates).map(([column, date]) => {
      const before = known[column];
      return [column, typeof before === 'string' && before > date ? before : date];
    }),
  );

const change = (changes: Changes, id: string, { expectedVersion, set, add = {}, latest = {} }: RowPatch): void => {
  const inserted = changes.inserts.get(id);
  if (inserted !== undefined) {
    changes.inserts.set(id, withAdded({ ...inserted, ...set, ...laterOf(latest, inserted) }, add));
    return;
  }
  const patch = changes.patches.get(id);
  changes.patches.set(id, {
    expectedVersion: patch === undefined ? expectedVersion : patch.expectedVersion,
    set: { ...patch?.set, ...set },
    add: summed(patch?.add, add),
    latest: { ...patch?.latest, ...laterOf(latest, patch?.latest ?? {}) },
  });
};

/** A change as a patch; the columns of the table are names like any other from here on. */
const patchOf = (expectedVersion: number | null, { set = {}, add = {}, latest = {} }: RowChange<Table>): RowPatch => ({
  expectedVersion,
  set: set as AnyRow,
  add: add as Record<string, bigint>,
  latest: latest as Record<string, string>,
});

/** Changes a row that has no versions. */
export const patchRow = <T extends Table>(batch: Batch, table: T, id: string, changed: RowChange<T>): void => {
  change(changesIn(batch, table), id, patchOf(null, changed));
};

/** Adds the row of a new aggregate. */
export const insertCard = <T extends Table>(batch: Batch, table: T, id: string, event: AnyEvent, row: RowOf<T>): void => {
  insertRow(batch, table, id, event, row);
  noteSnapshot(batch, table, id, event.value.envelope);
};

/**
 * Changes the row of an aggregate. Versions run 1, 2, … without gaps: a change builds on the version before its own, in the batch or in
 * the database.
 */
export const patchCard = <T extends Table>(
  batch: Batch,
  table: T,
  id: string,
  event: AnyEvent,
  changed: RowChange<T> = {},
): void => {
  const { event_version: version, recorded_at } = event.value.envelope;
  const changes = changesIn(batch, table);
  const before = changes.inserts.get(id)?.['version'] ?? changes.patches.get(id)?.set['version'] ?? version - 1;
  if (before !== version - 1) {
    throw new SinkError(
      'event-conflict',
      `${nameOf(event)}: version ${version} of ${id} follows version ${String(before)}; versions have no gaps`,
    );
  }
  const patch = patchOf(version - 1, changed);
  change(changes, id, { ...patch, set: { ...patch.set, updated_at: sqlInstant(recorded_at), version } });
  noteSnapshot(batch, table, id, event.value.envelope);
};

/** Adds a fact; the later one of a key replaces the earlier one. */
export const putFact = <T extends Table>(batch: Batch, table: T, key: string, row: RowOf<T>): void => {
  let rows = batch.facts.get(table);
  if (rows === undefined) batch.facts.set(table, (rows = new Map() as NonNullable<typeof rows>));
  rows.set(key, row as AnyRow);
};
