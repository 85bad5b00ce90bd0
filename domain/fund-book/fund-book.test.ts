// The book of a fund: figures by effective date, whatever the order of recording.
import { describe, expect, it } from 'vitest';
import { toEpochDay } from '../dates/local-date.ts';
import type { AnyEvent, NavRoll, Performance } from '../messages.ts';
import type { BookChange, FundBooks } from './book.ts';
import { foldFundBooks } from './fold.ts';
import { createEvents, fundId, id } from './events.fixture.ts';
import { type FactSource, type Figure, figuresOf } from './figures.ts';
import { advanceBooks, joinChange, type Pending, tellPending, type Told } from './recompute.ts';
import { emptyRun, runTo } from './run.ts';

const source: FactSource = {
  source_event: { aggregate_id: fundId, event_version: 1 },
  position: { partition: 0, offset: 0 },
  recorded_at: 0,
};
const tells = ['NavRoll', 'Performance', 'HypotheticalLiquidation'] as const;

const bookOf = (events: readonly AnyEvent[]) => {
  const books: FundBooks = new Map();
  for (const event of events) foldFundBooks(books, event);
  const book = books.get(fundId);
  if (book === undefined) throw new Error('no book');
  return book;
};

const figuresOn = (events: readonly AnyEvent[], date: string): readonly Figure[] => {
  const book = bookOf(events);
  const run = emptyRun(book);
  runTo(book, run, toEpochDay(date));
  return figuresOf(book, run, toEpochDay(date), { tells, fundOnly: false }, source);
};
const rollOf = (figures: readonly Figure[], investorId: string | null): NavRoll =>
  figures.find((figure) => figure.type === 'NavRoll' && figure.value.investor_id === investorId)?.value as NavRoll;
const performanceOf = (figures: readonly Figure[], investorId: string | null): Performance =>
  figures.find(
    (figure) => figure.type === 'Performance' && figure.value.investor_id === investorId && figure.value.investment_id === null,
  )?.value as Performance;

const events = createEvents();
const life = [
  events.fund(),
  events.commitment('A', 60_000_00n),
  events.commitment('B', 40_000_00n),
  events.terms('2020-01-01', { hurdleRate: '0.08', carry: '0.2' }),
  events.payment('A', '2020-01-01', 6_000_00n),
  events.payment('B', '2020-01-01', 4_000_00n),
  events.investment('Deal', '2020-01-01', 9_000_00n),
  events.transaction('MANAGEMENT_FEE_ACCRUED', '2020-06-30', 500_00n),
  events.valuation('Deal', '2020-12-31', 20_000_00n),
];

describe('the book of a fund', () => {
  it('shares results by commitment and takes accrued carried interest off', () => {
    const figures = figuresOn(life, '2020-12-31');
    const fund = rollOf(figures, null);
    expect(fund).toMatchObject({
      contributions: 10_000_00n,
      management_fees: -500_00n,
      unrealised_change: 11_000_00n,
      closing_nav: 20_500_00n,
      // Full catch-up: 20 % of the profit of 10,500.00.
      accrued_carried_interest: 2_100_00n,
      net_nav: 18_400_00n,
    });
    expect(rollOf(figures, id('A'))).toMatchObject({ closing_nav: 12_300_00n, net_nav: 11_040_00n });
    expect(rollOf(figures, id('B'))).toMatchObject({ closing_nav: 8_200_00n, net_nav: 7_360_00n });
    expect(performanceOf(figures, id('A'))).toMatchObject({
      called_capital: 6_000_00n,
      tvpi: '1.8400000000',
      irr_status: 'OK',
      is_short_span: false,
    });
    expect(figures.at(-1)?.value).toMatchObject({ investment_id: id('Deal'), moic: '2.2222222222', nav: 20_000_00n });
  });

  it('ties: opening and every row give the closing value, investors give the fund', () => {
    const figures = figuresOn(
      [
        ...life,
        events.realisation('Deal', '2021-06-30', 12_345_67n, 4_000_00n, 11_111_11n),
        events.distribution('2021-07-01', [
          { investor: 'A', gross: 6_000_01n, carried: 700_00n },
          { investor: 'B', gross: 4_000_00n, carried: 466_67n },
        ]),
        events.transaction('DIVIDEND_INCOME', '2021-08-01', 33_33n),
      ],
      '2021-12-31',
    );
    const rolls = [rollOf(figures, id('A')), rollOf(figures, id('B'))];
    const fund = rollOf(figures, null);
    for (const roll of [...rolls, fund]) {
      const { opening_nav, contributions, distributions, management_fees, expenses, interest_income, dividend_income } = roll;
      const { other_income, interest_expense, realised_gain_loss, unrealised_change, transfers, carried_interest_paid } = roll;
      expect(
        opening_nav +
          contributions +
          distributions +
          management_fees +
          expenses +
          interest_income +
          dividend_income +
          other_income +
          interest_expense +
          realised_gain_loss +
          unrealised_change +
          transfers +
          carried_interest_paid,
      ).toBe(roll.closing_nav);
    }
    for (const row of [
      'contributions',
      'distributions',
      'unrealised_change',
      'closing_nav',
      'accrued_carried_interest',
      'net_nav',
    ] as const)
      expect((rolls[0]?.[row] ?? 0n) + (rolls[1]?.[row] ?? 0n)).toBe(fund[row]);
    // Cash 1,000.00 + 12,345.67 + 33.33 less the distribution and the fee owed, and what is left of the deal.
    expect(fund.closing_nav).toBe(1_000_00n + 12_345_67n + 33_33n - 10_000_01n - 500_00n + 11_111_11n);
  });

  it('gives the same figures whatever the order of recording', () => {
    const back = events.valuation('Deal', '2020-03-31', 8_000_00n);
    const late = figuresOn([...life, back], '2020-12-31');
    const early = figuresOn([...life.slice(0, 7), back, ...life.slice(7)], '2020-12-31');
    expect(late).toEqual(early);
    expect(performanceOf(figuresOn([...life, back], '2020-03-31'), null)).toMatchObject({ nav: 9_000_00n });
  });

  it('moves the history of a transferred commitment with its dates', () => {
    const figures = figuresOn(
      [
        ...life,
        events.event('CommitmentMade', '2020-12-31', {
          commitment_id: id('c C'),
          investor_id: id('C'),
          commitment_amount: 30_000_00n,
          commitment_date: '2020-12-31',
          commitment_type: 'TRANSFER',
        }),
        events.event('CommitmentTransferred', '2020-12-31', {
          commitment_id: id('c A'),
          to_commitment_id: id('c C'),
          investor_id: id('A'),
          to_investor_id: id('C'),
          old_amount: 60_000_00n,
          new_amount: 30_000_00n,
          transferred_amount: 30_000_00n,
          called_inside_moved: 0n,
          called_outside_moved: 0n,
          paid_in_moved: 3_000_00n,
          distributed_moved: 0n,
          recallable_moved: 0n,
        }),
      ],
      '2020-12-31',
    );
    expect(performanceOf(figures, id('C'))).toEqual({ ...performanceOf(figures, id('A')), investor_id: id('C') });
    expect(rollOf(figures, id('C'))).toMatchObject({ transfers: 6_150_00n, closing_nav: 6_150_00n, net_nav: 5_520_00n });
    expect(rollOf(figures, null)).toMatchObject({ transfers: 0n, closing_nav: 20_500_00n });
  });

  it('takes a payment that was reversed out of the figures', () => {
    const payment = events.payment('A', '2020-02-01', 1_000_00n);
    const reversal = events.event('CapitalCallPaymentReversed', '2020-02-01', {
      payment_id: payment.type === 'CapitalCallPaymentReceived' ? payment.value.payment_id : '',
    });
    expect(figuresOn([...life, payment, reversal], '2020-12-31')).toEqual(figuresOn(life, '2020-12-31'));
  });
});

