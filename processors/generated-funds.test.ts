// Generated fund lives through every processor of facts: what must hold of any fund, whatever it went through.
import { beforeAll, describe, expect, it } from 'vitest';
import type {
  CashFlow,
  DistributionDeclared,
  CapitalCallIssued,
  JournalEntry,
  NavRoll,
  Performance,
  QualityFinding,
} from '#domain/messages.ts';
import { loadCodec } from '#schemas/released.ts';
import { type GeneratedLog, generatedLog } from '#tests/support/generated-funds.ts';
import { cashFlowsProcessor } from './cash-flows/processor.ts';
import { performanceProcessor } from './performance/processor.ts';
import { qualityProcessor } from './quality/processor.ts';
import type { Processor } from './runtime/topology.ts';
import { createTestDriver } from './runtime/test-driver.ts';
import { waterfallsProcessor } from './waterfalls/processor.ts';

const codec = loadCodec();
let log: GeneratedLog;
beforeAll(async () => {
  log = await generatedLog({ funds: 21, investors: 4, years: 8 });
}, 60_000);

const factsOf = <State>(
  processor: Processor<State>,
  topic: 'cash-flows' | 'performance' | 'waterfalls' | 'quality',
  batch = 500,
  upTo = log.events.length,
) => {
  const driver = createTestDriver(processor);
  for (let at = 0; at < upTo; at += batch) driver.pipeBatch(log.events.slice(at, Math.min(upTo, at + batch)));
  return driver.outputs(topic).map(({ value }) => codec.decode(value));
};
const only = <Fact>(facts: readonly { readonly type: string; readonly value: unknown }[], type: string): readonly Fact[] =>
  facts.filter((fact) => fact.type === type).map(({ value }) => value as Fact);
const eventsOf = <Event>(type: string): readonly Event[] =>
  only<Event>(
    log.events.map(({ value }) => codec.decode(value ?? Buffer.alloc(0))),
    type,
  );
const sum = <Item>(items: readonly Item[], of: (item: Item) => bigint): bigint =>
  items.reduce((total, item) => total + of(item), 0n);

