// The ledger decides: command in, events or a rejection out. Pure; time and ids come with the command.
import type { AnyCommand } from '../messages.ts';
import type { Decision, DraftEvent } from './decision.ts';
import { patchFund, patchInvestor } from './patch.ts';
import type { RuleContext } from './rule.ts';
import { checkRules, currentVersion } from './rules.ts';

/** Events of a command that keeps every rule; empty when it would change nothing. */
const eventsOf = (command: AnyCommand, { state, investor }: RuleContext): readonly DraftEvent[] => {
  switch (command.type) {
    case 'CreateFund': {
      const { fund } = command.value;
      return [
        {
          type: 'FundCreated',
          aggregate_type: 'FUND',
          aggregate_id: fund.fund_id,
          event_version: 1,
          depends_on: [],
          body: { fund },
        },
      ];
    }
    case 'UpdateFund': {
      const { fund_id, set, clear } = command.value;
      const fund = state.funds.get(fund_id);
      if (fund === undefined) return [];
      const { card, changes } = patchFund(fund.card, set, clear);
      if (changes.length === 0) return [];
      return [
        {
          type: 'FundUpdated',
          aggregate_type: 'FUND',
          aggregate_id: fund_id,
          event_version: fund.version + 1,
          depends_on: [],
          body: { fund: card, changes },
        },
      ];
    }
    case 'CloseFund': {
      const { fund_id, final_close_date } = command.value;
      return [
        {
          type: 'FundClosed',
          aggregate_type: 'FUND',
          aggregate_id: fund_id,
          event_version: currentVersion(state, fund_id) + 1,
          depends_on: [],
          body: { fund_id, final_close_date },
        },
      ];
    }
    case 'CreateInvestor':
      return [
        {
          type: 'InvestorCreated',
          aggregate_type: 'INVESTOR',
          aggregate_id: command.value.investor.investor_id,
          event_version: 1,
          depends_on: [],
          body: { investor: command.value.investor },
        },
      ];
    case 'UpdateInvestor': {
      const { investor_id, set, clear } = command.value;
      const known = state.investors.get(investor_id);
      if (known === undefined) return [];
      const { card, changes } = patchInvestor(known.card, set, clear);
      if (changes.length === 0) return [];
      return [
        {
          type: 'InvestorUpdated',
          aggregate_type: 'INVESTOR',
          aggregate_id: investor_id,
          event_version: known.version + 1,
          depends_on: [],
          body: { investor: card, changes },
        },
      ];
    }
    case 'RecordKycDecision': {
      const { investor_id, kyc_status, kyc_date, kyc_source } = command.value;
      const known = state.investors.get(investor_id);
      if (known === undefined) return [];
      return [
        {
          type: 'KycDecisionRecorded',
          aggregate_type: 'INVESTOR',
          aggregate_id: investor_id,
          event_version: known.version + 1,
          depends_on: [],
          body: { investor_id, kyc_status, kyc_date, kyc_source, previous_status: known.card.kyc_status },
        },
      ];
    }
    case 'AddBankAccount': {
      const { investor_id, account } = command.value;
      return [
        {
          type: 'BankAccountAdded',
          aggregate_type: 'INVESTOR',
          aggregate_id: investor_id,
          event_version: currentVersion(state, investor_id) + 1,
          depends_on: [],
          body: { investor_id, account },
        },
      ];
    }
    case 'MakeCommitment': {
      const { header: _, ...commitment } = command.value;
      const view = investor(commitment.investor_id);
      if (view === null) return [];
      return [
        {
          type: 'CommitmentMade',
          aggregate_type: 'COMMITMENT',
          aggregate_id: commitment.commitment_id,
          event_version: 1,
          depends_on: [{ aggregate_id: commitment.investor_id, event_version: view.version }],
          body: { ...commitment, investor_version: view.version, investor_kyc_status: view.card.kyc_status },
        },
      ];
    }
    case 'RecordOpeningBalance': {
      const { header: _, ...opening } = command.value;
      const commitment = state.commitments.get(opening.commitment_id);
      if (commitment === undefined) return [];
      return [
        {
          type: 'OpeningBalanceRecorded',
          aggregate_type: 'COMMITMENT',
          aggregate_id: opening.commitment_id,
          event_version: commitment.version + 1,
          depends_on: [],
          body: { ...opening, investor_id: commitment.investorId, currency: commitment.currency },
        },
      ];
    }
    case 'RecordValuation': {
      const { header: _, ...valuation } = command.value;
      const commitment = state.commitments.get(valuation.commitment_id);
      if (commitment === undefined) return [];
      return [
        {
          type: 'ValuationRecorded',
          aggregate_type: 'COMMITMENT',
          aggregate_id: valuation.commitment_id,
          event_version: commitment.version + 1,
          depends_on: [],
          body: { ...valuation, investor_id: commitment.investorId, currency: commitment.currency },
        },
      ];
    }
    default:
      return [];
  }
};

/**
 * Decides a command against the state of its partition.
 *
 * Holds: a rejection names every broken rule; accepted events have versions that follow the aggregate's without a gap.
 */
export const decide = (command: AnyCommand, context: RuleContext): Decision => {
  const results = checkRules(command, context);
  const errors = results.filter((result) => result.severity === 'ERROR');
  if (errors.length > 0) return { kind: 'Rejected', reasons: results };
  const events = eventsOf(command, context);
  if (events.length === 0) {
    return {
      kind: 'Rejected',
      reasons: [
        {
          rule: 'nothing-to-change',
          severity: 'ERROR',
          field: null,
          message: 'the command would change nothing; every value is as it stands',
        },
      ],
    };
  }
  return { kind: 'Accepted', events, findings: results };
};
