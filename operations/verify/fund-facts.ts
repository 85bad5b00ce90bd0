// Facts of some funds, recomputed from all of their events at once: what the processors told piece by piece must be what the whole
// log gives.
import { type CashFlowState, cashFlowsOf, emptyCashFlows } from '#domain/cash-flows/cash-flows.ts';
import type { FundBook, FundBooks } from '#domain/fund-book/book.ts';
import { type FactSource as ToldAt, type Figure, figuresOf } from '#domain/fund-book/figures.ts';
import { foldFundBooks } from '#domain/fund-book/fold.ts';
import { advanceBooks } from '#domain/fund-book/recompute.ts';
import { emptyRun, runTo } from '#domain/fund-book/run.ts';
import { emptyJournal, type JournalState } from '#domain/journal/journal-state.ts';
import { post } from '#domain/journal/post.ts';
import type { CashFlow, JournalEntry, LocalDate, Uuid } from '#domain/messages.ts';
import type { CheckResult } from '#domain/quality/check.ts';
import { emptyQuality, foldQuality, type QualityState } from '#domain/quality/checks.ts';
import { factIdOf, findingIdOf } from '#schemas/fact-ids.ts';
import { type ExpectedAccount, expectedAccounts } from './accounts.ts';
import { eventsOfFunds, type FundEvents } from './fund-log.ts';
import type { Model, PlacedEvent } from './model.ts';

/** The source of a figure is where it was told; the recomputation knows only what it says. */
const nowhere: ToldAt = {
  source_event: { aggregate_id: '', event_version: 0 },
  position: { partition: 0, offset: 0 },
  recorded_at: 0,
};

export type ExpectedFlow = Omit<CashFlow, 'source_event' | 'position' | 'recorded_at'> & { readonly placed: PlacedEvent };
export type ExpectedEntry = Omit<JournalEntry, 'source_event' | 'position' | 'recorded_at'> & { readonly placed: PlacedEvent };
export interface ExpectedFinding {
  readonly id: Uuid;
  readonly result: CheckResult;
  readonly placed: PlacedEvent;
}

/** Facts of some funds at the position of a model; each is computed when it is first asked for. */
export interface FundFacts {
  /** Events of the funds and of the clocks of their partitions. */
  readonly events: FundEvents;
  readonly books: () => readonly FundBook[];
  /** Every figure that must have been told, at its last word. */
  readonly figures: () => readonly Figure[];
  /** First day of the figures of each fund whose figures follow from dated flows. */
  readonly firstDays: () => ReadonlyMap<Uuid, LocalDate>;
  /** Every dated flow and journal entry, with the event that it follows from. */
  readonly bookings: () => { readonly flows: readonly ExpectedFlow[]; readonly entries: readonly ExpectedEntry[] };
  /** Accounts after every event that touched them, until dated bookings began. */
  readonly accounts: () => readonly ExpectedAccount[];
  /** Findings whenever they were told, in order. */
  readonly findings: () => readonly ExpectedFinding[];
}

const booksOf = (events: FundEvents): readonly FundBook[] =>
  events.flatMap((partition) => {
    const books: FundBooks = new Map();
    for (const { event } of partition) {
      if (event.type === 'BusinessDateAdvanced') advanceBooks(books, event.value.business_date, event.value.previous_date);
      else foldFundBooks(books, event);
    }
    return [...books.values()];
  });

const tells = ['NavRoll', 'Performance', 'HypotheticalLiquidation'] as const;
const figuresOfBook = (book: FundBook): readonly Figure[] => {
  const days = new Map<number, boolean>([
    ...book.fundDays.map((day) => [day, true] as const),
    ...book.factDays.map((day) => [day, false] as const),
  ]);
  const run = emptyRun(book);
  return [...days]
    .sort(([left], [right]) => left - right)
    .flatMap(([day, fundOnly]) => {
      runTo(book, run, day);
      return figuresOf(book, run, day, { tells, fundOnly }, nowhere);
    });
};

const bookingsOf = (events: FundEvents): ReturnType<FundFacts['bookings']> => {
  const flows: ExpectedFlow[] = [];
  const entries: ExpectedEntry[] = [];
  for (const partition of events) {
    const cash: CashFlowState = emptyCashFlows();
    const journal: JournalState = emptyJournal();
    const currencies = new Map<Uuid, string>();
    for (const placed of partition) {
      const { event } = placed;
      const { event_id } = event.value.envelope;
      if (event.type === 'FundCreated') currencies.set(event.value.fund.fund_id, event.value.fund.base_currency);
      cashFlowsOf(cash, event).forEach((flow, place) =>
        flows.push({ cash_flow_id: factIdOf('cash-flow', event_id, place), ...flow, placed }),
      );
      post(journal, event).forEach((entry, place) =>
        entries.push({
          journal_entry_id: factIdOf('journal-entry', event_id, place),
          currency: currencies.get(entry.fund_id) ?? '',
          ...entry,
          placed,
        }),
      );
    }
  }
  return { flows, entries };
};

/** A finding is told when it opens, when it says something else, and when it is resolved. */
const findingsOf = (events: FundEvents): readonly ExpectedFinding[] =>
  events.flatMap((partition) => {
    const told: ExpectedFinding[] = [];
    const open = new Map<Uuid, string>();
    const state: QualityState = emptyQuality();
    for (const placed of partition)
      for (const result of foldQuality(state, placed.event)) {
        const id = findingIdOf(result.check, result.subjectId);
        const before = open.get(id);
        if (result.holds ? before === undefined : before === result.message) continue;
        if (result.holds) open.delete(id);
        else open.set(id, result.message);
        told.push({ id, result, placed });
      }
    return told;
  });

/** A value that is made when it is first asked for. */
export const lazy = <Value>(make: () => Value): (() => Value) => {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: make() }).value;
};

const factsOf = (model: Model, fundIds: readonly Uuid[]): FundFacts => {
  const events = eventsOfFunds(model, fundIds);
  const books = lazy(() => booksOf(events));
  const figures = lazy(() => books().flatMap((book) => (book.isLive ? figuresOfBook(book) : [])));
  return {
    events,
    books,
    figures,
    firstDays: lazy(() => {
      const first = new Map<Uuid, LocalDate>();
      for (const { value } of figures()) {
        const known = first.get(value.fund_id);
        if (known === undefined || value.as_of_date < known) first.set(value.fund_id, value.as_of_date);
      }
      return first;
    }),
    bookings: lazy(() => bookingsOf(events)),
    accounts: lazy(() => {
      const accounts: ExpectedAccount[] = [];
      for (const partition of events) expectedAccounts(partition, (account) => accounts.push(account));
      return accounts;
    }),
    findings: lazy(() => findingsOf(events)),
  };
};

/** Facts of a batch of funds by model: two stores at one position share them. */
export const createFundFacts = (fundIds: readonly Uuid[]): ((model: Model) => FundFacts) => {
  const byModel = new Map<Model, FundFacts>();
  return (model) => {
    const facts = byModel.get(model) ?? factsOf(model, fundIds);
    byModel.set(model, facts);
    return facts;
  };
};
