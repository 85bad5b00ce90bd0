// Folds funds with their terms, and investors, into a batch.
import type { FundCard } from '#domain/messages.ts';
import { insertCard, insertRow, patchCard, type Batch, type TermChange } from '../batch.ts';
import { toDbAdoptedTerm, toDbFund, toDbFundChange, toDbFundTerm, toDbWaterfallConfig } from '../mapping/funds.ts';
import { toDbBankAccount, toDbInvestor, toDbInvestorChange } from '../mapping/investors.ts';
import { sqlInstant } from '../sql-values.ts';
import { fundTerms, funds, investorBanking, investors, waterfallConfigs } from '../tables.ts';
import type { EventOf } from './event-of.ts';

/** A card states all terms anew. A term keeps its creation while it is stated without a break. */
const stateTerms = (batch: Batch, fund: FundCard, statedAt: string): void => {
  const before = batch.terms.get(fund.fund_id);
  const next = new Map<string, TermChange>();
  for (const term of fund.terms) {
    const known = before?.get(term.term_id);
    const createdAt = known === undefined ? statedAt : String(known.row.created_at);
    const row = toDbFundTerm(fund.fund_id, term, createdAt);
    next.set(term.term_id, { row, fresh: known?.fresh ?? before !== undefined });
  }
  batch.terms.set(fund.fund_id, next);
};

export const foldFundCreated = (batch: Batch, event: EventOf<'FundCreated'>): void => {
  const { fund, envelope } = event.value;
  insertCard(batch, funds, fund.fund_id, event, toDbFund(fund, envelope));
  stateTerms(batch, fund, sqlInstant(envelope.recorded_at));
};

export const foldFundUpdated = (batch: Batch, event: EventOf<'FundUpdated'>): void => {
  const { fund, envelope } = event.value;
  patchCard(batch, funds, fund.fund_id, event, { set: toDbFundChange(fund) });
  stateTerms(batch, fund, sqlInstant(envelope.recorded_at));
};

export const foldFundClosed = (batch: Batch, event: EventOf<'FundClosed'>): void =>
  patchCard(batch, funds, event.value.fund_id, event, {
    set: { fund_status: 'CLOSED', final_close_date: event.value.final_close_date },
  });

/** A version of a term. A waterfall puts the earlier ones of its scope (the fund, or one investor) out of use. */
export const foldTermAdopted = (batch: Batch, event: EventOf<'FundTermAdopted'>): void => {
  const { fund_id, term } = event.value;
  patchCard(batch, funds, fund_id, event);
  insertRow(batch, fundTerms, `${fund_id}|${term.term_id}`, event, toDbAdoptedTerm(event.value));
  if (term.term_type !== 'WATERFALL') return;
  insertRow(batch, waterfallConfigs, term.term_id, event, toDbWaterfallConfig(event.value));
  batch.newWaterfalls.add(fund_id);
};

export const foldInvestorCreated = (batch: Batch, event: EventOf<'InvestorCreated'>): void => {
  const { investor, envelope } = event.value;
  insertCard(batch, investors, investor.investor_id, event, toDbInvestor(investor, envelope));
};

export const foldInvestorUpdated = (batch: Batch, event: EventOf<'InvestorUpdated'>): void => {
  const { investor } = event.value;
  patchCard(batch, investors, investor.investor_id, event, { set: toDbInvestorChange(investor) });
};

export const foldKycDecision = (batch: Batch, event: EventOf<'KycDecisionRecorded'>): void => {
  const { investor_id, kyc_status, kyc_date, kyc_source } = event.value;
  patchCard(batch, investors, investor_id, event, { set: { kyc_status, kyc_date, kyc_source } });
};

export const foldBankAccountAdded = (batch: Batch, event: EventOf<'BankAccountAdded'>): void => {
  const { investor_id, account, envelope } = event.value;
  insertRow(batch, investorBanking, account.banking_id, event, toDbBankAccount(investor_id, account, envelope));
  patchCard(batch, investors, investor_id, event);
};
