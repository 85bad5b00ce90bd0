// Hurdles instead of pref, catch-up and carry: the LPs' return decides which GP share applies.
import { type Fixed, isPositive, larger, ONE, over, smaller, times } from '../numbers/fixed.ts';
import type { Balance } from './balance.ts';
import type { Progress } from './tiers.ts';
import type { ExactTier, ExactTiers } from './tier-amounts.ts';
import type { Hurdle, Terms } from './terms.ts';

/** What the LPs must still get until a GP share of all profit is reached: gp × x = share × (profit + x) − GP carry so far. */
const untilGpShare = (share: Fixed, gp: Fixed, progress: Progress): Fixed | null => {
  const missing = times(share, progress.distributed - progress.contributed) - progress.carry;
  if (!isPositive(missing)) return 0n;
  return gp <= share ? null : times(over(missing, gp - share), ONE - gp);
};

/** A catch-up of 100 %: the LPs get nothing, and the GP all of `rest` until its share of all profit is reached. */
const fullCatchUp = (share: Fixed | null, rest: Fixed, progress: Progress): Fixed => {
  if (share === null || share >= ONE) return rest;
  const missing = times(share, progress.distributed - progress.contributed) - progress.carry;
  return isPositive(missing) ? smaller(rest, over(missing, ONE - share)) : 0n;
};

/**
 * LP amount that ends a tier (null: none does): its balance K + P, its multiple of contributions, its GP share; the first or
 * the last of them.
 */
const lpAmountOf = (hurdle: Hurdle, balance: Balance, grossFlows: boolean, progress: Progress): Fixed | null => {
  const lpPart = grossFlows ? ONE - hurdle.gp : ONE;
  const ends: (Fixed | null)[] = [];
  if (hurdle.untilLpIrr !== null) ends.push(larger(0n, times(balance.capital() + balance.pref(), lpPart)));
  if (hurdle.untilLpMoic !== null) {
    const received = grossFlows ? progress.distributed : progress.lpReceipts;
    ends.push(larger(0n, times(times(hurdle.untilLpMoic, progress.contributed) - received, lpPart)));
  }
  if (hurdle.untilGpShare !== null) ends.push(untilGpShare(hurdle.untilGpShare, hurdle.gp, progress));
  return ends.reduce<Fixed | null>((chosen, end, index) => {
    if (index === 0) return end;
    if (hurdle.until === 'both') return chosen === null || end === null ? null : larger(chosen, end);
    return chosen === null ? end : end === null ? chosen : smaller(chosen, end);
  }, null);
};

const amountsOf = (hurdle: Hurdle, balance: Balance, grossFlows: boolean, rest: Fixed, progress: Progress): ExactTier => {
  if (hurdle.gp === ONE) return { lp: 0n, gp: fullCatchUp(hurdle.untilGpShare, rest, progress) };
  const lpWanted = lpAmountOf(hurdle, balance, grossFlows, progress);
  const lpOfRest = rest - times(rest, hurdle.gp);
  if (lpWanted === null || lpWanted > lpOfRest) return { lp: lpOfRest, gp: rest - lpOfRest };
  return { lp: lpWanted, gp: smaller(rest - lpWanted, over(times(lpWanted, hurdle.gp), ONE - hurdle.gp)) };
};

/**
 * A tier pays LPs its balance and the GP gp / (1 − gp) of that; each LP amount lowers every balance (under `hurdleFlows:
 * deal-gross` each whole amount does). The last hurdle takes the rest. Worked (case D46): 100m in 2019, 40m in 2021, 250m in
 * 2024 with 8 % / 0, 15 % / 0.2, 20 % / 0.3, then 0.4: 96,575,312.05; 43,802,438.21 and 10,950,609.55; 39,458,575.14 and
 * 16,910,817.92; 25,381,348.28 and 16,920,898.85. Source: design 5 "hurdles". That a tier sees what the same distribution paid
 * before it is the bug of domain 1.4 (promote half of what it should be).
 */
export const payHurdles = (
  terms: Terms,
  hurdles: readonly Hurdle[],
  balances: readonly Balance[],
  amount: Fixed,
  progress: Progress,
): ExactTiers => {
  const grossFlows = terms.hurdleFlows === 'deal-gross';
  let rest = amount;
  const tiers = hurdles.map((hurdle, index): ExactTier => {
    const own = balances[index];
    if (rest <= 0n || own === undefined) return { lp: 0n, gp: 0n };
    const { lp, gp } = amountsOf(hurdle, own, grossFlows, rest, progress);
    for (const balance of balances) balance.payCapital(grossFlows ? lp + gp : lp);
    progress.distributed += lp + gp;
    progress.carry += gp;
    progress.lpReceipts += lp;
    rest -= lp + gp;
    return { lp, gp };
  });
  return { kind: 'hurdles', hurdles: tiers };
};
