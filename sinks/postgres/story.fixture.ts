// A story of many events for tests of the sink: funds that change their terms, investors that change their check, commitments of both in
// any order that a ledger would allow. The same seed tells the same story.
import type { CommitmentMade, FundCard, InvestorCard } from '#domain/messages.ts';
import { fundCard, idOf, investorCard, sealed } from '#tests/support/cards.ts';
import type { EventBook } from '#tests/support/events.ts';

/** Pseudo-random numbers below a bound (mulberry32). */
const randomBelow = (seed: number): ((bound: number) => number) => {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
};

const termsOf = (fund: string, below: (bound: number) => number): FundCard['terms'] =>
  [1, 2, 3]
    .filter(() => below(2) === 0)
    .map((number) => ({
      term_id: idOf(`${fund} term ${number}`),
      term_type: 'WATERFALL',
      term_name: `Term ${number}`,
      term_value: JSON.stringify({ carry: `0.${below(9)}` }),
      effective_date: '2020-01-01',
      expiry_date: null,
    }));

/** Appends `steps` bookings to the book; facts and progress follow the events that they are true for. */
export const tellStory = (
  book: EventBook,
  { seed, steps, name = '' }: { readonly seed: number; readonly steps: number; readonly name?: string },
): void => {
  const below = randomBelow(seed);
  const funds: FundCard[] = [];
  const investors: InvestorCard[] = [];
  const commitments: CommitmentMade[] = [];
  const any = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const tellers: readonly (() => void)[] = [
    () => {
      const fund = fundCard(`${name}Fund ${funds.length}`, { terms: termsOf(`${name}Fund ${funds.length}`, below) });
      funds.push(fund);
      book.fundCreated(fund);
    },
    () => {
      const investor = investorCard(`${name}Investor ${investors.length}`, { email: sealed(`i***${investors.length}`) });
      investors.push(investor);
      book.investorCreated(investor);
    },
    () => {
      const fund = any(funds);
      const now = { ...fund, terms: termsOf(fund.fund_name, below), geography: `Region ${below(5)}` };
      book.fundUpdated(now, [{ field: 'geography', old_value: null, new_value: now.geography }]);
    },
    () => book.fundClosed(any(funds).fund_id, `2026-01-${10 + below(20)}`),
    () => book.kycDecided(any(investors).investor_id, below(2) === 0 ? 'APPROVED' : 'PENDING', '2026-02-01'),
    () => book.investorUpdated({ ...any(investors), industry: `Industry ${below(4)}` }, []),
    () => {
      const commitment = book.commitmentMade(
        any(funds),
        any(investors),
        BigInt(1 + below(1_000_000)),
        { commitment_id: idOf(`${name}commitment ${commitments.length}`) },
        {
          envelope: { findings: below(3) === 0 ? [{ rule: 'assumed', severity: 'INFO', message: 'assumed', field: null }] : [] },
        },
      );
      commitments.push(commitment);
      book.capitalAccount(commitment);
    },
    () => {
      const commitment = any(commitments);
      book.openingBalance(commitment, { called_amount: BigInt(below(1_000)) });
      book.capitalAccount(commitment, { called_amount: BigInt(below(1_000)) });
      book.capitalAccount(commitment, { investor_id: null });
    },
    () => book.valuation(any(commitments), BigInt(below(5_000)), '2026-03-31'),
    () => {
      const fund = any(funds);
      book.rejected(fund.fund_id, {
        command_type: 'MakeCommitment',
        target_aggregate_id: null,
        reasons: [{ rule: 'exceeds-capacity', severity: 'ERROR', message: 'too much', field: 'commitment_amount' }],
      });
      book.progress(book.partitionOf(fund.fund_id));
    },
  ];
  for (const teller of [0, 0, 1, 1, 6]) tellers[teller]?.();
  for (let step = 0; step < steps; step += 1) tellers[below(tellers.length)]?.();
};
