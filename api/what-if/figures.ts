// Figures of a fund with valuations that nobody booked: the books of the processors folded from the same events, and the valuations after them.
import { toEpochDay } from '#domain/dates/local-date.ts';
import type { FundBooks } from '#domain/fund-book/book.ts';
import { bookOf } from '#domain/fund-book/book.ts';
import { figuresOf, type FactSource } from '#domain/fund-book/figures.ts';
import { foldFundBooks } from '#domain/fund-book/fold.ts';
import { emptyRun, runTo } from '#domain/fund-book/run.ts';
import type { AnyEvent, HypotheticalLiquidation, Performance } from '#domain/messages.ts';

export interface Valuation {
  readonly investment_id: string;
  /** Hundredths. */
  readonly fairMinor: bigint;
}

export interface Figures {
  readonly fund: Performance | null;
  readonly investors: readonly Performance[];
  readonly investments: readonly Performance[];
  readonly liquidation: HypotheticalLiquidation | null;
}

const source: FactSource = {
  source_event: { aggregate_id: '', event_version: 0 },
  position: { partition: 0, offset: 0 },
  recorded_at: 0,
};

/** Figures on a day after the events, and after `valuations` as if they had been booked last on that day. */
export const figuresWith = (
  events: readonly AnyEvent[],
  { fundId, day, valuations }: { readonly fundId: string; readonly day: string; readonly valuations: readonly Valuation[] },
): Figures => {
  const books: FundBooks = new Map();
  for (const event of events) foldFundBooks(books, event);
  const [first] = events;
  const book = bookOf(books, fundId);
  valuations.forEach(({ investment_id, fairMinor }, place) => {
    if (first === undefined) return;
    foldFundBooks(books, {
      type: 'InvestmentValued',
      value: {
        envelope: { ...first.value.envelope, event_id: `what-if ${place}`, effective_date: day },
        valuation_id: `what-if ${place}`,
        investment_id,
        fund_id: fundId,
        fair_value: fairMinor,
        valuation_method: 'what-if',
        valuation_source: null,
        notes: null,
        cost: 0n,
        unrealised_gain_loss: 0n,
        currency: book.currency,
      },
    });
  });
  const run = emptyRun(book);
  runTo(book, run, toEpochDay(day));
  const figures = figuresOf(
    book,
    run,
    toEpochDay(day),
    { tells: ['Performance', 'HypotheticalLiquidation'], fundOnly: false },
    source,
  );
  const performance = figures.flatMap((figure) => (figure.type === 'Performance' ? [figure.value] : []));
  const liquidation = figures.flatMap((figure) => (figure.type === 'HypotheticalLiquidation' ? [figure.value] : []));
  return {
    fund: performance.find(({ investor_id, investment_id }) => investor_id === null && investment_id === null) ?? null,
    investors: performance.filter(({ investor_id }) => investor_id !== null),
    investments: performance.filter(({ investment_id }) => investment_id !== null),
    liquidation: liquidation[0] ?? null,
  };
};
