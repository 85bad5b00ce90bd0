// Random lives of a fund for property tests: a list of numbers becomes commands that look at the state, so that most of them are
// accepted and all are plausible. The same numbers give the same life.
import { addDays, fromEpochDay } from '#domain/dates/local-date.ts';
import { outstandingOf } from '#domain/ledger/capital-call-notice.ts';
import type { LedgerState } from '#domain/ledger/state.ts';
import type { AnyCommand, FundTransactionType } from '#domain/messages.ts';
import { fundTransactionTypeValues } from '#domain/messages.ts';
import { testCommand, testId, testInvestor } from './commands.ts';
import {
  adopt,
  advance,
  cancelCall,
  cancelDistribution,
  clawBack,
  commit,
  declare,
  draftCall,
  fundWith,
  invest,
  issueCall,
  lifeFund,
  pay,
  payOut,
  realise,
  settleCall,
  transact,
  value,
  writeOff,
} from './fund-commands.ts';

/** One step: what is done, and five numbers of 0 to 999 that say to what and how much. */
export type Step = readonly [kind: number, a: number, b: number, c: number, d: number, e: number];

const investors = ['Ada', 'Bert', 'Cleo', 'Dora', 'Emil'] as const;
const extraInvestors = ['Finn', 'Gina'] as const;
const termsList: readonly object[] = [
  {},
  { carry: '0.15', hurdleRate: null },
  { style: 'american', clawback: { test: 'excess-carry', escrowRate: '0.3' } },
  { style: 'american', lossCarryForward: false, expensesReturned: 'none' },
  {
    hurdles: [
      { untilLpIrr: '0.08', gp: '0.1' },
      { untilLpIrr: null, gp: '0.25' },
    ],
  },
  { carryByPartner: { [testId('investor Ada')]: '0.1' } },
  { carryFreePartners: [testId('investor Bert')] },
  { carryTiers: [{ untilLpMoic: '1.5', carry: '0.1' }, { carry: '0.25' }], carryTierMode: 'full-catch-up' },
  { overDistribution: 'look-back-guarded', hurdleAccrual: 'simple', tierOrder: 'pref-first' },
  { partialRealisation: 'cost-share', style: 'american', writeDowns: 'lower-of-cost-or-market' },
  { clawback: { test: 'greater', taxRate: '0.3', when: 'each-distribution' } },
];

/** Amounts of a currency without decimals: every one up to the next whole. */
const inWholes = (value: unknown): unknown => {
  if (typeof value === 'bigint') return ((value + 99n) / 100n) * 100n;
  if (Array.isArray(value)) return value.map(inWholes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]: [string, unknown]) => [key, inWholes(part)]));
};
const inYen = ({ type, value }: AnyCommand): AnyCommand => {
  const whole = inWholes(value) as AnyCommand['value'];
  return { type, value: 'currency' in whole ? { ...whole, currency: 'JPY' } : whole } as AnyCommand;
};

/** The setting: seven investors, two of them without a commitment, and a fund with its first terms; every fourth one in yen. */
export const beginning = (seed: number): readonly AnyCommand[] => {
  const isYen = seed % 4 === 3;
  const commands = [
    ...fundWith(
      { Ada: 5_000_000_01n, Bert: 3_000_000_00n, Cleo: 1_999_999_99n, Dora: 10_000_00n, Emil: 7_77n },
      isYen ? { base_currency: 'JPY' } : {},
    ),
    ...extraInvestors.map((name) => testCommand('CreateInvestor', { investor: testInvestor(name) })),
    adopt(termsList[seed % termsList.length] ?? {}),
  ];
  return isYen ? commands.map(inYen) : commands;
};

const dealNames = new Map(['deal 0', 'deal 1', 'deal 2', 'deal 3'].map((name) => [testId(`deal ${name}`), name]));
const nameOf = (id: string | undefined): string => dealNames.get(id ?? '') ?? 'deal 0';

const pick = <Value>(list: readonly Value[], number: number): Value | undefined => list[number % Math.max(1, list.length)];
const share = (amount: bigint, number: number): bigint => (amount * BigInt(number + 1)) / 1000n;

