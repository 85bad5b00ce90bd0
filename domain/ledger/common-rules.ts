// Rules of every command: the version that the sender has seen, ids, and amounts.
import type { AnyCommand, CommandByType, CommandType, Minor, Uuid } from '../messages.ts';
import { minorUnits } from '../money/currency.ts';
import { formatMoney } from '../money/money.ts';
import { rule, type Rule, type RuleContext, type Violation } from './rule.ts';
import type { LedgerState } from './state.ts';
import { clockId, newIdOf, targetOf } from './target.ts';

/** event_version of the aggregate that a command is meant for; 0 when there is none yet. */
export const currentVersion = (state: LedgerState, id: Uuid): number => {
  const aggregate =
    state.funds.get(id) ??
    state.investors.get(id) ??
    state.commitments.get(id) ??
    state.calls.get(id) ??
    state.distributions.get(id) ??
    state.investments.get(id) ??
    state.references.get(id);
  return aggregate?.version ?? 0;
};

const seenVersion = ({ state, command }: RuleContext): number =>
  command.type === 'AdvanceBusinessDate' ? state.clockVersion : currentVersion(state, targetOf(command));

const clockPrefix = clockId(0).slice(0, 24);

/** What an id names already, other than what the command itself would make; null when it is free or the duplicate is the same kind. */
const otherOwner = ({ state, command, isTakenElsewhere }: RuleContext, id: Uuid): string | null => {
  const kinds = [
    ['a fund', state.funds.has(id), 'CreateFund'],
    ['an investor', state.investors.has(id), 'CreateInvestor'],
    ['a commitment', state.commitments.has(id), 'MakeCommitment'],
    ['a capital call', state.calls.has(id), 'DraftCapitalCall'],
    ['a distribution', state.distributions.has(id), 'DeclareDistribution'],
    ['an investment', state.investments.has(id), 'MakeInvestment'],
    ['reference data', state.references.has(id), null],
    ['the clock', id.startsWith(clockPrefix), null],
  ] as const;
  const known = kinds.find(([, has]) => has);
  if (known !== undefined) return known[2] === command.type ? null : known[0];
  return isTakenElsewhere(id) ? 'something else' : null;
};

/** Amounts that must be above zero, by command type. */
const positiveAmounts: Partial<Record<CommandType, readonly string[]>> = {
  MakeCommitment: ['commitment_amount'],
  ChangeCommitmentAmount: ['new_amount'],
  TransferCommitment: ['transferred_amount'],
  RecordCapitalCallPayment: ['amount'],
  MakeInvestment: ['investment_amount'],
  IncreaseInvestment: ['amount'],
  WriteOffInvestment: ['cost_written_off'],
  RecordFundTransaction: ['amount'],
  DeclareDistribution: ['total_distribution_amount'],
};

/** Amounts that may be zero but not below. */
const unsignedAmounts: Partial<Record<CommandType, readonly string[]>> = {
  DraftCapitalCall: ['investment_amount', 'management_fee_amount', 'expenses_amount'],
  ValueInvestment: ['fair_value'],
  RealiseInvestment: ['proceeds', 'cost_realised', 'remaining_fair_value'],
  DeclareDistribution: ['recallable_amount', 'management_fee_offset'],
};

/** Amounts of either sign. */
const signedAmounts: Partial<Record<CommandType, readonly string[]>> = {
  RecordOpeningBalance: ['called_amount', 'distributed_amount', 'remaining_value'],
  RecordValuation: ['remaining_value'],
};

type Amounts = Partial<Record<CommandType, readonly string[]>>;
const typesOf = (...tables: readonly Amounts[]): readonly CommandType[] => [
  ...new Set(tables.flatMap((table) => Object.keys(table) as CommandType[])),
];

const amountsIn = (table: Amounts, { type, value }: AnyCommand): readonly (readonly [field: string, amount: Minor])[] =>
  (table[type] ?? []).flatMap((field) => {
    const amount = (value as unknown as Readonly<Record<string, Minor | null>>)[field] ?? null;
    return amount === null ? [] : [[field, amount] as const];
  });

const fundCurrency = ({ state, command }: RuleContext): string | null =>
  'fund_id' in command.value ? (state.funds.get(command.value.fund_id)?.card.base_currency ?? null) : null;

