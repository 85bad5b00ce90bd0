// Rules of funds.
import type { CommandType, FundPatch, LocalDate } from '../messages.ts';
import { currencyError } from '../money/currency.ts';
import { formatMoney } from '../money/money.ts';
import { fundPatchFields, requiredFundFields } from './patch.ts';
import { rule, type Rule, type Violation } from './rule.ts';

/** Names why a currency cannot be booked, or null. */
export const currencyViolation = (code: string, field: string): Violation | null => {
  const error = currencyError(code);
  if (error === null) return null;
  if (error === 'unknown-currency')
    return { field, message: `${field} ${JSON.stringify(code)} is no ISO 4217 currency; give a code such as USD` };
  return {
    field,
    message: `${field} ${code} has more than two decimals; amounts are held in hundredths, so it cannot be booked`,
  };
};

const rateFields = ['management_fee_rate', 'carried_interest_rate', 'hurdle_rate'] as const;
const isRate = (text: string): boolean => /^(0(\.\d{1,10})?|1(\.0{1,10})?)$/.test(text);
type FundFields = Partial<
  Pick<
    FundPatch,
    | 'management_fee_rate'
    | 'carried_interest_rate'
    | 'hurdle_rate'
    | 'fund_size'
    | 'target_size'
    | 'vintage_year'
    | 'terms'
    | 'fund_name'
  >
>;

