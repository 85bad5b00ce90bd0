// The engine against the oracle: two waterfalls written by different hands from the same text must agree to the cent.
// A difference prints the seed; `randomFund(seed)` gives the fund.

import { describe, expect, it } from 'vitest';
import { runWaterfallCommand } from '../../cli/engines/waterfall.ts';
import { termsUsedBy } from './coverage.ts';
import { fundsForEveryTerm } from './random-funds.ts';
import { oracleWaterfall } from './waterfall.ts';

const FUNDS = 300;
const FUNDS_PER_TERM = 20;
const funds = fundsForEveryTerm(FUNDS, FUNDS_PER_TERM, termsUsedBy);

describe('the waterfall engine and the oracle', () => {
  it('are compared on every term, each in at least 20 funds', () => {
    const uses = new Map<string, number>();
    for (const term of funds.flatMap(({ fund }) => termsUsedBy(fund))) uses.set(term, (uses.get(term) ?? 0) + 1);
    expect(funds.length).toBeGreaterThanOrEqual(FUNDS);
    expect([...uses].filter(([, count]) => count < FUNDS_PER_TERM)).toEqual([]);
    expect([...uses.keys()].toSorted()).toMatchInlineSnapshot(`
      [
        "a contribution for expense",
        "a contribution for fee",
        "a contribution for investment",
        "a distribution of kind current-income",
        "a distribution of kind in-kind",
        "a distribution of kind tax",
        "a distribution to one partner",
        "a pool with loss carry-forward",
        "aggregation partner",
        "capitalReturned committed",
        "capitalReturned invested",
        "carryByPartner",
        "carryFreePartners",
        "carryTierMode full-catch-up",
        "carryTierMode marginal",
        "carryTiers",
        "catchUp full",
        "catchUp never completes",
        "catchUp none",
        "catchUp partial",
        "clawback excess-carry",
        "clawback greater",
        "clawback hurdle-shortfall",
        "clawback.escrowRate",
        "clawback.taxRate",
        "clawback.when annual",
        "clawback.when each-distribution",
        "clawback.when final",
        "compoundingDate anniversary",
        "compoundingDate year-end",
        "dayCount 30/360",
        "dayCount act/360",
        "dayCount act/365f",
        "dayCount act/act",
        "each deal alone",
        "expensesReturned all",
        "expensesReturned none",
        "expensesReturned realised-share",
        "hurdleAccrual annual",
        "hurdleAccrual continuous",
        "hurdleAccrual daily",
        "hurdleAccrual effective",
        "hurdleAccrual monthly",
        "hurdleAccrual none",
        "hurdleAccrual quarterly",
        "hurdleAccrual simple",
        "hurdleFlows deal-gross",
        "hurdleFlows lp-net",
        "hurdles",
        "hurdles until both",
        "hurdles until first",
        "hurdles untilGpShare",
        "hurdles untilLpMoic",
        "no pref",
        "overDistribution floor",
        "overDistribution look-back",
        "overDistribution look-back-guarded",
        "partialRealisation cost-share",
        "partialRealisation whole-deal",
        "partnerTerms",
        "prefBase contributions",
        "prefBase investments",
        "prefStart due",
        "prefStart facility-draw",
        "prefStart later-of-both",
        "prefStart receipt",
        "stub exponent",
        "stub simple",
        "style american",
        "tax withheld",
        "taxDistributions advance-of-carry",
        "taxDistributions none",
        "tierOrder capital-first",
        "tierOrder pref-first",
        "two distributions of one day",
        "writeDowns lower-of-cost-or-market",
        "writeDowns none",
        "writeDowns permanent",
      ]
    `);
  });

  it('give the same result to the cent for every fund', { timeout: 180_000 }, () => {
    const differing = funds.flatMap(({ seed, fund }) => {
      const engine: unknown = JSON.parse(runWaterfallCommand(JSON.stringify(fund)));
      const oracle: unknown = JSON.parse(JSON.stringify(oracleWaterfall(fund)));
      try {
        expect(engine).toEqual(oracle);
        return [];
      } catch (difference) {
        return [`seed ${seed}: ${String(difference)}`];
      }
    });
    expect(differing).toEqual([]);
  });
});
