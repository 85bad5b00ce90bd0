// The ledger remembers: folds events into the state. Total, no validation: what was decided is true.
import type { AnyEvent } from '../messages.ts';
import type { LedgerState } from './state.ts';

const must = <Value>(value: Value | undefined, what: string): Value => {
  if (value === undefined) throw new Error(`the log names ${what}, which no earlier event created`);
  return value;
};

/** Folds one event into the state, in place. @throws Error when the event contradicts the log before it (a defect). */
export const evolve = (state: LedgerState, event: AnyEvent): void => {
  switch (event.type) {
    case 'FundCreated':
      state.funds.set(event.value.fund.fund_id, {
        card: event.value.fund,
        version: event.value.envelope.event_version,
        committed: 0n,
        commitments: 0,
      });
      return;
    case 'FundUpdated': {
      const fund = must(state.funds.get(event.value.fund.fund_id), `fund ${event.value.fund.fund_id}`);
      fund.card = event.value.fund;
      fund.version = event.value.envelope.event_version;
      return;
    }
    case 'FundClosed': {
      const fund = must(state.funds.get(event.value.fund_id), `fund ${event.value.fund_id}`);
      fund.card = { ...fund.card, fund_status: 'CLOSED', final_close_date: event.value.final_close_date };
      fund.version = event.value.envelope.event_version;
      return;
    }
    case 'InvestorCreated':
      state.investors.set(event.value.investor.investor_id, {
        card: event.value.investor,
        version: event.value.envelope.event_version,
        bankAccounts: new Set(),
      });
      return;
    case 'InvestorUpdated': {
      const investor = must(
        state.investors.get(event.value.investor.investor_id),
        `investor ${event.value.investor.investor_id}`,
      );
      investor.card = event.value.investor;
      investor.version = event.value.envelope.event_version;
      return;
    }
    case 'KycDecisionRecorded': {
      const { investor_id, kyc_status, kyc_date, kyc_source, envelope } = event.value;
      const investor = must(state.investors.get(investor_id), `investor ${investor_id}`);
      investor.card = { ...investor.card, kyc_status, kyc_date, kyc_source };
      investor.version = envelope.event_version;
      return;
    }
    case 'BankAccountAdded': {
      const investor = must(state.investors.get(event.value.investor_id), `investor ${event.value.investor_id}`);
      investor.bankAccounts.add(event.value.account.banking_id);
      investor.version = event.value.envelope.event_version;
      return;
    }
    case 'CommitmentMade': {
      const { commitment_id, fund_id, investor_id, commitment_amount, currency, commitment_date, envelope } = event.value;
      const fund = must(state.funds.get(fund_id), `fund ${fund_id}`);
      fund.committed += commitment_amount;
      fund.commitments += 1;
      state.commitments.set(commitment_id, {
        fundId: fund_id,
        investorId: investor_id,
        amount: commitment_amount,
        currency,
        commitmentDate: commitment_date,
        status: 'ACTIVE',
        version: envelope.event_version,
        openedOn: null,
      });
      return;
    }
    case 'OpeningBalanceRecorded': {
      const commitment = must(state.commitments.get(event.value.commitment_id), `commitment ${event.value.commitment_id}`);
      commitment.version = event.value.envelope.event_version;
      commitment.openedOn = event.value.envelope.effective_date;
      return;
    }
    case 'ValuationRecorded': {
      const commitment = must(state.commitments.get(event.value.commitment_id), `commitment ${event.value.commitment_id}`);
      commitment.version = event.value.envelope.event_version;
      return;
    }
    case 'CommandRejected':
      return;
    default:
      return;
  }
};