describe('telling what changed', () => {
  const tell = (batches: readonly (readonly AnyEvent[])[]): readonly (readonly Figure[])[] => {
    const books: FundBooks = new Map();
    const told: Told = new Map();
    return batches.map((batch) => {
      let pending: Pending | undefined;
      for (const event of batch) for (const change of foldFundBooks(books, event)) pending = joinChange(pending, change);
      return pending === undefined ? [] : tellPending(pending, told, tells, source);
    });
  };

  it('a back-dated valuation is told from its day on, newest first, without what stays the same', () => {
    const batches = tell([life, [events.valuation('Deal', '2020-09-30', 15_000_00n)]]);
    const days = batches[1]?.map(({ value }) => value.as_of_date);
    // At the end of the year the later valuation counts as before: no figure of that day differs.
    expect(new Set(days)).toEqual(new Set(['2020-09-30']));
  });

  it('a corrected fee changes every later day', () => {
    const batches = tell([life, [events.transaction('EXPENSE_ACCRUED', '2020-03-31', 100_00n)]]);
    const days = [...new Set(batches[1]?.map(({ value }) => value.as_of_date))];
    expect(days).toEqual(['2020-12-31', '2020-06-30', '2020-03-31']);
  });

  it('a correction tells the fund anew for every business day since', () => {
    const books: FundBooks = new Map();
    const told: Told = new Map();
    for (const event of life) foldFundBooks(books, event);
    const tellAll = (changes: readonly BookChange[]) => {
      let pending: Pending | undefined;
      for (const change of changes) pending = joinChange(pending, change);
      return pending === undefined ? [] : tellPending(pending, told, tells, source);
    };
    const first = tellAll(advanceBooks(books, '2021-01-04', '2020-12-31'));
    expect(new Set(first.map(({ value }) => value.as_of_date))).toEqual(new Set(['2021-01-04']));
    const corrected = tellAll(foldFundBooks(books, events.transaction('EXPENSE_ACCRUED', '2020-12-31', 1_00n)));
    expect([...new Set(corrected.map(({ value }) => value.as_of_date))]).toEqual(['2021-01-04', '2020-12-31']);
    expect(corrected.filter(({ value }) => value.as_of_date === '2021-01-04')).toHaveLength(3);
  });

  it('one by one or all at once, the last word on every figure is the same', () => {
    const last = (batches: readonly (readonly Figure[])[]) =>
      new Map(
        batches
          .flat()
          .map(({ type, value }) => [
            `${type}|${value.as_of_date}|${'investor_id' in value ? value.investor_id : ''}|${'investment_id' in value ? value.investment_id : ''}`,
            value,
          ]),
      );
    const oneByOne = last(tell(life.map((event) => [event])));
    for (const [key, value] of last(tell([life]))) expect(oneByOne.get(key), key).toEqual(value);
  });
});
