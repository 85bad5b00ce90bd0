// The rule registry (spec 7.1): every rule is a value with a name, a description, a severity and a check. All rules of a
// command type run for every command; an ERROR rejects it, WARNING and INFO become findings of the event.
import type { AnyCommand, RuleResult, Uuid } from '../messages.ts';
import { commitmentRules } from './commitment-rules.ts';
import { fundRules } from './fund-rules.ts';
import { investorRules } from './investor-rules.ts';
import type { Rule, RuleContext } from './rule.ts';
import type { LedgerState } from './state.ts';
import { newIdOf, targetOf } from './target.ts';

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

const idTaken: Rule = {
  name: 'id-taken',
  description: 'An id names one thing in the whole system, whatever its kind and wherever it is kept.',
  severity: 'ERROR',
  commands: [],
  check: () => null,
};

const idTakenResult = (command: AnyCommand, { state, isTakenElsewhere }: RuleContext): RuleResult | null => {
  const id = newIdOf(command);
  if (id === null) return null;
  const kinds = [
    command.type !== 'CreateFund' && state.funds.has(id) ? 'a fund' : null,
    command.type !== 'CreateInvestor' && state.investors.has(id) ? 'an investor' : null,
    command.type !== 'MakeCommitment' && state.commitments.has(id) ? 'a commitment' : null,
  ].filter((kind) => kind !== null);
  const ownDuplicate = state.funds.has(id) || state.investors.has(id) || state.commitments.has(id);
  if (kinds.length === 0 && (ownDuplicate || !isTakenElsewhere(id))) return null;
  return {
    rule: idTaken.name,
    severity: 'ERROR',
    field: null,
    message: `id ${id} names ${kinds[0] ?? 'something else'} already; give the new one an id of its own`,
  };
};

/** Every rule of the ledger in the order in which they run. */
export const rules: readonly Rule[] = [versionConflict, idTaken, ...fundRules, ...investorRules, ...commitmentRules];

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
  const taken = idTakenResult(command, context);
  if (taken !== null) results.push(taken);
  for (const { name, severity, commands, check } of rules) {
    if (!commands.includes(command.type)) continue;
    const violation = check(command.value, context);
    if (violation !== null) results.push({ rule: name, severity, message: violation.message, field: violation.field ?? null });
  }
  return results.sort((left, right) => Number(right.severity === 'ERROR') - Number(left.severity === 'ERROR'));
};
