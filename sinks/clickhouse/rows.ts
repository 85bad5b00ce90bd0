// Rows of the star schema and what all of them share: versions from the log, ids that follow from their parts, values as ClickHouse reads
// them. Pure: the same event gives the same rows, whoever writes them.
import { createHash, hash } from 'node:crypto';
import type { CapitalAccount, LocalDate, Micros, Minor } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';

export type Cell = string | number | boolean | null;
/** A row by column name; amounts and 64-bit integers as text. */
export type Row = Readonly<Record<string, Cell | readonly Cell[]>>;
export type TableRows = Map<string, Row[]>;
/** Rows with the table of each. */
export type PlacedRows = readonly (readonly [string, Row])[];

/** Where an event stands, for the version of its rows. */
export interface RowSource {
  readonly epoch: number;
  readonly partition: number;
  readonly offset: bigint;
  readonly recordedAt: Micros;
}

/** All zeros: no investor, no investment. investor_id of the rows of a whole fund. */
export const nobody = '00000000-0000-0000-0000-000000000000';

/** Version of a row: epoch in the upper 16 bits, offset in the lower 48, as text. */
export const rowVersion = (epoch: number, offset: bigint): string => ((BigInt(epoch) << 48n) | offset).toString();
/** A date as YYYYMMDD. */
export const dateId = (date: LocalDate): number => Number(date.replaceAll('-', ''));
/** Surrogate key of a version of a dimension. */
export const surrogate = (id: string, version: number): string =>
  createHash('sha256').update(`${id}:${version}`).digest().readBigUInt64BE().toString();
/** An amount as decimal text, unknown as null. */
export const money = (minor: Minor | null): string | null => (minor === null ? null : formatMoney(minor));
/** The last second that was written out: the rows of a batch share it, and a Date for each of them would cost more. */
let second = { at: Number.NaN, text: '' };
/** Microseconds as ClickHouse reads a DateTime64(6) in UTC. */
export const instant = (micros: Micros): string => {
  const at = Math.floor(micros / 1_000_000);
  if (second.at !== at) second = { at, text: new Date(at * 1_000).toISOString().slice(0, -4).replace('T', ' ') };
  return `${second.text}${String(micros - at * 1_000_000).padStart(6, '0')}`;
};

/** A uuid5, in one call of the hash: there is one per figure. */
export const nameUuid = (name: string, namespace: string): string => {
  const digest = hash(
    'sha1',
    Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name, 'utf8')]),
    'hex',
  );
  const variant = ((Number.parseInt(digest.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(18, 20)}-${digest.slice(20, 32)}`;
};

/** The columns that say where a row comes from. */
export const lineage = (source: RowSource): Row => ({
  _version: rowVersion(source.epoch, source.offset),
  _partition: source.partition,
  recorded_at: instant(source.recordedAt),
});

/** Source of a fact: the event after which it is true. */
export const sourceOfFact = (fact: Pick<CapitalAccount, 'position' | 'recorded_at'>, epoch: number): RowSource => ({
  epoch,
  partition: fact.position.partition,
  offset: BigInt(fact.position.offset),
  recordedAt: fact.recorded_at,
});

/** A row for the table of current versions and the same for its history. */
export const both = (table: string, row: Row): PlacedRows => [
  [`${table}_history`, row],
  [table, row],
];
