// Rules of investors.
import { investorPatchFields, requiredInvestorFields } from './patch.ts';
import { rule, type Rule } from './rule.ts';

export const investorRules: readonly Rule[] = [
  rule({
    name: 'duplicate-investor',
    description: 'An investor id is used once.',
    severity: 'ERROR',
    commands: ['CreateInvestor'],
    check: ({ investor }, { state }) =>
      state.investors.has(investor.investor_id)
        ? { field: 'investor_id', message: `investor ${investor.investor_id} exists already; change it by UpdateInvestor` }
        : null,
  }),
  rule({
    name: 'invalid-investor-field',
    description: 'The name of an investor has 1 to 255 characters.',
    severity: 'ERROR',
    commands: ['CreateInvestor', 'UpdateInvestor'],
    check: (command) => {
      const name = 'investor' in command ? command.investor.investor_name : command.set.investor_name;
      return name === null || (name.trim() !== '' && name.length <= 255)
        ? null
        : { field: 'investor_name', message: 'investor_name must have 1 to 255 characters' };
    },
  }),
  rule({
    name: 'kyc-needs-source',
    description: 'Who approved or rejected an investor is known.',
    severity: 'ERROR',
    commands: ['CreateInvestor', 'RecordKycDecision'],
    check: (command) => {
      const { kyc_status, kyc_source } = 'investor' in command ? command.investor : command;
      return kyc_status === 'PENDING' || (kyc_source !== null && kyc_source.trim() !== '')
        ? null
        : { field: 'kyc_source', message: `kyc_status ${kyc_status} needs a kyc_source: who or what gave it` };
    },
  }),
  rule({
    name: 'unknown-investor',
    description: 'The investor exists.',
    severity: 'ERROR',
    commands: ['UpdateInvestor', 'RecordKycDecision', 'AddBankAccount'],
    check: ({ investor_id }, { state }) =>
      state.investors.has(investor_id)
        ? null
        : { field: 'investor_id', message: `there is no investor ${investor_id}; create it first` },
  }),
  rule({
    name: 'duplicate-bank-account',
    description: 'A banking id is used once.',
    severity: 'ERROR',
    commands: ['AddBankAccount'],
    check: ({ investor_id, account }, { state }) =>
      state.investors.get(investor_id)?.bankAccounts.has(account.banking_id) === true
        ? { field: 'banking_id', message: `bank account ${account.banking_id} exists already` }
        : null,
  }),
  rule({
    name: 'unclearable-field',
    description: 'Only optional fields can become unknown.',
    severity: 'ERROR',
    commands: ['UpdateInvestor'],
    check: ({ clear }) => {
      const wrong = clear.find(
        (name) =>
          !(investorPatchFields as readonly string[]).includes(name) ||
          (requiredInvestorFields as readonly string[]).includes(name),
      );
      return wrong === undefined ? null : { field: 'clear', message: `field ${JSON.stringify(wrong)} cannot be cleared` };
    },
  }),
];