describe('generated funds', () => {
  it('are booked without a rejection', () => {
    expect(log.rejected).toBe(0);
    expect(log.events.length).toBeGreaterThan(3_000);
  });

  it('have notices that add up to their calls, and tiers and notices that add up to their distributions', () => {
    for (const call of eventsOf<CapitalCallIssued>('CapitalCallIssued')) {
      expect(sum(call.notices, ({ call_amount }) => call_amount)).toBe(call.total_call_amount);
      expect(call.notices.every(({ unfunded_after }) => unfunded_after >= 0n)).toBe(true);
    }
    const distributions = eventsOf<DistributionDeclared>('DistributionDeclared');
    expect(distributions.length).toBeGreaterThan(100);
    for (const { calculation, notices, ...distribution } of distributions) {
      expect(sum(notices, ({ gross_distribution }) => gross_distribution)).toBe(distribution.total_distribution_amount);
      expect(sum(notices, ({ carried_interest }) => carried_interest)).toBe(distribution.carried_interest);
      expect(sum(notices, ({ net_distribution }) => net_distribution)).toBe(distribution.net_distribution);
      const tiers = sum(calculation.tiers, ({ lp, gp }) => lp + gp);
      const carryFree = distribution.total_distribution_amount - tiers;
      // Partners that are free of carry get their share beside the tiers.
      expect(carryFree >= 0n).toBe(true);
      expect(sum(calculation.tiers, ({ gp }) => gp)).toBe(distribution.carried_interest);
    }
  });

  it('have net asset values that roll to the cent, and investors that add up to their fund', () => {
    const rolls = only<NavRoll>(factsOf(performanceProcessor({ codec }), 'performance'), 'NavRoll');
    const latest = new Map(rolls.map((roll) => [`${roll.fund_id}|${roll.as_of_date}|${roll.investor_id ?? ''}`, roll]));
    const byFundDay = new Map<string, NavRoll[]>();
    for (const roll of latest.values()) {
      const { opening_nav, contributions, distributions, management_fees, expenses, interest_income, dividend_income } = roll;
      const { other_income, interest_expense, realised_gain_loss, unrealised_change, transfers, carried_interest_paid } = roll;
      expect(
        [
          opening_nav,
          contributions,
          distributions,
          management_fees,
          expenses,
          interest_income,
          dividend_income,
          other_income,
          interest_expense,
          realised_gain_loss,
          unrealised_change,
          transfers,
          carried_interest_paid,
        ].reduce((total, part) => total + part, 0n),
      ).toBe(roll.closing_nav);
      expect(roll.net_nav).toBe(roll.closing_nav - roll.accrued_carried_interest);
      const key = `${roll.fund_id}|${roll.as_of_date}`;
      byFundDay.set(key, [...(byFundDay.get(key) ?? []), roll]);
    }
    let compared = 0;
    for (const [key, rollsOfDay] of byFundDay) {
      const fund = rollsOfDay.find(({ investor_id }) => investor_id === null);
      const investors = rollsOfDay.filter(({ investor_id }) => investor_id !== null);
      if (fund === undefined || investors.length === 0) continue;
      expect(
        sum(investors, ({ closing_nav }) => closing_nav),
        key,
      ).toBe(fund.closing_nav);
      expect(
        sum(investors, ({ net_nav }) => net_nav),
        key,
      ).toBe(fund.net_nav);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(500);
  }, 120_000);

  it('tell the same last word on every figure however events fall into transactions', () => {
    const lastOf = (batch: number) =>
      new Map(
        only<Performance>(factsOf(performanceProcessor({ codec }), 'performance', batch, 1_500), 'Performance').map(
          ({ source_event: _event, position: _position, recorded_at: _at, ...figure }) => [
            `${figure.fund_id}|${figure.as_of_date}|${figure.investor_id ?? ''}|${figure.investment_id ?? ''}`,
            figure,
          ],
        ),
      );
    const small = lastOf(40);
    for (const [key, figure] of lastOf(1_500)) expect(small.get(key), key).toEqual(figure);
  }, 120_000);

  it('have a balanced journal, and flows of investors that are what the figures say', () => {
    const facts = factsOf(cashFlowsProcessor({ codec }), 'cash-flows');
    for (const { lines, posting_rule } of only<JournalEntry>(facts, 'JournalEntry'))
      expect(
        sum(lines, ({ debit, credit }) => debit - credit),
        posting_rule,
      ).toBe(0n);
    const flows = only<CashFlow>(facts, 'CashFlow');
    const performance = only<Performance>(factsOf(performanceProcessor({ codec }), 'performance', 5_000), 'Performance');
    const last = new Map<string, Performance>();
    for (const figure of performance)
      if (figure.investor_id !== null) {
        const key = `${figure.fund_id}|${figure.investor_id}`;
        const known = last.get(key);
        if (known === undefined || figure.as_of_date >= known.as_of_date) last.set(key, figure);
      }
    for (const [key, figure] of last) {
      const own = flows.filter(({ fund_id, investor_id }) => `${fund_id}|${investor_id ?? ''}` === key);
      expect(
        sum(own, ({ capital_call_amount }) => capital_call_amount),
        key,
      ).toBe(figure.called_capital);
      expect(
        sum(own, ({ distribution_amount }) => distribution_amount),
        key,
      ).toBe(figure.distributed_capital);
    }
  }, 120_000);

  it('leave no finding of the quality checks open', () => {
    const findings = only<QualityFinding>(factsOf(qualityProcessor({ codec }), 'quality'), 'QualityFinding');
    const open = new Map(findings.map((finding) => [finding.finding_id, finding]));
    expect([...open.values()].filter(({ status }) => status === 'OPEN')).toEqual([]);
  }, 120_000);

  it('accrue carried interest without an error of their terms', () => {
    const facts = only<{ readonly error: string | null; readonly accrued_carried_interest: bigint }>(
      factsOf(waterfallsProcessor({ codec }), 'waterfalls', 5_000),
      'HypotheticalLiquidation',
    );
    expect(new Set(facts.map(({ error }) => error))).toEqual(new Set([null]));
    expect(facts.some(({ accrued_carried_interest }) => accrued_carried_interest > 0n)).toBe(true);
  }, 120_000);
});
