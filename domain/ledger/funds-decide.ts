// Decides funds and investors: what they are, not what happens to their money.
import type { CommandByType } from '../messages.ts';
import { currentVersion } from './common-rules.ts';
import { draft, type DraftEvent } from './decision.ts';
import { patchFund, patchInvestor } from './patch.ts';
import type { RuleContext } from './rule.ts';

export const decideCreateFund = ({ fund }: CommandByType['CreateFund']): readonly DraftEvent[] => [
  draft('FundCreated', 'FUND', { id: fund.fund_id, version: 1 }, { fund }),
];

/** Nothing when every value is as it stands. */
export const decideUpdateFund = (
  { fund_id, set, clear }: CommandByType['UpdateFund'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const fund = state.funds.get(fund_id);
  if (fund === undefined) return [];
  const { card, changes } = patchFund(fund.card, set, clear);
  if (changes.length === 0) return [];
  return [draft('FundUpdated', 'FUND', { id: fund_id, version: fund.version + 1 }, { fund: card, changes })];
};

export const decideCloseFund = (
  { fund_id, final_close_date }: CommandByType['CloseFund'],
  { state }: RuleContext,
): readonly DraftEvent[] => [
  draft('FundClosed', 'FUND', { id: fund_id, version: currentVersion(state, fund_id) + 1 }, { fund_id, final_close_date }),
];

/** A version of a term: 1, 2, … of the fund's terms, those for single investors included. */
export const decideAdoptFundTerm = (
  { fund_id, term, investor_id }: CommandByType['AdoptFundTerm'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const fund = state.funds.get(fund_id);
  if (fund === undefined) return [];
  const terms_version = (fund.life?.terms.length ?? 0) + 1;
  return [
    draft('FundTermAdopted', 'FUND', { id: fund_id, version: fund.version + 1 }, { fund_id, term, investor_id, terms_version }),
  ];
};

export const decideCreateInvestor = ({ investor }: CommandByType['CreateInvestor']): readonly DraftEvent[] => [
  draft('InvestorCreated', 'INVESTOR', { id: investor.investor_id, version: 1 }, { investor }),
];

/** Nothing when every value is as it stands. */
export const decideUpdateInvestor = (
  { investor_id, set, clear }: CommandByType['UpdateInvestor'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const known = state.investors.get(investor_id);
  if (known === undefined) return [];
  const { card, changes } = patchInvestor(known.card, set, clear);
  if (changes.length === 0) return [];
  return [draft('InvestorUpdated', 'INVESTOR', { id: investor_id, version: known.version + 1 }, { investor: card, changes })];
};

export const decideRecordKycDecision = (
  { investor_id, kyc_status, kyc_date, kyc_source }: CommandByType['RecordKycDecision'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const known = state.investors.get(investor_id);
  if (known === undefined) return [];
  return [
    draft(
      'KycDecisionRecorded',
      'INVESTOR',
      { id: investor_id, version: known.version + 1 },
      { investor_id, kyc_status, kyc_date, kyc_source, previous_status: known.card.kyc_status },
    ),
  ];
};

export const decideAddBankAccount = (
  { investor_id, account }: CommandByType['AddBankAccount'],
  { state }: RuleContext,
): readonly DraftEvent[] => [
  draft(
    'BankAccountAdded',
    'INVESTOR',
    { id: investor_id, version: currentVersion(state, investor_id) + 1 },
    { investor_id, account },
  ),
];