const firstAmount = (
  command: AnyCommand,
  tables: readonly Amounts[],
  check: (field: string, amount: Minor) => Violation | null,
): Violation | null => {
  for (const [field, amount] of tables.flatMap((table) => amountsIn(table, command))) {
    const violation = check(field, amount);
    if (violation !== null) return violation;
  }
  return null;
};

/** Rules of versions and ids. */
export const idRules: readonly Rule[] = [
  rule({
    name: 'version-conflict',
    description: 'The sender has seen the version of the aggregate that it names as expected.',
    severity: 'ERROR',
    commands: [],
    check: (_, context) => {
      const current = seenVersion(context);
      const { header } = context.command.value;
      return header.expected_version === null || header.expected_version === current
        ? null
        : {
            field: 'expected_version',
            message: `expected_version is ${header.expected_version}, but the version of ${targetOf(context.command)} is ${current}; read it again and decide anew`,
          };
    },
  }),
  rule({
    name: 'id-taken',
    description: 'An id names one thing in the whole system, whatever its kind and wherever it is kept.',
    severity: 'ERROR',
    commands: [],
    check: (_, context) => {
      const id = newIdOf(context.command);
      const owner = id === null ? null : otherOwner(context, id);
      return owner === null ? null : { message: `id ${id} names ${owner} already; give the new one an id of its own` };
    },
  }),
];

/** Fields that take one of a list of words, by command type. */
const wordFields: Partial<Record<CommandType, (value: never) => Readonly<Record<string, string>>>> = {
  MakeCommitment: ({ commitment_type }: CommandByType['MakeCommitment']) => ({ commitment_type }),
  AdoptFundTerm: ({ term: { term_type } }: CommandByType['AdoptFundTerm']) => ({ term_type }),
  DraftCapitalCall: ({ allocation_basis }: CommandByType['DraftCapitalCall']) => ({ allocation_basis }),
  MakeInvestment: ({ investment_type }: CommandByType['MakeInvestment']) => ({ investment_type }),
  RecordFundTransaction: ({ transaction_type }: CommandByType['RecordFundTransaction']) => ({ transaction_type }),
  DeclareDistribution: ({ distribution_type, distribution_kind }: CommandByType['DeclareDistribution']) => ({
    distribution_type,
    distribution_kind,
  }),
  SetAccount: ({ account: { account_type } }: CommandByType['SetAccount']) => ({ account_type }),
  SetConfiguration: ({ config_type }: CommandByType['SetConfiguration']) => ({ config_type }),
};

/** Rules of amounts and words. */
export const amountRules: readonly Rule[] = [
  rule({
    name: 'unknown-word',
    description: 'Kinds and types are words that this version knows.',
    severity: 'ERROR',
    commands: Object.keys(wordFields) as CommandType[],
    check: (_, { command }) => {
      const words = wordFields[command.type]?.(command.value as never) ?? {};
      const field = Object.keys(words).find((name) => words[name] === 'UNKNOWN');
      return field === undefined ? null : { field, message: `${field} UNKNOWN cannot be booked; say which it is` };
    },
  }),
  rule({
    name: 'amount-not-positive',
    description: 'Commitments, payments, investments, transactions and distributions are above zero.',
    severity: 'ERROR',
    commands: typesOf(positiveAmounts),
    check: (_, { command }) =>
      firstAmount(command, [positiveAmounts], (field, amount) =>
        amount > 0n ? null : { field, message: `${field} ${formatMoney(amount)} must be above 0.00` },
      ),
  }),
  rule({
    name: 'negative-amount',
    description: 'Parts of calls and distributions, values and proceeds are not below zero.',
    severity: 'ERROR',
    commands: typesOf(unsignedAmounts),
    check: (_, { command }) =>
      firstAmount(command, [unsignedAmounts], (field, amount) =>
        amount >= 0n ? null : { field, message: `${field} ${formatMoney(amount)} must not be below 0.00` },
      ),
  }),
  rule({
    name: 'amount-finer-than-currency',
    description: 'Amounts have no more decimals than their currency.',
    severity: 'ERROR',
    commands: typesOf(positiveAmounts, unsignedAmounts, signedAmounts),
    check: (_, context) => {
      const currency = fundCurrency(context);
      if (currency === null || minorUnits(currency) !== 0) return null;
      return firstAmount(context.command, [positiveAmounts, unsignedAmounts, signedAmounts], (field, amount) =>
        amount % 100n === 0n
          ? null
          : { field, message: `${field} ${formatMoney(amount)} has decimals, but ${currency} has none` },
      );
    },
  }),
];
