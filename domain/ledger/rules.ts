// The rule registry (spec 7.1): every rule is a value with a name, a description, a severity and a check. All rules of a
// command type run for every command; an ERROR rejects it, WARNING and INFO become findings of the event.
import type { AnyCommand, CommandType, RuleResult } from '../messages.ts';
import { capitalCallPaymentRules } from './capital-call-payment-rules.ts';
import { capitalCallRules } from './capital-call-rules.ts';
import { clockRules } from './clock.ts';
import { commitmentChangeRules } from './commitment-change-rules.ts';
import { commitmentRules } from './commitment-rules.ts';
import { amountRules, idRules } from './common-rules.ts';
import { distributionRules } from './distribution-rules.ts';
import { fundRules } from './fund-rules.ts';
import { fundTransactionRules } from './fund-transaction-rules.ts';
import { investmentRules } from './investment-rules.ts';
import { investorRules } from './investor-rules.ts';
import { previewRules } from './preview-rules.ts';
import { referenceDataRules } from './reference-data.ts';
import type { Rule, RuleContext } from './rule.ts';
import { termRules } from './term-rules.ts';
import { waterfallRules } from './waterfall-rules.ts';

/** Every rule of the ledger in the order in which they run. */
export const rules: readonly Rule[] = [
  ...idRules,
  ...fundRules,
  ...amountRules,
  ...termRules,
  ...investorRules,
  ...commitmentRules,
  ...commitmentChangeRules,
  ...capitalCallRules,
  ...capitalCallPaymentRules,
  ...investmentRules,
  ...fundTransactionRules,
  ...distributionRules,
  ...waterfallRules,
  ...previewRules,
  ...referenceDataRules,
  ...clockRules,
];

const rulesByType = new Map<CommandType, readonly Rule[]>();

const rulesOf = (type: CommandType): readonly Rule[] => {
  const known = rulesByType.get(type);
  if (known !== undefined) return known;
  const own = rules.filter(({ commands }) => commands.length === 0 || commands.includes(type));
  rulesByType.set(type, own);
  return own;
};

/** Results of all rules that a command does not keep, errors first. */
export const checkRules = (command: AnyCommand, context: RuleContext): readonly RuleResult[] => {
  const results: RuleResult[] = [];
  for (const { name, severity, check } of rulesOf(command.type)) {
    const violation = check(command.value, context);
    if (violation !== null) results.push({ rule: name, severity, message: violation.message, field: violation.field ?? null });
  }
  return results.sort((left, right) => Number(right.severity === 'ERROR') - Number(left.severity === 'ERROR'));
};
