// What a command is meant for: the aggregate that its version is checked against, the consistency key that says in which
// partition it is decided, and the id that it gives to something new.
import type { AnyCommand, Uuid } from '../messages.ts';
import { unreachable } from './decision.ts';

/** Consistency keys of reference data: the set's name (design.md 2.2). */
export const referenceSets = {
  exchangeRates: 'exchange-rates',
  accounts: 'chart-of-accounts',
  configurations: 'configurations',
} as const;

/** Consistency key of the business dates of a partition. It goes to that partition whatever its hash. */
export const clockKey = (partition: number): string => `clock-${partition}`;

/**
 * The aggregate whose versions count the business dates of a partition: a uuid of version 8, which leaves its digits to us.
 * Partition 5 is 00000000-0000-8000-8000-000000000005.
 */
export const clockId = (partition: number): Uuid => `00000000-0000-8000-8000-${partition.toString(16).padStart(12, '0')}`;

/** The aggregate that a command is meant for. */
export const targetOf = (command: AnyCommand): Uuid => {
  switch (command.type) {
    case 'CreateFund':
      return command.value.fund.fund_id;
    case 'UpdateFund':
    case 'CloseFund':
    case 'AdoptFundTerm':
    case 'RecordFundTransaction':
    case 'ReverseFundTransaction':
    case 'ClawBackCarry':
      return command.value.fund_id;
    case 'CreateInvestor':
      return command.value.investor.investor_id;
    case 'UpdateInvestor':
    case 'RecordKycDecision':
    case 'AddBankAccount':
      return command.value.investor_id;
    case 'MakeCommitment':
    case 'ChangeCommitmentAmount':
    case 'TransferCommitment':
    case 'CancelCommitment':
    case 'RecordOpeningBalance':
    case 'RecordValuation':
      return command.value.commitment_id;
    case 'DraftCapitalCall':
    case 'IssueCapitalCall':
    case 'CancelCapitalCall':
    case 'SettleCapitalCall':
    case 'RecordCapitalCallPayment':
    case 'ReverseCapitalCallPayment':
      return command.value.call_id;
    case 'MakeInvestment':
    case 'IncreaseInvestment':
    case 'ValueInvestment':
    case 'RealiseInvestment':
    case 'WriteOffInvestment':
      return command.value.investment_id;
    case 'DeclareDistribution':
    case 'PayDistribution':
    case 'CancelDistribution':
      return command.value.distribution_id;
    case 'SetExchangeRate':
      return command.value.rate_id;
    case 'SetAccount':
      return command.value.account.account_id;
    case 'SetConfiguration':
      return command.value.config_id;
    case 'AdvanceBusinessDate':
      return clockId(command.value.partition);
    default:
      return unreachable(command);
  }
};

/** The consistency key of a command (design.md 2.2): the fund for everything inside it, the investor for an investor. */
export const consistencyKeyOf = (command: AnyCommand): string => {
  switch (command.type) {
    case 'CreateFund':
      return command.value.fund.fund_id;
    case 'CreateInvestor':
      return command.value.investor.investor_id;
    case 'UpdateInvestor':
    case 'RecordKycDecision':
    case 'AddBankAccount':
      return command.value.investor_id;
    case 'SetExchangeRate':
      return referenceSets.exchangeRates;
    case 'SetAccount':
      return referenceSets.accounts;
    case 'SetConfiguration':
      return referenceSets.configurations;
    case 'AdvanceBusinessDate':
      return clockKey(command.value.partition);
    default:
      return command.value.fund_id;
  }
};

/** The id that a command gives to something new; null when it creates nothing. */
export const newIdOf = (command: AnyCommand): Uuid | null => {
  switch (command.type) {
    case 'CreateFund':
      return command.value.fund.fund_id;
    case 'CreateInvestor':
      return command.value.investor.investor_id;
    case 'MakeCommitment':
      return command.value.commitment_id;
    case 'TransferCommitment':
      return command.value.to_commitment_id;
    case 'AddBankAccount':
      return command.value.account.banking_id;
    case 'DraftCapitalCall':
      return command.value.call_id;
    case 'DeclareDistribution':
      return command.value.distribution_id;
    case 'MakeInvestment':
      return command.value.investment_id;
    default:
      return null;
  }
};
