// Random lives of a fund, each told twice: as the events that the ledger writes, recorded in any order, and as the plain events of
// the NAV roll, in order of date. What the fund earns is shared by commitment, carry by capital paid in.

import { createEvents, id } from '../../domain/fund-book/events.fixture.ts';
import type { AnyEvent } from '#domain/messages.ts';
import { allocate, noResidual } from './allocation.ts';
import { fraction, parseCents, printCents } from './fraction.ts';
import { rollOf, type NavEvent, type Parts } from './nav-roll.ts';
import { seededRandom } from './random.ts';
import type { Inputs } from './terms.ts';
import { oracleWaterfall } from './waterfall.ts';

export const gp = 'GP';
export const carryTerms = { hurdleRate: '0.08', carry: '0.2', catchUp: '1.0' };

export type Life = {
  investors: string[];
  events: AnyEvent[];
  plain: NavEvent[];
  flows: Inputs;
  paidInOn: { date: string; paidIn: Parts }[];
};

/** Shares an amount, of either sign, by weights: each the floor, spare cents to the largest remainders, ties to the earlier. */
export const shareBy = (weights: Parts, amount: bigint): Parts => {
  const size = amount < 0n ? -amount : amount;
  const parties = Object.entries(weights).map(([, weight], i) => ({
    id: `${i}`.padStart(4, '0'),
    weight: fraction(weight),
    residual: noResidual,
  }));
  const shares = allocate(size, parties);
  return Object.fromEntries(Object.keys(weights).map((id, i) => [id, amount < 0n ? -shares[i]!.cents : shares[i]!.cents]));
};

const gpCarryOf = (flows: Inputs): bigint => {
  const result = oracleWaterfall({ ...flows, terms: carryTerms });
  if (!('totals' in result)) throw new Error('a waterfall of one fund has totals');
  return parseCents(result.totals.gpCarry);
};

/** Carry accrued on a day: what the GP would get beyond its carry so far if the NAV were distributed. */
export const accruedCarry = (flows: Inputs, date: string, nav: bigint): bigint => {
  if (nav <= 0n) return 0n;
  const until = {
    contributions: flows.contributions.filter((flow) => flow.date <= date),
    distributions: flows.distributions.filter((flow) => flow.date <= date),
  };
  const sold = { ...until, distributions: [...until.distributions, { date, amount: printCents(nav) }] };
  return gpCarryOf(sold) - gpCarryOf(until);
};

const transactions = [
  ['MANAGEMENT_FEE_ACCRUED', 'managementFees'],
  ['EXPENSE_ACCRUED', 'partnershipExpenses'],
  ['ORGANISATION_COST', 'partnershipExpenses'],
  ['INTEREST_EXPENSE', 'interestExpense'],
  ['INTEREST_INCOME', 'interestIncome'],
  ['DIVIDEND_INCOME', 'dividendIncome'],
  ['OTHER_INCOME', 'otherIncome'],
] as const;

