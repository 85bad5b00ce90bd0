// Which figures have to be told anew after a change: those of its day and of every later fact day, newest first, without the ones
// that came out the same.
import { type EpochDay, fromEpochDay, quarterEndsBetween, toEpochDay } from '../dates/local-date.ts';
import type { LocalDate } from '../messages.ts';
import { addFactDay, addFundDay, type BookChange, type FundBook, type FundBooks } from './book.ts';
import { type FactSource, type Figure, figuresOf } from './figures.ts';
import { emptyRun, type FundRun, runTo } from './run.ts';

/** What was told last, by day and figure, as 53-bit digests: enough to leave out what has not changed. */
export type Told = Map<EpochDay, Map<string, number>>;

/** Changes of one fund that wait to be told. */
export interface Pending {
  readonly book: FundBook;
  /** Days to tell, and whether of the fund alone. */
  readonly days: Map<EpochDay, { fundOnly: boolean }>;
}

/** Joins a change to what is pending for its fund. */
export const joinChange = (pending: Pending | undefined, change: BookChange): Pending => {
  const joined: Pending = pending ?? { book: change.book, days: new Map<EpochDay, { fundOnly: boolean }>() };
  const tell = (day: EpochDay, fundOnly: boolean): void =>
    void joined.days.set(day, { fundOnly: fundOnly && (joined.days.get(day)?.fundOnly ?? true) });
  const { book, fromDay, days } = change;
  if (days !== undefined) for (const day of days) tell(day, change.fundOnly === true);
  else {
    for (const day of book.factDays) if (day >= fromDay) tell(day, false);
    for (const day of book.fundDays) if (day >= fromDay) tell(day, true);
  }
  return joined;
};

/**
 * A business day has begun: quarter-ends that have passed become fact days of every fund with dated flows; for the day itself the
 * fund as a whole is told, so that its return is never older than the last business day.
 */
export const advanceBooks = (books: FundBooks, businessDate: LocalDate, previous: LocalDate | null): readonly BookChange[] => {
  const day = toEpochDay(businessDate);
  const changes: BookChange[] = [];
  for (const book of books.values()) {
    if (!book.isLive) continue;
    const from = previous ?? fromEpochDay(book.factDays[0] ?? day);
    const ends = quarterEndsBetween(from, businessDate)
      .map(toEpochDay)
      .filter((end) => end > toEpochDay(from) && end <= day);
    for (const end of ends) addFactDay(book, end);
    if (ends.length > 0) changes.push({ book, fromDay: ends[0] ?? day, days: ends });
    addFundDay(book, day);
    changes.push({ book, fromDay: day, days: [day], fundOnly: true });
  }
  return changes;
};

const mixText = (hash: number, text: string): number => {
  let mixed = hash;
  for (let index = 0; index < text.length; index += 1) mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01_00_01_93);
  return mixed;
};

/** Digest of what a figure says, without when and where it was found. */
const digestOf = ({ value }: Figure): number => {
  const { source_event: _event, position: _position, recorded_at: _at, ...said } = value;
  let low = 0x81_1c_9d_c5 | 0;
  let high = 0x1b_87_35_93 | 0;
  for (const part of Object.values(said)) {
    const text =
      typeof part === 'object' && part !== null
        ? JSON.stringify(part, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item))
        : String(part);
    low = mixText(low, text) ^ 0x5f;
    high = mixText(high ^ text.length, text);
  }
  return (low >>> 0) * 0x20_00_00 + ((high >>> 0) & 0x1f_ff_ff);
};

const keyOf = ({ type, value }: Figure): string =>
  `${type}|${'investor_id' in value ? (value.investor_id ?? '') : ''}|${'investment_id' in value ? (value.investment_id ?? '') : ''}`;

const isNews = (told: Told, day: EpochDay, figure: Figure): boolean => {
  const ofDay = told.get(day) ?? new Map<string, number>();
  told.set(day, ofDay);
  const key = keyOf(figure);
  const digest = digestOf(figure);
  if (ofDay.get(key) === digest) return false;
  ofDay.set(key, digest);
  return true;
};

/** Whether the run over everything can answer for a day: nothing in it is later. */
const reaches = (book: FundBook, run: FundRun, day: EpochDay): boolean => (book.entries[run.applied - 1]?.day ?? day) <= day;

/** Told figures of what is pending, newest day first. Changes the book only in its remembered run. */
export const tellPending = (
  { book, days }: Pending,
  told: Told,
  tells: readonly Figure['type'][],
  source: FactSource,
): readonly Figure[] => {
  const ascending = [...days.keys()].sort((left, right) => left - right);
  const [first] = ascending;
  if (first === undefined) return [];
  const run = book.tip !== null && reaches(book, book.tip, first) ? book.tip : emptyRun(book);
  const byDay = ascending.map((day) => {
    runTo(book, run, day);
    const { fundOnly } = days.get(day) ?? { fundOnly: false };
    return figuresOf(book, run, day, { tells, fundOnly }, source).filter((figure) => isNews(told, day, figure));
  });
  if (run.applied === book.entries.length) book.tip = run;
  return byDay.reverse().flat();
};
