// The rule registry (spec 7.1): every rule is a value with a name, a description, a severity and a check. All rules of a
// command type run for every command; an ERROR rejects it, WARNING and INFO become findings of the event.
import type { AnyCommand, RuleResult, Uuid } from '../messages.ts';
import { commitmentRules } from './commitment-rules.ts';
import { fundRules } from './fund-rules.ts';
import { investorRules } from './investor-rules.ts';
import type { Rule, RuleContext } from './rule.ts';
import type { LedgerState } from './state.ts';

/** The aggregate that a command is meant for. */
export const targetOf = (command: AnyCommand): Uuid => {
  switch (command.type) {
    case 'CreateFund':
      return command.value.fund.fund_id;
    case 'UpdateFund':
    case 'CloseFund':
      return command.value.fund_id;
    case 'CreateInvestor':
      return command.value.investor.investor_id;
    case 'UpdateInvestor':
    case 'RecordKycDecision':
    case 'AddBankAccount':
      return command.value.investor_id;
    case 'MakeCommitment':
    case 'RecordOpeningBalance':
    case 'RecordValuation':
      return command.value.commitment_id;
  }
};

/** The consistency key of a command (design.md 2.2): the fund for everything inside it, the investor for an investor. */
export const consistencyKeyOf = (command: AnyCommand): Uuid => {
  switch (command.type) {
    case 'CreateFund':
      return command.value.fund.fund_id;
    case 'CreateInvestor':
      return command.value.investor.investor_id;
    case 'UpdateInvestor':
    case 'RecordKycDecision':
    case 'AddBankAccount':
      return command.value.investor_id;
    default:
      return command.value.fund_id;
  }
};

/** event_version of the aggregate that a command is meant for; 0 when there is none yet. */
export const currentVersion = (state: LedgerState, id: Uuid): number =>
  (state.funds.get(id) ?? state.investors.get(id) ?? state.commitments.get(id))?.version ?? 0;

const versionConflict: Rule = {
  name: 'version-conflict',
  description: 'The sender has seen the version of the aggregate that it names as expected.',
  severity: 'ERROR',
  commands: [],
  check: () => null,
};

/** Every rule of the ledger in the order in which they run. */
export const rules: readonly Rule[] = [versionConflict, ...fundRules, ...investorRules, ...commitmentRules];

/** Results of all rules that a command does not keep, errors first. */
export const checkRules = (command: AnyCommand, context: RuleContext): readonly RuleResult[] => {
  const results: RuleResult[] = [];
  const expected = command.value.header.expected_version;
  const current = currentVersion(context.state, targetOf(command));
  if (expected !== null && expected !== current) {
    results.push({
      rule: versionConflict.name,
      severity: 'ERROR',
      field: 'expected_version',
      message: `expected_version is ${expected}, but the version of ${targetOf(command)} is ${current}; read it again and decide anew`,
    });
  }
  for (const { name, severity, commands, check } of rules) {
    if (!commands.includes(command.type)) continue;
    const violation = check(command.value, context);
    if (violation !== null) results.push({ rule: name, severity, message: violation.message, field: violation.field ?? null });
  }
  return results.sort((left, right) => Number(right.severity === 'ERROR') - Number(left.severity === 'ERROR'));
};
