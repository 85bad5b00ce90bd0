// What verify needs of a store: where it stands, and its rows in pieces, so that a large store is never wholly in memory.
import type { Uuid } from '#domain/messages.ts';

/** Next offset by partition of a source. */
export type Offsets = ReadonlyMap<number, bigint>;

/** Topics of facts whose rows are compared. */
export const factSources = ['capital-accounts', 'cash-flows', 'waterfalls', 'performance', 'quality'] as const;
export type FactSource = (typeof factSources)[number];
/** Where rows come from: events themselves, or a topic of facts. */
export type Source = 'events' | FactSource;

/** The events that the content of a store is true for. */
export interface StorePosition {
  readonly events: Offsets;
  /** By topic of facts. */
  readonly facts: Readonly<Record<FactSource, Offsets>>;
  readonly topicId: string | null;
}

/** A row as the driver gives it. */
export type StoredRow = Readonly<Record<string, unknown>>;

/** Which rows of a table are read. */
export interface RowFilter {
  /** Of these funds only. */
  readonly funds?: readonly Uuid[];
  /** A condition in the store's SQL, without values from outside. */
  readonly where?: string;
}

/** The events of a source at a position. */
export const offsetsOf = (position: StorePosition, source: Source): Offsets =>
  source === 'events' ? position.events : position.facts[source];