const rateViolation = (fields: FundFields): Violation | null => {
  const wrong = rateFields.find((name) => fields[name] !== null && fields[name] !== undefined && !isRate(fields[name]));
  return wrong === undefined
    ? null
    : {
        field: wrong,
        message: `${wrong} ${JSON.stringify(fields[wrong])} is not a decimal fraction between 0 and 1; write 2 % as 0.02`,
      };
};
const sizeViolation = (fields: FundFields): Violation | null => {
  for (const name of ['fund_size', 'target_size'] as const) {
    const size = fields[name];
    if (size !== null && size !== undefined && size <= 0n)
      return { field: name, message: `${name} ${formatMoney(size)} must be above 0.00; leave it out when it is unknown` };
  }
  return null;
};
const vintageViolation = (fields: FundFields): Violation | null => {
  const year = fields.vintage_year;
  return year === null || year === undefined || (year >= 1900 && year <= 2200)
    ? null
    : { field: 'vintage_year', message: `vintage_year ${year} lies outside 1900 to 2200` };
};
/** JSON that every store can keep: one document, without the character U+0000. */
export const isKeepableJson = (text: string): boolean => {
  if (text.includes('\\u0000')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
const termViolation = (fields: FundFields): Violation | null => {
  const ids = new Set<string>();
  for (const term of fields.terms ?? []) {
    const { term_id: id, effective_date: from, expiry_date: until } = term;
    if (ids.has(id)) return { field: 'terms', message: `term ${id} is stated twice; state each term once` };
    ids.add(id);
    if (!isKeepableJson(term.term_value))
      return { field: 'terms', message: `term_value of term ${id} is not one JSON document without U+0000` };
    if (until !== null && until <= from)
      return { field: 'terms', message: `term ${id} expires on ${until}, not after it takes effect on ${from}` };
  }
  return null;
};
const nameViolation = (fields: FundFields): Violation | null => {
  const name = fields.fund_name;
  if (name === null || name === undefined) return null;
  return name.trim() !== '' && name.length <= 255
    ? null
    : { field: 'fund_name', message: 'fund_name must have 1 to 255 characters' };
};
const orderViolation = (inception: LocalDate | null, finalClose: LocalDate | null): Violation | null =>
  inception !== null && finalClose !== null && finalClose < inception
    ? { field: 'final_close_date', message: `final_close_date ${finalClose} lies before inception_date ${inception}` }
    : null;
const fieldChecks = [nameViolation, rateViolation, sizeViolation, vintageViolation, termViolation];
const firstViolation = (fields: FundFields): Violation | null => {
  for (const check of fieldChecks) {
    const violation = check(fields);
    if (violation !== null) return violation;
  }
  return null;
};

/** Commands that name a fund that exists. */
const commandsInFund = [
  'UpdateFund',
  'CloseFund',
  'AdoptFundTerm',
  'MakeCommitment',
  'ChangeCommitmentAmount',
  'TransferCommitment',
  'CancelCommitment',
  'RecordOpeningBalance',
  'RecordValuation',
  'DraftCapitalCall',
  'IssueCapitalCall',
  'CancelCapitalCall',
  'SettleCapitalCall',
  'RecordCapitalCallPayment',
  'ReverseCapitalCallPayment',
  'MakeInvestment',
  'IncreaseInvestment',
  'ValueInvestment',
  'RealiseInvestment',
  'WriteOffInvestment',
  'RecordFundTransaction',
  'ReverseFundTransaction',
  'DeclareDistribution',
  'PayDistribution',
  'CancelDistribution',
  'ClawBackCarry',
] as const satisfies readonly CommandType[];

export const fundRules: readonly Rule[] = [
  rule({
    name: 'duplicate-fund',
    description: 'A fund id is used once.',
    severity: 'ERROR',
    commands: ['CreateFund'],
    check: ({ fund }, { state }) =>
      state.funds.has(fund.fund_id)
        ? { field: 'fund_id', message: `fund ${fund.fund_id} exists already; change it by UpdateFund` }
        : null,
  }),
  rule({
    name: 'unbookable-currency',
    description: 'The base currency is a currency of ISO 4217 with at most two decimals.',
    severity: 'ERROR',
    commands: ['CreateFund'],
    check: ({ fund }) => currencyViolation(fund.base_currency, 'base_currency'),
  }),
  rule({
    name: 'invalid-fund-field',
    description: 'Names, rates, sizes, years and terms of a fund lie in their range.',
    severity: 'ERROR',
    commands: ['CreateFund', 'UpdateFund'],
    check: (command) => firstViolation('fund' in command ? command.fund : command.set),
  }),
  rule({
    name: 'fund-dates-out-of-order',
    description: 'A fund closes after it begins.',
    severity: 'ERROR',
    commands: ['CreateFund', 'UpdateFund', 'CloseFund'],
    check: (command, { state }) => {
      if ('fund' in command) return orderViolation(command.fund.inception_date, command.fund.final_close_date);
      const card = state.funds.get(command.fund_id)?.card;
      if (card === undefined) return null;
      if ('set' in command)
        return orderViolation(
          command.set.inception_date ?? card.inception_date,
          command.set.final_close_date ?? card.final_close_date,
        );
      return orderViolation(card.inception_date, command.final_close_date);
    },
  }),
  rule({
    name: 'unknown-fund',
    description: 'The fund exists.',
    severity: 'ERROR',
    commands: commandsInFund,
    check: ({ fund_id }, { state }) =>
      state.funds.has(fund_id) ? null : { field: 'fund_id', message: `there is no fund ${fund_id}; create it first` },
  }),
  rule({
    name: 'fund-closed',
    description: 'A closed or liquidated fund takes no commitments, calls nothing and is not closed again.',
    severity: 'ERROR',
    commands: ['CloseFund', 'MakeCommitment', 'DraftCapitalCall', 'IssueCapitalCall'],
    check: ({ fund_id }, { state }) => {
      const status = state.funds.get(fund_id)?.card.fund_status;
      return status === 'CLOSED' || status === 'LIQUIDATED'
        ? { field: 'fund_id', message: `fund ${fund_id} is ${status}` }
        : null;
    },
  }),
  rule({
    name: 'fund-closed',
    description: 'A commitment to a closed or liquidated fund is not increased.',
    severity: 'ERROR',
    commands: ['ChangeCommitmentAmount'],
    check: ({ fund_id, commitment_id, new_amount }, { state }) => {
      const status = state.funds.get(fund_id)?.card.fund_status;
      const amount = state.commitments.get(commitment_id)?.amount;
      return (status === 'CLOSED' || status === 'LIQUIDATED') && amount !== undefined && new_amount > amount
        ? { field: 'fund_id', message: `fund ${fund_id} is ${status}; its commitments can only be decreased` }
        : null;
    },
  }),
  rule({
    name: 'fund-liquidated',
    description:
      'A liquidated fund invests, earns, spends and distributes nothing; corrections of what was booked stay possible.',
    severity: 'ERROR',
    commands: ['TransferCommitment', 'MakeInvestment', 'IncreaseInvestment', 'RecordFundTransaction', 'DeclareDistribution'],
    check: ({ fund_id }, { state }) =>
      state.funds.get(fund_id)?.card.fund_status === 'LIQUIDATED'
        ? { field: 'fund_id', message: `fund ${fund_id} is LIQUIDATED` }
        : null,
  }),
  rule({
    name: 'base-currency-fixed',
    description: 'The base currency of a fund with commitments does not change.',
    severity: 'ERROR',
    commands: ['UpdateFund'],
    check: ({ fund_id, set }, { state }) => {
      const fund = state.funds.get(fund_id);
      if (set.base_currency === null) return null;
      if (fund !== undefined && fund.commitments.length > 0 && set.base_currency !== fund.card.base_currency) {
        return {
          field: 'base_currency',
          message: `fund ${fund_id} has ${fund.commitments.length} commitments in ${fund.card.base_currency}; its base currency cannot become ${set.base_currency}`,
        };
      }
      return currencyViolation(set.base_currency, 'base_currency');
    },
  }),
  rule({
    name: 'fund-size-below-committed',
    description: 'The size of a fund is not set below what is committed to it.',
    severity: 'ERROR',
    commands: ['UpdateFund'],
    check: ({ fund_id, set }, { state }) => {
      const fund = state.funds.get(fund_id);
      return fund !== undefined && set.fund_size !== null && set.fund_size < fund.committed
        ? {
            field: 'fund_size',
            message: `fund_size ${formatMoney(set.fund_size)} is below the committed ${formatMoney(fund.committed)}`,
          }
        : null;
    },
  }),
  rule({
    name: 'unclearable-field',
    description: 'Only optional fields can become unknown.',
    severity: 'ERROR',
    commands: ['UpdateFund'],
    check: ({ clear }) => {
      const wrong = clear.find(
        (name) =>
          !(fundPatchFields as readonly string[]).includes(name) || (requiredFundFields as readonly string[]).includes(name),
      );
      return wrong === undefined ? null : { field: 'clear', message: `field ${JSON.stringify(wrong)} cannot be cleared` };
    },
  }),
];
