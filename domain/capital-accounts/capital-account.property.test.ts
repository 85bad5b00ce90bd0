// Capital accounts: sums of parts are the whole, unknown stays unknown, and the latest value counts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyEvent, Minor } from '../messages.ts';
import { capitalAccountOf, foldCapitalAccounts, type CapitalAccounts, type FactSource } from './capital-account.ts';
import { ratio } from './ratio.ts';

const source: FactSource = {
  source_event: { aggregate_id: 'x', event_version: 1 },
  position: { partition: 0, offset: 0 },
  recorded_at: 0,
};
const event = (type: string, date: string, body: object): AnyEvent =>
  ({ type, value: { envelope: { effective_date: date }, fund_id: 'F', ...body } }) as unknown as AnyEvent;
const made = (id: string, investor: string, amount: Minor): AnyEvent =>
  event('CommitmentMade', '2020-01-01', {
    commitment_id: id,
    investor_id: investor,
    commitment_amount: amount,
    commitment_date: '2020-01-01',
    currency: 'USD',
  });
const opened = (
  id: string,
  investor: string,
  figures: { called: Minor | null; distributed: Minor | null; remaining: Minor | null },
  date = '2025-03-31',
): AnyEvent =>
  event('OpeningBalanceRecorded', date, {
    commitment_id: id,
    investor_id: investor,
    called_amount: figures.called,
    distributed_amount: figures.distributed,
    remaining_value: figures.remaining,
    reported_irr: null,
    reported_multiple: null,
  });
const valued = (id: string, investor: string, remaining: Minor, date: string): AnyEvent =>
  event('ValuationRecorded', date, { commitment_id: id, investor_id: investor, remaining_value: remaining });
const folded = (...events: AnyEvent[]): CapitalAccounts => {
  const accounts: CapitalAccounts = new Map();
  for (const each of events) foldCapitalAccounts(accounts, each);
  return accounts;
};

describe('a capital account', () => {
  it('shows DPI 0.5, RVPI 1.0 and TVPI 1.5 of 120.00 called, 60.00 distributed and 120.00 remaining', () => {
    const account = capitalAccountOf(
      folded(made('C', 'I', 200_00n), opened('C', 'I', { called: 120_00n, distributed: 60_00n, remaining: 120_00n })),
      'F',
      'I',
      source,
    );
    expect(account).toMatchObject({
      pic: '0.6000000000',
      dpi: '0.5000000000',
      rvpi: '1.0000000000',
      tvpi: '1.5000000000',
      unfunded_amount: 80_00n,
      total_value: 180_00n,
    });
  });
  it('keeps unknown parts unknown: sums of what is known, ratios null', () => {
    const accounts = folded(
      made('C', 'I', 100n),
      opened('C', 'I', { called: null, distributed: 10n, remaining: 5n }),
      made('D', 'J', 100n),
      opened('D', 'J', { called: 50n, distributed: null, remaining: 7n }),
    );
    expect(capitalAccountOf(accounts, 'F', 'I', source)).toMatchObject({
      called_amount: null,
      called_unknown: 1,
      unfunded_amount: null,
      dpi: null,
      tvpi: null,
      pic: null,
    });
    expect(capitalAccountOf(accounts, 'F', null, source)).toMatchObject({
      called_amount: 50n,
      called_unknown: 1,
      distributed_amount: 10n,
      distributed_unknown: 1,
      remaining_value: 12n,
      total_value: null,
      tvpi: null,
    });
  });
  it('says when a total runs over different dates', () => {
    const accounts = folded(
      made('C', 'I', 1n),
      opened('C', 'I', { called: 0n, distributed: 0n, remaining: 0n }, '2025-03-31'),
      made('D', 'J', 1n),
      opened('D', 'J', { called: 0n, distributed: 0n, remaining: 0n }, '2025-09-30'),
    );
    expect(capitalAccountOf(accounts, 'F', null, source)).toMatchObject({
      as_of_date: '2025-09-30',
      earliest_as_of_date: '2025-03-31',
    });
  });
  it('shows the value with the latest effective date, of one day the one recorded last', () => {
    const accounts = folded(
      made('C', 'I', 1n),
      opened('C', 'I', { called: 1n, distributed: 0n, remaining: 5n }),
      valued('C', 'I', 7n, '2025-06-30'),
      valued('C', 'I', 8n, '2025-06-30'),
      valued('C', 'I', 9n, '2025-05-31'),
    );
    expect(capitalAccountOf(accounts, 'F', 'I', source).remaining_value).toBe(8n);
  });
  it('adds up: the fund is the sum of its investors, whatever came in which order', () => {
    const money = fc.option(fc.bigInt({ min: 0n, max: 10n ** 12n }), { nil: null });
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            investor: fc.constantFrom('I', 'J', 'K'),
            amount: fc.bigInt({ min: 1n, max: 10n ** 12n }),
            called: money,
            distributed: money,
            remaining: money,
          }),
          { minLength: 1, maxLength: 20 },
        ),
        (positions) => {
          const accounts = folded(
            ...positions.flatMap(({ investor, amount, ...figures }, at) => [
              made(`C${at}`, investor, amount),
              opened(`C${at}`, investor, figures),
            ]),
          );
          const whole = capitalAccountOf(accounts, 'F', null, source);
          const parts = [...new Set(positions.map(({ investor }) => investor))].map((investor) =>
            capitalAccountOf(accounts, 'F', investor, source),
          );
          const sum = (field: 'committed_amount' | 'called_amount' | 'distributed_amount' | 'remaining_value'): Minor =>
            parts.reduce((total, part) => total + (part[field] ?? 0n), 0n);
          expect(whole.committed_amount).toBe(sum('committed_amount'));
          expect(whole.called_amount ?? 0n).toBe(sum('called_amount'));
          expect(whole.distributed_amount ?? 0n).toBe(sum('distributed_amount'));
          expect(whole.remaining_value ?? 0n).toBe(sum('remaining_value'));
          expect(whole.called_unknown).toBe(parts.reduce((total, part) => total + part.called_unknown, 0));
          expect(whole.unfunded_amount === null || whole.unfunded_amount >= 0n).toBe(true);
        },
      ),
    );
  });
});

describe('a ratio', () => {
  it('has ten decimals, half away from zero, and is null where undefined', () => {
    expect(ratio(2n, 3n)).toBe('0.6666666667');
    expect(ratio(-2n, 3n)).toBe('-0.6666666667');
    expect(ratio(-1n, 10n ** 12n)).toBe('0.0000000000');
    expect(ratio(1n, 0n)).toBeNull();
  });
});