/** The command of a step on a state; null when there is nothing that it could be about. `count` numbers the steps. */
export const commandOf = (state: LedgerState, step: Step, count: number): AnyCommand | null => {
  const command = inCents(state, step, count);
  const isYen = state.funds.get(lifeFund)?.card.base_currency === 'JPY';
  return command !== null && isYen ? inYen(command) : command;
};

const inCents = (state: LedgerState, [kind, a, b, c, d, e]: Step, count: number): AnyCommand | null => {
  const life = state.funds.get(lifeFund)?.life ?? null;
  const base = 18_262 + count * 20;
  const date = fromEpochDay(base + (a % 100) - (b % 10 === 0 ? 400 : 0));
  const cash = life?.balances.get('1000') ?? 0n;
  const held = life?.investments ?? [];
  const deal = kind % 22 === 8 || e % 10 === 0 ? `deal ${d % 4}` : nameOf(pick(held, d));
  const calls = life?.calls ?? [];
  const distributions = life?.distributions ?? [];
  const numberOf = (id: string): number => state.calls.get(id)?.number ?? state.distributions.get(id)?.number ?? 1;
  const openNotices = calls.flatMap((id) =>
    [...(state.calls.get(id)?.notices ?? [])]
      .filter(([, notice]) => outstandingOf(notice) > 0n)
      .map(([notice]) => ({ id, notice })),
  );
  switch (kind % 22) {
    case 0:
      return draftCall(count, BigInt(a) * 997n + 1n, date, {
        call_number: count,
        management_fee_amount: BigInt(b) * 13n,
        expenses_amount: BigInt(c % 7),
        management_fee_inside: d % 2 === 0,
        expenses_inside: e % 2 === 0,
        allocation_basis: e % 3 === 0 ? 'UNFUNDED' : 'COMMITMENT',
        excused_commitments: d % 5 === 0 ? [testId('commitment Alpha Bert')] : [],
        investment_id: c % 4 === 0 ? null : testId(`deal ${deal}`),
      });
    case 1:
    case 2: {
      const draft = calls.find((id) => state.calls.get(id)?.status === 'DRAFT');
      return draft === undefined ? null : issueCall(numberOf(draft));
    }
    case 3:
    case 4:
    case 5:
    case 6: {
      const open = pick(openNotices, a);
      const notice = open === undefined ? undefined : state.calls.get(open.id)?.notices.get(open.notice);
      if (open === undefined || notice === undefined) return null;
      const owed = outstandingOf(notice);
      const amount = b % 3 === 0 ? share(owed, c) : owed;
      return pay(numberOf(open.id), open.notice, amount === 0n ? 1n : amount, date, {
        payment_id: testId(`payment ${count}`),
      });
    }
    case 7: {
      const payments = calls.flatMap((id) =>
        [...(state.calls.get(id)?.notices ?? [])].flatMap(([notice, { payments: made }]) =>
          made.map(({ id: payment }) => ({ id, notice, payment })),
        ),
      );
      const wrong = pick(payments, a);
      return wrong === undefined
        ? null
        : testCommand('ReverseCapitalCallPayment', {
            payment_id: wrong.payment,
            call_id: wrong.id,
            fund_id: lifeFund,
            notice_id: wrong.notice,
          });
    }
    case 8:
      return invest(deal, share(cash > 0n ? cash : 1_000_00n, b) + 1n, date, { transaction_id: testId(`transaction ${count}`) });
    case 9:
      return testCommand(
        'IncreaseInvestment',
        {
          investment_id: testId(`deal ${deal}`),
          fund_id: lifeFund,
          amount: share(cash > 0n ? cash : 1_000_00n, b) + 1n,
          transaction_id: testId(`transaction ${count}`),
        },
        { effective_date: date },
      );
    case 10:
      return value(deal, BigInt(a) * BigInt(b) * 10n, date, String(count));
    case 11:
    case 12:
      return realise(deal, BigInt(a) * BigInt(b + 1) * 20n, date, {
        transaction_id: testId(`transaction ${count}`),
        cost_realised: c % 2 === 0 ? null : BigInt(c) * 100n,
      });
    case 13:
      return writeOff(deal, date, c % 2 === 0 ? null : BigInt(c) * 100n + 1n);
    case 14: {
      const type = pick<FundTransactionType>(fundTransactionTypeValues, a) ?? 'OTHER_INCOME';
      return transact(type, BigInt(b) * 7n + 1n, date, { transaction_id: testId(`transaction ${count}`) });
    }
    case 15:
    case 16: {
      const amount = share(cash > 0n ? cash : 1_000_00n, a % 400);
      const last = state.distributions.get(distributions.at(-1) ?? '');
      const on = e % 3 === 0 && last !== undefined ? last.date : date;
      return declare(count, amount === 0n ? 1n : amount, on, {
        distribution_number: count,
        recallable_amount: b % 2 === 0 ? share(amount, c % 300) : 0n,
        management_fee_offset: c % 3 === 0 ? share(amount, d % 50) : 0n,
        distribution_kind: d % 9 === 0 ? 'TAX' : 'ORDINARY',
        investment_id: e % 4 === 0 ? null : testId(`deal ${deal}`),
        withholdings: e % 2 === 0 ? [{ investor_id: testId('investor Ada'), rate: '0.15' }] : [],
      });
    }
    case 17: {
      const declared = distributions.filter((id) => state.distributions.get(id)?.status === 'DECLARED');
      const id = pick(declared, a);
      if (id === undefined) return null;
      return b % 3 === 0
        ? cancelDistribution(numberOf(id))
        : payOut(numberOf(id), addDays(state.distributions.get(id)?.date ?? date, b % 30));
    }
    case 18: {
      const from = pick(state.funds.get(lifeFund)?.commitments ?? [], a);
      const amount = from === undefined ? 0n : (state.commitments.get(from)?.amount ?? 0n);
      if (from === undefined) return null;
      return testCommand(
        'TransferCommitment',
        {
          commitment_id: from,
          fund_id: lifeFund,
          transferred_amount: b % 3 === 0 ? amount : share(amount, c) + 1n,
          to_investor_id: testId(`investor ${pick([...investors, ...extraInvestors], d) ?? 'Finn'}`),
          to_commitment_id: testId(`moved ${count}`),
          modification_id: testId(`modification ${count}`),
        },
        { effective_date: date },
      );
    }
    case 19: {
      const id = pick(state.funds.get(lifeFund)?.commitments ?? [], a);
      const amount = id === undefined ? 0n : (state.commitments.get(id)?.amount ?? 0n);
      if (id === undefined) return null;
      return b % 4 === 0
        ? testCommand('CancelCommitment', {
            commitment_id: id,
            fund_id: lifeFund,
            modification_id: testId(`modification ${count}`),
          })
        : testCommand('ChangeCommitmentAmount', {
            commitment_id: id,
            fund_id: lifeFund,
            new_amount: share(amount * 2n, c) + 1n,
            modification_id: testId(`modification ${count}`),
          });
    }
    case 20: {
      const call = pick(calls, a);
      if (b % 4 === 0) return advance(date);
      if (b % 4 === 1) return clawBack(date, String(count));
      if (b % 4 === 2) return call === undefined ? null : settleCall(numberOf(call));
      return call === undefined ? null : cancelCall(numberOf(call));
    }
    default: {
      if (a % 3 === 0)
        return adopt(pick(termsList, b) ?? {}, {
          term_id: testId(`term ${count}`),
          effective_date: e % 2 === 0 ? '2020-01-02' : date,
        });
      if (a % 3 === 1)
        return adopt({ carry: '0.05' }, { term_id: testId(`term ${count}`), effective_date: date }, testId('investor Cleo'));
      if (e % 3 === 0) {
        const taken = pick(state.funds.get(lifeFund)?.commitments ?? [], c);
        return taken === undefined
          ? null
          : testCommand(
              'RecordOpeningBalance',
              {
                commitment_id: taken,
                fund_id: lifeFund,
                called_amount: BigInt(b) * 1_000_00n,
                distributed_amount: BigInt(d) * 500_00n,
                remaining_value: null,
                reported_irr: null,
                reported_multiple: null,
                reported_vintage_year: null,
                source: 'report',
              },
              { effective_date: '2020-01-01' },
            );
      }
      const name = `Late ${count}`;
      return d % 2 === 0
        ? testCommand('CreateInvestor', { investor: testInvestor(name) })
        : commit('Finn', BigInt(c) * 1_000_00n + 1n, { commitment_id: testId(`late commitment ${count}`) });
    }
  }
};