/** The life of a seed: one event a day at most, so that the order of a day does not matter. */
export const randomLife = (seed: number): Life => {
  const random = seededRandom(seed * 104_729);
  const make = createEvents();
  const investors = ['A', 'B', 'C', 'D'].slice(0, random.whole(2, 4));
  const commitments: Record<string, bigint> = Object.fromEntries(
    investors.map((id) => [id, BigInt(random.whole(1_000_000, 9_999_999)) * 100n + BigInt(random.whole(0, 99))]),
  );
  const opening = [
    make.fund(),
    ...investors.map((id) => make.commitment(id, commitments[id]!)),
    make.terms('2020-01-01', carryTerms),
  ];
  const later: AnyEvent[] = [];
  const plain: NavEvent[] = [{ date: '2020-01-01', kind: 'commitment', by: { ...commitments } }];
  const flows: Inputs = { contributions: [], distributions: [] };
  const paidIn: Record<string, bigint> = Object.fromEntries(investors.map((id) => [id, 0n]));
  const paidInOn: Life['paidInOn'] = [];
  const deals = new Map<string, { cost: bigint; fair: bigint }>();
  const byCommitment = (amount: bigint): Parts => shareBy(commitments, amount);
  const money = (from: number, to: number): bigint => BigInt(random.whole(from, to));

  const call = (date: string): void => {
    const by = byCommitment(money(10_000_00, 900_000_00));
    for (const id of investors) {
      later.push(make.payment(id, date, by[id]!));
      paidIn[id]! += by[id]!;
    }
    paidInOn.push({ date, paidIn: { ...paidIn } });
    plain.push({ date, kind: 'contribution', by });
    flows.contributions.push({ date, amount: printCents(Object.values(by).reduce((a, b) => a + b, 0n)) });
  };
  const invest = (date: string): void => {
    const deal = `Deal ${deals.size}`;
    const cost = money(5_000_00, 500_000_00);
    deals.set(deal, { cost, fair: cost });
    later.push(make.investment(deal, date, cost));
    plain.push({ date, kind: 'investment', deal, cost });
  };
  const value = (date: string): void => {
    const deal = random.pick([...deals.keys()]);
    const held = deals.get(deal)!;
    const fair = held.cost === 0n ? 0n : money(0, 1_500_000_00);
    later.push(make.valuation(deal, date, fair));
    plain.push({ date, kind: 'valuation', deal, fair, by: byCommitment(fair - held.fair) });
    held.fair = fair;
  };
  const sell = (date: string): void => {
    const deal = random.pick([...deals.keys()]);
    const held = deals.get(deal)!;
    const cost = random.chance(0.5) ? held.cost : held.cost / 3n;
    const fairLeft = cost === held.cost ? 0n : (held.fair * 2n) / 3n;
    const proceeds = money(0, 900_000_00);
    later.push(make.realisation(deal, date, proceeds, cost, fairLeft));
    // The gap between fair value and cost of what is sold turns from unrealised into realised.
    const unrealised = fairLeft - (held.cost - cost) - (held.fair - held.cost);
    plain.push({
      date,
      kind: 'realisation',
      deal,
      cost,
      proceeds,
      fairLeft,
      by: byCommitment(proceeds - cost),
      unrealisedBy: byCommitment(unrealised),
    });
    deals.set(deal, { cost: held.cost - cost, fair: fairLeft });
  };
  const transact = (date: string): void => {
    const [type, row] = random.pick(transactions);
    const amount = money(1_00, 20_000_00);
    later.push(make.transaction(type, date, amount));
    plain.push({ date, kind: 'result', row, by: byCommitment(amount) });
  };
  const distribute = (date: string): void => {
    const total = money(10_000_00, 700_000_00);
    const before = gpCarryOf(flows);
    flows.distributions.push({ date, amount: printCents(total) });
    const carry = shareBy(paidIn, gpCarryOf(flows) - before);
    const gross = shareBy(paidIn, total);
    later.push(
      make.distribution(
        date,
        investors.map((investor) => ({ investor, gross: gross[investor]!, carried: carry[investor]! })),
      ),
    );
    const by = Object.fromEntries(investors.map((id) => [id, gross[id]! - carry[id]!]));
    plain.push({ date, kind: 'distribution', by, carry });
  };

  const transfer = (date: string): void => {
    const [from, to] = [investors[0]!, investors[1]!];
    const [moved, of] = [commitments[from]! / 4n, commitments[from]!];
    const nav = rollOf(plain, '2020-01-01', date, { parties: [from], gp }).endingNavGross;
    const paid = (paidIn[from]! * moved) / of;
    later.push(
      make.event('CommitmentTransferred', date, {
        commitment_id: id(`c ${from}`),
        to_commitment_id: id(`c ${to}`),
        transferred_amount: moved,
        old_amount: of,
        called_inside_moved: 0n,
        called_outside_moved: 0n,
        paid_in_moved: paid,
        distributed_moved: 0n,
        recallable_moved: 0n,
      }),
    );
    const value = (nav * moved) / of;
    plain.push({ date, kind: 'transfer', by: { [from]: -value, [to]: value } });
    for (const [party, sign] of [
      [from, -1n],
      [to, 1n],
    ] as const) {
      commitments[party]! += sign * moved;
      paidIn[party]! += sign * paid;
    }
    paidInOn.push({ date, paidIn: { ...paidIn } });
  };

  const start = Date.UTC(2020, 0, 2);
  let day = 0;
  for (let step = 0; step < random.whole(15, 35); step += 1) {
    day += random.whole(1, 90);
    const date = new Date(start + day * 86_400_000).toISOString().slice(0, 10);
    if (step === 0) call(date);
    else if (step === 1 || deals.size === 0) invest(date);
    else
      random.pick([call, invest, value, value, sell, transact, transact, distribute, ...(random.chance(0.3) ? [transfer] : [])])(
        date,
      );
  }
  // Bookings come in any order: some of them back-dated.
  const recorded = later.map((event, i) => ({ event, place: random.chance(0.15) ? random.whole(i, later.length) : i }));
  recorded.sort((a, b) => a.place - b.place);
  return { investors, events: [...opening, ...recorded.map(({ event }) => event)], plain, flows, paidInOn };
};
