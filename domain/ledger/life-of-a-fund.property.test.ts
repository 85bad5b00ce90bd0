// Whatever happens to a fund, its sums hold after every event.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lifeFund } from '#tests/support/fund-commands.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { beginning, commandOf, type Step } from '#tests/support/random-life.ts';
import type { AnyEvent } from '../messages.ts';
import { unfundedOf } from './commitment-account.ts';
import { evolve } from './evolve.ts';
import { emptyLedger, type LedgerState } from './state.ts';

const number = fc.noBias(fc.integer({ min: 0, max: 999 }));
const step: fc.Arbitrary<Step> = fc.tuple(number, number, number, number, number, number);
const lives = fc.record({ seed: number, steps: fc.array(step, { minLength: 30, maxLength: 90 }) });

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);

const checkState = ({ funds, commitments, calls }: LedgerState): void => {
  const fund = funds.get(lifeFund);
  const own = [...commitments.values()];
  for (const commitment of own) {
    expect(unfundedOf(commitment)).toBeGreaterThanOrEqual(0n);
    const { account } = commitment;
    if (account === null) continue;
    expect(sum(account.contributions.map(({ minor }) => minor))).toBe(account.paidIn);
    expect(account.contributions.every(({ minor }) => minor >= 0n)).toBe(true);
    expect(account.openNotices).toBeGreaterThanOrEqual(0);
    for (const figure of [account.calledInside, account.calledOutside, account.paidIn, account.distributed, account.recallable])
      expect(figure).toBeGreaterThanOrEqual(0n);
  }
  expect(fund?.committed).toBe(sum(own.filter(({ status }) => status === 'ACTIVE').map(({ amount }) => amount)));
  expect(sum(fund?.life?.balances.values() ?? [])).toBe(0n);
  for (const call of calls.values()) {
    const paid = sum([...call.notices.values()].map(({ paid: portions }) => sum(Object.values(portions))));
    expect(paid).toBe(call.paid);
  }
};

/** Whether every amount of an event is in whole units of its currency. */
const isWhole = (value: unknown): boolean => {
  if (typeof value === 'bigint') return value % 100n === 0n;
  return typeof value !== 'object' || value === null || Object.values(value).every(isWhole);
};

const checkEvent = (event: AnyEvent): void => {
  if ('currency' in event.value && event.value.currency === 'JPY') {
    // What is not yet due is told as exactly as the waterfall knows it.
    const { calculation, ...booked } = event.value as { calculation?: { tiers: unknown } };
    expect(isWhole(booked) && isWhole(calculation?.tiers)).toBe(true);
  }
  if (event.type === 'CapitalCallIssued') {
    const { notices, total_call_amount, investment_amount, management_fee_amount, expenses_amount } = event.value;
    expect(sum(notices.map(({ call_amount }) => call_amount))).toBe(total_call_amount);
    expect(sum(notices.map(({ investment_portion }) => investment_portion))).toBe(investment_amount);
    expect(sum(notices.map(({ management_fee_portion }) => management_fee_portion))).toBe(management_fee_amount);
    expect(sum(notices.map(({ expenses_portion }) => expenses_portion))).toBe(expenses_amount);
  }
  if (event.type === 'DistributionDeclared') {
    const { notices, calculation, total_distribution_amount: total, ...totals } = event.value;
    expect(sum(notices.map(({ gross_distribution }) => gross_distribution))).toBe(total);
    expect(calculation.lp_total + calculation.gp_total).toBe(total);
    expect(sum(calculation.tiers.map(({ lp, gp }) => lp + gp))).toBe(total);
    expect(calculation.gp_total).toBe(totals.carried_interest);
    for (const { lp, gp } of calculation.tiers) {
      expect(lp).toBeGreaterThanOrEqual(0n);
      expect(gp).toBeGreaterThanOrEqual(0n);
    }
    for (const notice of notices) {
      const { gross_distribution: gross, carried_interest: carry, management_fee_offset: offset, tax_withholding: tax } = notice;
      expect(notice.net_distribution).toBe(gross - carry - offset - tax);
      for (const part of [gross, carry, offset, tax, notice.net_distribution, notice.return_of_capital, notice.preferred_return])
        expect(part).toBeGreaterThanOrEqual(0n);
      expect(gross - carry).toBeGreaterThanOrEqual(notice.return_of_capital + notice.preferred_return);
    }
  }
};

it('unfunded is never negative, notices add up, tiers are the distribution, the journal balances', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(lives, ({ seed, steps }) => {
      const ledger = testLedger().given(...beginning(seed));
      const versions = new Map<string, number>();
      let seen = 0;
      steps.forEach((taken, index) => {
        const command = commandOf(ledger.state, taken, index + 1);
        if (command === null) return;
        ledger.book(command);
        for (const event of ledger.events.slice(seen)) {
          const { aggregate_id, event_version } = event.value.envelope;
          expect(event_version).toBe((versions.get(aggregate_id) ?? 0) + 1);
          versions.set(aggregate_id, event_version);
          checkEvent(event);
        }
        seen = ledger.events.length;
        checkState(ledger.state);
      });
      const replayed = emptyLedger();
      for (const event of ledger.events) evolve(replayed, event);
      expect(replayed).toEqual(ledger.state);
    }),
    { numRuns: Number(process.env['STRATCAP_LIVES'] ?? 40) },
  );
});
