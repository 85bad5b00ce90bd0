// Why terms or flows cannot be run, by the names of the waterfall engine: one rule for each, for whatever runs a waterfall.
import type { WaterfallError } from '../waterfall/terms.ts';
import { plannedClawback } from './clawback.ts';
import { plannedDistribution } from './distribution-plan.ts';
import { rule, type Rule, type RuleContext } from './rule.ts';
import { adoptedTermError } from './term-rules.ts';

const errorOf = (context: RuleContext): WaterfallError | null => {
  const outcome = adoptedTermError(context) ?? plannedDistribution(context) ?? plannedClawback(context);
  return outcome?.kind === 'error' ? outcome : null;
};

const reasons = {
  'invalid-term': 'Waterfall terms are known by name, and their numbers are decimal strings in range.',
  'carry-tier-end': 'Every carry tier but the last has an end.',
  'hurdle-end': 'Every hurdle but the last has an end.',
  'hurdles-with-carry-tiers': 'Hurdles and carry tiers exclude each other.',
  'hurdles-with-carry-by-partner': 'Hurdles and carry by partner exclude each other.',
  'carry-tiers-with-carry-by-partner': 'Carry tiers and carry by partner exclude each other.',
  'clawback-with-hurdles': 'A clawback has no test with hurdles.',
  'clawback-with-carry-tiers': 'A clawback has no test with carry tiers.',
  'committed-capital-missing': 'Terms that return committed capital say how much it is.',
  'distribution-without-deal': 'American terms need the deal that each distribution comes from.',
  'contribution-without-deal': 'American terms need the deal of each call for investments.',
} as const;

export const waterfallRules: readonly Rule[] = Object.entries(reasons).map(([name, description]) =>
  rule({
    name,
    description,
    severity: 'ERROR',
    commands: ['AdoptFundTerm', 'DeclareDistribution', 'ClawBackCarry'],
    check: (_, context) => {
      const error = errorOf(context);
      return error?.reason === name ? { field: error.field, message: error.message } : null;
    },
  }),
);

/** Reasons of the engine that have a rule; a test holds that no other one can come. */
export const waterfallReasons: readonly string[] = Object.keys(reasons);
