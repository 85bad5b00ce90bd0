// Rules of investments: made, increased, valued, sold and written off.
import { fromEpochDay, toEpochDay } from '../dates/local-date.ts';
import { heldOn, leastCostFrom, type InvestmentHistory } from '../journal/investment-history.ts';
import type { Uuid } from '../messages.ts';
import { formatMoney } from '../money/money.ts';
import { rule, type Rule, type RuleContext } from './rule.ts';

/** The history of an investment of the fund; null when there is none. */
export const historyFor = ({ state }: RuleContext, investmentId: Uuid, fundId: Uuid): InvestmentHistory | null =>
  state.investments.get(investmentId)?.fundId === fundId ? (state.journal.investments.get(investmentId) ?? null) : null;

const partRule = (
  commandField: 'cost_realised' | 'cost_written_off',
  cost: bigint | null,
  { history, date }: { readonly history: InvestmentHistory | null; readonly date: string },
): { readonly field: string; readonly message: string } | null => {
  if (history === null) return null;
  const left = leastCostFrom(history, toEpochDay(date));
  return cost === null || cost <= left
    ? null
    : {
        field: commandField,
        message: `${commandField} ${formatMoney(cost)} exceeds the cost ${formatMoney(left)} that is held from ${date} on`,
      };
};

export const investmentRules: readonly Rule[] = [
  rule({
    name: 'duplicate-investment',
    description: 'An investment id is used once.',
    severity: 'ERROR',
    commands: ['MakeInvestment'],
    check: ({ investment_id }, { state }) =>
      state.investments.has(investment_id)
        ? { field: 'investment_id', message: `investment ${investment_id} exists already; add to it by IncreaseInvestment` }
        : null,
  }),
  rule({
    name: 'unnamed-company',
    description: 'The company invested in has a name of 1 to 255 characters.',
    severity: 'ERROR',
    commands: ['MakeInvestment'],
    check: ({ portfolio_company }) =>
      portfolio_company.trim() !== '' && portfolio_company.length <= 255
        ? null
        : { field: 'portfolio_company', message: 'portfolio_company must have 1 to 255 characters' },
  }),
  rule({
    name: 'unknown-investment',
    description: 'The investment exists in this fund.',
    severity: 'ERROR',
    commands: ['IncreaseInvestment', 'ValueInvestment', 'RealiseInvestment', 'WriteOffInvestment'],
    check: ({ investment_id, fund_id }, context) =>
      historyFor(context, investment_id, fund_id) === null
        ? { field: 'investment_id', message: `there is no investment ${investment_id} in fund ${fund_id}; make it first` }
        : null,
  }),
  rule({
    name: 'transaction-exists',
    description: 'A transaction id is used once in a fund.',
    severity: 'ERROR',
    commands: ['MakeInvestment', 'IncreaseInvestment', 'RealiseInvestment', 'WriteOffInvestment', 'RecordFundTransaction'],
    check: ({ transaction_id, fund_id }, { state }) => {
      const life = state.funds.get(fund_id)?.life ?? null;
      return life !== null && (life.usedIds.has(transaction_id) || life.transactions.has(transaction_id))
        ? { field: 'transaction_id', message: `transaction ${transaction_id} was recorded already` }
        : null;
    },
  }),
  rule({
    name: 'valuation-exists',
    description: 'A valuation id is used once in a fund; a correction has an id of its own.',
    severity: 'ERROR',
    commands: ['ValueInvestment'],
    check: ({ valuation_id, fund_id }, { state }) =>
      state.funds.get(fund_id)?.life?.usedIds.has(valuation_id) === true
        ? { field: 'valuation_id', message: `valuation ${valuation_id} was recorded already` }
        : null,
  }),
  rule({
    name: 'before-investment',
    description: 'Nothing happens to an investment before it was made.',
    severity: 'ERROR',
    commands: ['IncreaseInvestment', 'ValueInvestment', 'RealiseInvestment', 'WriteOffInvestment'],
    check: ({ investment_id, fund_id, header }, context) => {
      const [first] = historyFor(context, investment_id, fund_id) ?? [];
      return first === undefined || toEpochDay(header.effective_date) >= first.day
        ? null
        : {
            field: 'effective_date',
            message: `effective_date ${header.effective_date} lies before investment ${investment_id} was made`,
          };
    },
  }),
  rule({
    name: 'investment-ended',
    description: 'An investment that is sold or written off is not increased, sold or written off again on or after that day.',
    severity: 'ERROR',
    commands: ['IncreaseInvestment', 'RealiseInvestment', 'WriteOffInvestment'],
    check: ({ investment_id, fund_id, header }, context) => {
      const history = historyFor(context, investment_id, fund_id);
      if (history === null || toEpochDay(header.effective_date) < (history[0]?.day ?? 0)) return null;
      return heldOn(history, toEpochDay(header.effective_date)).costMinor > 0n
        ? null
        : {
            field: 'investment_id',
            message: `nothing of investment ${investment_id} is held on ${header.effective_date}: it is ${context.state.investments.get(investment_id)?.status}`,
          };
    },
  }),
  rule({
    name: 'realises-more-than-held',
    description: 'No more cost is realised or written off than is held, on that day and later.',
    severity: 'ERROR',
    commands: ['RealiseInvestment', 'WriteOffInvestment'],
    check: (command, context) => {
      const history = historyFor(context, command.investment_id, command.fund_id);
      const at = { history, date: command.header.effective_date };
      return 'proceeds' in command
        ? partRule('cost_realised', command.cost_realised, at)
        : partRule('cost_written_off', command.cost_written_off, at);
    },
  }),
  rule({
    name: 'value-of-nothing',
    description: 'What is wholly sold has no fair value left, and nothing held has no value.',
    severity: 'ERROR',
    commands: ['RealiseInvestment', 'ValueInvestment'],
    check: (command, context) => {
      const history = historyFor(context, command.investment_id, command.fund_id);
      if (history === null || toEpochDay(command.header.effective_date) < (history[0]?.day ?? 0)) return null;
      const { costMinor } = heldOn(history, toEpochDay(command.header.effective_date));
      if ('fair_value' in command) {
        return costMinor === 0n && command.fair_value !== 0n
          ? {
              field: 'fair_value',
              message: `nothing of investment ${command.investment_id} is held on ${command.header.effective_date}`,
            }
          : null;
      }
      const left = command.cost_realised === null ? 0n : costMinor - command.cost_realised;
      return left === 0n && (command.remaining_fair_value ?? 0n) !== 0n
        ? {
            field: 'remaining_fair_value',
            message: 'nothing is left of the investment; leave remaining_fair_value out or give 0.00',
          }
        : null;
    },
  }),
  rule({
    name: 'valued-after-end',
    description:
      'An investment does not end before a day on which a value of it is recorded; that day is corrected to 0.00 first.',
    severity: 'ERROR',
    commands: ['RealiseInvestment', 'WriteOffInvestment'],
    check: (command, context) => {
      const history = historyFor(context, command.investment_id, command.fund_id);
      if (history === null) return null;
      const day = toEpochDay(command.header.effective_date);
      const cost = 'proceeds' in command ? command.cost_realised : command.cost_written_off;
      if (cost !== null && cost < heldOn(history, day).costMinor) return null;
      const last = history.filter((entry) => entry.day > day && entry.kind === 'value').at(-1);
      return last?.kind === 'value' && last.fairMinor !== 0n
        ? {
            field: 'effective_date',
            message: `investment ${command.investment_id} is valued at ${formatMoney(last.fairMinor)} on ${fromEpochDay(last.day)}, after the day on which it would end; record 0.00 for that day first`,
          }
        : null;
    },
  }),
];
