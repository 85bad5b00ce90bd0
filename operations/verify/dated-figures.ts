// Figures of funds with dated bookings, recomputed from all of their events at once: what the processors told piece by piece must be
// what the whole log gives.
import { type CashFlowState, cashFlowsOf, emptyCashFlows } from '#domain/cash-flows/cash-flows.ts';
import type { FundBook, FundBooks } from '#domain/fund-book/book.ts';
import { type FactSource, type Figure, figuresOf } from '#domain/fund-book/figures.ts';
import { foldFundBooks } from '#domain/fund-book/fold.ts';
import { advanceBooks } from '#domain/fund-book/recompute.ts';
import { emptyRun, runTo } from '#domain/fund-book/run.ts';
import { emptyJournal, type JournalState } from '#domain/journal/journal-state.ts';
import { post } from '#domain/journal/post.ts';
import type { CashFlow, JournalEntry, Uuid } from '#domain/messages.ts';
import type { CheckResult } from '#domain/quality/check.ts';
import { emptyQuality, foldQuality, type QualityState } from '#domain/quality/checks.ts';
import { factIdOf, findingIdOf } from '#schemas/fact-ids.ts';
import type { Difference, Model, PlacedEvent } from './model.ts';

/** The source of a figure is where it was told; the recomputation knows only what it says. */
const nowhere: FactSource = {
  source_event: { aggregate_id: '', event_version: 0 },
  position: { partition: 0, offset: 0 },
  recorded_at: 0,
};

const inOrder = (model: Model): ReadonlyMap<number, readonly PlacedEvent[]> => {
  const partitions = new Map<number, PlacedEvent[]>();
  for (const placed of model.events) {
    const events = partitions.get(placed.partition) ?? [];
    partitions.set(placed.partition, events);
    events.push(placed);
  }
  return partitions;
};

/** The books of every fund, folded in the order of each partition. */
export const booksOf = (model: Model): readonly FundBook[] =>
  [...inOrder(model).values()].flatMap((events) => {
    const books: FundBooks = new Map();
    for (const { event } of events) {
      if (event.type === 'BusinessDateAdvanced') advanceBooks(books, event.value.business_date, event.value.previous_date);
      else foldFundBooks(books, event);
    }
    return [...books.values()];
  });

/** Every figure that must have been told of a fund, each at its last word. */
export const expectedFigures = (model: Model): readonly Figure[] =>
  booksOf(model)
    .filter(({ isLive }) => isLive)
    .flatMap((book) => {
      const days = new Map<number, boolean>([
        ...book.fundDays.map((day) => [day, true] as const),
        ...book.factDays.map((day) => [day, false] as const),
      ]);
      const run = emptyRun(book);
      return [...days]
        .sort(([left], [right]) => left - right)
        .flatMap(([day, fundOnly]) => {
          runTo(book, run, day);
          return figuresOf(book, run, day, { tells: ['NavRoll', 'Performance', 'HypotheticalLiquidation'], fundOnly }, nowhere);
        });
    });

/** Funds whose figures follow from dated bookings: the accounts of positions that were taken over tell nothing of them. */
export const datedFunds = (model: Model): ReadonlySet<Uuid> =>
  new Set(
    booksOf(model)
      .filter(({ isLive }) => isLive)
      .map(({ fundId }) => fundId),
  );

export type ExpectedFlow = Omit<CashFlow, 'source_event' | 'position' | 'recorded_at'> & { readonly placed: PlacedEvent };
export type ExpectedEntry = Omit<JournalEntry, 'source_event' | 'position' | 'recorded_at' | 'currency'> & {
  readonly placed: PlacedEvent;
};

/** Every dated flow and journal entry, with the event that it follows from. */
export const expectedBookings = (
  model: Model,
): { readonly flows: readonly ExpectedFlow[]; readonly entries: readonly ExpectedEntry[] } => {
  const flows: ExpectedFlow[] = [];
  const entries: ExpectedEntry[] = [];
  for (const events of inOrder(model).values()) {
    const cash: CashFlowState = emptyCashFlows();
    const journal: JournalState = emptyJournal();
    for (const placed of events) {
      const { event } = placed;
      const { event_id } = event.value.envelope;
      cashFlowsOf(cash, event).forEach((flow, place) =>
        flows.push({ cash_flow_id: factIdOf('cash-flow', event_id, place), ...flow, placed }),
      );
      post(journal, event).forEach((entry, place) =>
        entries.push({ journal_entry_id: factIdOf('journal-entry', event_id, place), ...entry, placed }),
      );
    }
  }
  return { flows, entries };
};

/** Findings as they stand after the log, by id. */
export const expectedFindings = (model: Model): ReadonlyMap<string, CheckResult> => {
  const findings = new Map<string, CheckResult>();
  for (const events of inOrder(model).values()) {
    const state: QualityState = emptyQuality();
    for (const { event } of events)
      for (const result of foldQuality(state, event)) {
        const id = findingIdOf(result.check, result.subjectId);
        // One that always held was never told.
        if (!result.holds || findings.has(id)) findings.set(id, result);
      }
  }
  return findings;
};

/** What must hold of the log itself, whatever the stores contain: sums of every fund on every fact day. */
export const figureDifferences = (figures: readonly Figure[]): readonly Difference[] => {
  const byDay = new Map<string, { fund: bigint | null; investors: bigint; count: number }>();
  for (const figure of figures) {
    if (figure.type !== 'NavRoll') continue;
    const { fund_id, as_of_date, investor_id, closing_nav } = figure.value;
    const key = `${fund_id}|${as_of_date}`;
    const known = byDay.get(key) ?? { fund: null, investors: 0n, count: 0 };
    byDay.set(key, known);
    if (investor_id === null) known.fund = closing_nav;
    else {
      known.investors += closing_nav;
      known.count += 1;
    }
  }
  return [...byDay].flatMap(([key, { fund, investors, count }]) =>
    count === 0 || fund === investors
      ? []
      : [
          {
            where: 'log',
            table: 'nav_rolls',
            key,
            field: 'closing_nav of the investors against the fund',
            expected: String(fund),
            found: String(investors),
          },
        ],
  );
};
