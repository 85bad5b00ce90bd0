// The accepted commands of a partition, 64 bytes and a hash slot each: they are remembered for ever, and a Map of texts would let the
// memory of the ledger grow ten times as fast. Plain data, so that a snapshot takes it as it is.

/** What an accepted command with one event and no findings leaves behind. */
export interface DecidedRow {
  readonly eventId: string;
  readonly aggregateId: string;
  readonly eventVersion: number;
  /** Microseconds since the epoch. */
  readonly decidedAt: number;
  /** A small number that stands for the types of command, event and aggregate. */
  readonly kind: number;
}

export interface DecidedTable {
  /** Rows in the order of their decision: id, event, aggregate, version, time, kind. */
  readonly chunks: Uint32Array[];
  /** Row number + 1 by the hash of the id, 0 where nothing stands; open addressing, at most half full. */
  slots: Uint32Array;
  size: number;
}

const rowWords = 16;
const chunkRows = 512;
const eventAt = 4;
const aggregateAt = 8;
const versionAt = 12;
const timeAt = 13;
const kindAt = 15;
const wordSpan = 2 ** 32;

export const emptyDecidedTable = (): DecidedTable => ({ chunks: [], slots: new Uint32Array(256), size: 0 });

/** Copies what a snapshot gave: its arrays may be windows into one large buffer. */
export const ownedTable = ({ chunks, slots, size }: DecidedTable): DecidedTable => ({
  chunks: chunks.map((chunk) => chunk.slice()),
  slots: slots.slice(),
  size,
});

type Words = readonly [number, number, number, number];

const wordsOf = (id: string): Words => [
  Number.parseInt(id.slice(0, 8), 16),
  Number.parseInt(id.slice(9, 13) + id.slice(14, 18), 16),
  Number.parseInt(id.slice(19, 23) + id.slice(24, 28), 16),
  Number.parseInt(id.slice(28, 36), 16),
];

const hashOf = (chunk: ArrayLike<number>, at: number): number => {
  let mixed = 0;
  for (let word = at; word < at + 4; word += 1) {
    mixed = Math.imul(mixed ^ (chunk[word] ?? 0), 0x9e3779b1);
    mixed ^= mixed >>> 15;
  }
  return mixed >>> 0;
};

const hex = (word: number | undefined): string => (word ?? 0).toString(16).padStart(8, '0');

const idAt = (chunk: Uint32Array, at: number): string => {
  const digits = hex(chunk[at]) + hex(chunk[at + 1]) + hex(chunk[at + 2]) + hex(chunk[at + 3]);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
};

interface Place {
  readonly chunk: Uint32Array;
  readonly at: number;
}

const placeOf = (table: DecidedTable, row: number): Place => {
  const chunk = table.chunks[Math.floor(row / chunkRows)];
  if (chunk === undefined) throw new Error(`decided commands have ${table.size} rows, but row ${row} is missing`);
  return { chunk, at: (row % chunkRows) * rowWords };
};

const sameId = ({ chunk, at }: Place, words: Words): boolean => words.every((word, place) => chunk[at + place] === word);

const placeOfId = (table: DecidedTable, words: Words): Place | null => {
  const { slots } = table;
  for (let slot = hashOf(words, 0) % slots.length; ; slot = (slot + 1) % slots.length) {
    const row = slots[slot] ?? 0;
    if (row === 0) return null;
    const place = placeOf(table, row - 1);
    if (sameId(place, words)) return place;
  }
};

const enterSlot = (slots: Uint32Array, hash: number, row: number): void => {
  let slot = hash % slots.length;
  while (slots[slot] !== 0) slot = (slot + 1) % slots.length;
  slots[slot] = row + 1;
};

const grow = (table: DecidedTable): void => {
  const slots = new Uint32Array(table.slots.length * 2);
  for (let row = 0; row < table.size; row += 1) {
    const { chunk, at } = placeOf(table, row);
    enterSlot(slots, hashOf(chunk, at), row);
  }
  table.slots = slots;
};

/** The row of a command, or null. The id is a lower-case uuid, as the codec assures. */
export const findDecided = (table: DecidedTable, id: string): DecidedRow | null => {
  const place = placeOfId(table, wordsOf(id));
  if (place === null) return null;
  const { chunk, at } = place;
  return {
    eventId: idAt(chunk, at + eventAt),
    aggregateId: idAt(chunk, at + aggregateAt),
    eventVersion: chunk[at + versionAt] ?? 0,
    decidedAt: (chunk[at + timeAt] ?? 0) * wordSpan + (chunk[at + timeAt + 1] ?? 0),
    kind: chunk[at + kindAt] ?? 0,
  };
};

/** Adds a command that is not in the table. */
export const addDecided = (table: DecidedTable, id: string, row: DecidedRow): void => {
  if ((table.size + 1) * 2 > table.slots.length) grow(table);
  if (table.size === table.chunks.length * chunkRows) table.chunks.push(new Uint32Array(chunkRows * rowWords));
  const { chunk, at } = placeOf(table, table.size);
  chunk.set(wordsOf(id), at);
  chunk.set(wordsOf(row.eventId), at + eventAt);
  chunk.set(wordsOf(row.aggregateId), at + aggregateAt);
  chunk[at + versionAt] = row.eventVersion;
  chunk[at + timeAt] = Math.floor(row.decidedAt / wordSpan);
  chunk[at + timeAt + 1] = row.decidedAt % wordSpan;
  chunk[at + kindAt] = row.kind;
  enterSlot(table.slots, hashOf(chunk, at), table.size);
  table.size += 1;
};
