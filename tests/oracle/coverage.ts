// Which terms of design.md 5 a fund uses, by name and value: what the comparison has to cover.

import type { Inputs, Terms } from './terms.ts';

const valued = [
  'style',
  'hurdleAccrual',
  'dayCount',
  'tierOrder',
  'overDistribution',
  'carryTierMode',
  'compoundingDate',
  'stub',
  'prefStart',
  'prefBase',
  'capitalReturned',
  'writeDowns',
  'expensesReturned',
  'partialRealisation',
  'aggregation',
  'hurdleFlows',
  'taxDistributions',
] as const satisfies readonly (keyof Terms)[];

const present = [
  'carryByPartner',
  'carryFreePartners',
  'hurdles',
  'carryTiers',
  'partnerTerms',
] as const satisfies readonly (keyof Terms)[];

const catchUpKind = (terms: Partial<Terms>): string => {
  const [rate, carry] = [Number(terms.catchUp), Number(terms.carry ?? terms.carryTiers?.[0]?.carry)];
  return rate === 0 ? 'none' : rate <= carry ? 'never completes' : rate < 1 ? 'partial' : 'full';
};

/** For example 'dayCount 30/360', 'clawback hurdle-shortfall', 'a tax distribution'. */
export const termsUsedBy = ({ terms = {}, contributions, distributions }: Inputs): string[] => {
  const used: string[] = [];
  for (const name of valued) if (terms[name] !== undefined) used.push(`${name} ${terms[name]}`);
  for (const name of present) if (terms[name] !== undefined) used.push(name);
  if (terms.style === 'american')
    used.push(terms.lossCarryForward === false ? 'each deal alone' : 'a pool with loss carry-forward');
  if (terms.hurdleRate === null) used.push('no pref');
  if (terms.catchUp !== undefined) used.push(`catchUp ${catchUpKind(terms)}`);
  if (terms.clawback !== undefined) {
    used.push(`clawback ${terms.clawback.test}`, `clawback.when ${terms.clawback.when}`);
    if (terms.clawback.taxRate !== undefined) used.push('clawback.taxRate');
    if (terms.clawback.escrowRate !== undefined) used.push('clawback.escrowRate');
  }
  for (const hurdle of terms.hurdles ?? []) {
    if (hurdle.untilLpMoic !== undefined) used.push('hurdles untilLpMoic');
    if (hurdle.untilGpShare !== undefined) used.push('hurdles untilGpShare');
    if (hurdle.until !== undefined) used.push(`hurdles until ${hurdle.until}`);
  }
  for (const { purpose } of contributions) if (purpose !== undefined) used.push(`a contribution for ${purpose}`);
  for (const { kind, withheld } of distributions) {
    if (kind !== undefined) used.push(`a distribution of kind ${kind}`);
    if (withheld !== undefined) used.push('tax withheld');
  }
  if (distributions.some((flow) => flow.partner !== undefined)) used.push('a distribution to one partner');
  const days = distributions.map((flow) => flow.date);
  if (new Set(days).size < days.length) used.push('two distributions of one day');
  return [...new Set(used)];
};
