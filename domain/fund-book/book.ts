// The books of the funds of a partition: dated entries in order, and the days for which figures are kept.
import type { EpochDay } from '../dates/local-date.ts';
import type { FundCard, Uuid } from '../messages.ts';
import { type AgreedTerms, noTerms } from '../waterfall/agreed-terms.ts';
import { byDayAndOrder, type FundEntry } from './entries.ts';
import type { FundRun } from './run.ts';

export interface BookedCommitment {
  readonly commitmentId: Uuid;
  readonly investorId: Uuid;
}

/** The book of one fund. Commitments are named by their place in `commitments`. */
export interface FundBook {
  readonly fundId: Uuid;
  readonly currency: string;
  /** The fund as it stands: terms and rates that it was set up with. */
  card: FundCard;
  readonly commitments: BookedCommitment[];
  readonly places: Map<Uuid, number>;
  /** In order of day and recording. */
  readonly entries: FundEntry[];
  /** Deal, due day by call, for the payments on it. */
  readonly calls: Map<Uuid, { readonly deal: Uuid | null; readonly dueDay: EpochDay }>;
  terms: AgreedTerms;
  /** Something was called, invested, earned or distributed here: its figures follow from dated flows. */
  isLive: boolean;
  /** Days for which figures are kept, ascending; one that was ever there stays. */
  readonly factDays: EpochDay[];
  /** Business days for which figures of the fund as a whole are kept, ascending. */
  readonly fundDays: EpochDay[];
  /** The run over all entries, or null when it has to be made anew. */
  tip: FundRun | null;
  recorded: number;
}

/** Books by fund id. */
export type FundBooks = Map<Uuid, FundBook>;

/** What an event changed: figures of the fund from that day on. */
export interface BookChange {
  readonly book: FundBook;
  readonly fromDay: EpochDay;
  /** Only these days; all from `fromDay` on unless given. */
  readonly days?: readonly EpochDay[];
  /** Only the fund as a whole. */
  readonly fundOnly?: boolean;
}

/** A book without entries. */
export const createBook = (card: FundCard): FundBook => ({
  fundId: card.fund_id,
  currency: card.base_currency,
  card,
  commitments: [],
  places: new Map(),
  entries: [],
  calls: new Map(),
  terms: noTerms,
  isLive: false,
  factDays: [],
  fundDays: [],
  tip: null,
  recorded: 0,
});

/** The book of a fund. @throws Error when no earlier event set it up (a defect). */
export const bookOf = (books: FundBooks, fundId: Uuid): FundBook => {
  const book = books.get(fundId);
  if (book === undefined) throw new Error(`the log names fund ${fundId}, which no earlier event set up`);
  return book;
};

/** Place of a commitment. @throws Error when no earlier event made it (a defect). */
export const placeOf = (book: FundBook, commitmentId: Uuid): number => {
  const place = book.places.get(commitmentId);
  if (place === undefined)
    throw new Error(`the log names commitment ${commitmentId} of fund ${book.fundId}, which no earlier event made`);
  return place;
};

/** First place whose element is not below, in an ascending list. */
const placeIn = <T>(list: readonly T[], isBelow: (element: T) => boolean): number => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
};

const addDay = (days: EpochDay[], day: EpochDay): void => {
  const place = placeIn(days, (known) => known < day);
  if (days[place] !== day) days.splice(place, 0, day);
};

/** Keeps figures for a day from now on. */
export const addFactDay = (book: FundBook, day: EpochDay): void => addDay(book.factDays, day);

/** Keeps figures of the fund as a whole for a day from now on. */
export const addFundDay = (book: FundBook, day: EpochDay): void => addDay(book.fundDays, day);

/** An entry before it has its place in the order of recording. */
export type NewEntry = FundEntry extends infer Entry ? (Entry extends FundEntry ? Omit<Entry, 'order'> : never) : never;

/** Puts an entry where its day and its recording say. */
export const enter = (book: FundBook, entry: NewEntry): void => {
  const placed = { ...entry, order: book.recorded } as FundEntry;
  book.recorded += 1;
  const place = placeIn(book.entries, (known) => byDayAndOrder(known, placed) < 0);
  if (place < book.entries.length) book.tip = null;
  book.entries.splice(place, 0, placed);
};

/** Takes the entries of a source out; the earliest day of them. */
export const takeOut = (book: FundBook, source: string, kind?: FundEntry['kind']): EpochDay | null => {
  let from: EpochDay | null = null;
  for (let place = book.entries.length - 1; place >= 0; place -= 1) {
    const entry = book.entries[place];
    if (entry === undefined || entry.source !== source || (kind !== undefined && entry.kind !== kind)) continue;
    from = entry.day;
    book.entries.splice(place, 1);
    book.tip = null;
  }
  return from;
};
