// Fund events to rows of funds, fund_terms and waterfall_configs.
import type { EventEnvelope, FundCard, FundTerm, FundTermAdopted } from '#domain/messages.ts';
import { sqlInstant, sqlJsonText, sqlMoney, sqlTextArray } from '../sql-values.ts';
import type { RowOf } from '../table.ts';
import type { fundTerms, funds, waterfallConfigs } from '../tables.ts';

/** Columns of a fund that its card states. */
const cardColumns = (fund: FundCard) => ({
  fund_name: fund.fund_name,
  fund_type: fund.fund_type,
  fund_size: sqlMoney(fund.fund_size),
  target_size: sqlMoney(fund.target_size),
  base_currency: fund.base_currency,
  vintage_year: fund.vintage_year,
  inception_date: fund.inception_date,
  target_close_date: fund.target_close_date,
  final_close_date: fund.final_close_date,
  management_fee_rate: fund.management_fee_rate,
  carried_interest_rate: fund.carried_interest_rate,
  hurdle_rate: fund.hurdle_rate,
  catch_up_provision: fund.catch_up_provision,
  fund_manager: fund.fund_manager,
  investment_strategy: fund.investment_strategy,
  sub_strategy: fund.sub_strategy,
  geography: fund.geography,
  fund_status: fund.fund_status,
  assumed_fields: sqlTextArray(fund.assumed_fields),
});

/** The row of a new fund. */
export const toDbFund = (fund: FundCard, envelope: EventEnvelope): RowOf<typeof funds> => ({
  fund_id: fund.fund_id,
  tenant_id: envelope.tenant_id,
  ...cardColumns(fund),
  created_at: sqlInstant(envelope.recorded_at),
  updated_at: sqlInstant(envelope.recorded_at),
  version: envelope.event_version,
});

/** What a card changes of a fund that exists. */
export const toDbFundChange = (fund: FundCard): ReturnType<typeof cardColumns> => cardColumns(fund);

/** One term of a fund. */
export const toDbFundTerm = (fundId: string, term: FundTerm, createdAt: string): RowOf<typeof fundTerms> => ({
  fund_id: fundId,
  term_id: term.term_id,
  term_type: term.term_type,
  term_name: term.term_name,
  term_value: sqlJsonText(term.term_value, `term_value of term ${term.term_id} of fund ${fundId}`),
  effective_date: term.effective_date,
  expiry_date: term.expiry_date,
  created_at: createdAt,
  investor_id: null,
  terms_version: null,
});

/** A version of a term that the fund adopted, for itself or for one investor. */
export const toDbAdoptedTerm = (event: FundTermAdopted): RowOf<typeof fundTerms> => ({
  ...toDbFundTerm(event.fund_id, event.term, sqlInstant(event.envelope.recorded_at)),
  investor_id: event.investor_id,
  terms_version: event.terms_version,
});

/** The waterfall of an adopted term. */
export const toDbWaterfallConfig = (event: FundTermAdopted): RowOf<typeof waterfallConfigs> => ({
  config_id: event.term.term_id,
  fund_id: event.fund_id,
  investor_id: event.investor_id,
  waterfall_name: event.term.term_name,
  waterfall_structure: sqlJsonText(event.term.term_value, `term_value of term ${event.term.term_id} of fund ${event.fund_id}`),
  effective_date: event.term.effective_date,
  expiry_date: event.term.expiry_date,
  is_active: true,
  terms_version: event.terms_version,
  created_at: sqlInstant(event.envelope.recorded_at),
});
