// The journal and the book of the fund read the same events, each in its own way: they agree on the net asset value of every day.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lifeFund } from '#tests/support/fund-commands.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { beginning, commandOf, type Step } from '#tests/support/random-life.ts';
import { toEpochDay } from '../dates/local-date.ts';
import type { FundBooks } from '../fund-book/book.ts';
import { foldFundBooks } from '../fund-book/fold.ts';
import { emptyRun, runTo, closingOf } from '../fund-book/run.ts';
import { addPosting } from './balances.ts';
import { emptyJournal } from './journal-state.ts';
import { post, type Posting } from './post.ts';

const number = fc.noBias(fc.integer({ min: 0, max: 999 }));
const step: fc.Arbitrary<Step> = fc.tuple(number, number, number, number, number, number);
const lives = fc.record({ seed: number, steps: fc.array(step, { minLength: 40, maxLength: 90 }) });

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);

it('the net assets of the journal are the NAV of the book on every day, to the cent', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(lives, ({ seed, steps }) => {
      const ledger = testLedger().given(...beginning(seed));
      steps.forEach((taken, index) => {
        const command = commandOf(ledger.state, taken, index + 1);
        if (command !== null) ledger.book(command);
      });
      const books: FundBooks = new Map();
      const journal = emptyJournal();
      const postings: Posting[] = [];
      for (const event of ledger.events) {
        foldFundBooks(books, event);
        postings.push(...post(journal, event));
      }
      const book = books.get(lifeFund);
      if (book === undefined) throw new Error('the fund has no book');
      const run = emptyRun(book);
      for (const date of [...new Set(postings.map(({ entry_date }) => entry_date))].sort()) {
        runTo(book, run, toEpochDay(date));
        const balances = new Map<string, bigint>();
        for (const posting of postings) if (posting.entry_date <= date) addPosting(balances, posting);
        const netAssets = sum([...balances].filter(([code]) => code < '3000').map(([, balance]) => balance));
        const nav = sum(run.commitments.map(({ rows }) => closingOf(rows))) + closingOf(run.unshared);
        expect([date, netAssets]).toEqual([date, nav]);
      }
    }),
    { numRuns: Number(process.env['STRATCAP_LIVES'] ?? 40) },
  );
});
