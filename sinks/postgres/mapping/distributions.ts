// Events of distributions and clawbacks to rows of distributions, distribution_notices, carry_clawbacks and calculation_results.
import type {
  CarryClawedBack,
  DistributionDeclared,
  DistributionNotice,
  EventEnvelope,
  WaterfallCalculation,
} from '#domain/messages.ts';
import type { calculationResults, carryClawbacks, distributionNotices, distributions } from '../life-tables.ts';
import { sqlInstant, sqlJson, sqlJsonText, sqlMoney } from '../sql-values.ts';
import type { RowOf } from '../table.ts';

/** The row of a declared distribution. */
export const toDbDistribution = (event: DistributionDeclared): RowOf<typeof distributions> => ({
  distribution_id: event.distribution_id,
  tenant_id: event.envelope.tenant_id,
  fund_id: event.fund_id,
  distribution_number: event.distribution_number,
  distribution_date: event.distribution_date,
  record_date: event.record_date,
  distribution_type: event.distribution_type,
  distribution_kind: event.distribution_kind,
  investment_id: event.investment_id,
  currency: event.currency,
  total_distribution_amount: sqlMoney(event.total_distribution_amount),
  carried_interest: sqlMoney(event.carried_interest),
  management_fee_offset: sqlMoney(event.management_fee_offset),
  tax_withholding: sqlMoney(event.tax_withholding),
  net_distribution: sqlMoney(event.net_distribution),
  recallable_amount: sqlMoney(event.recallable_amount),
  available_cash_before: sqlMoney(event.available_cash_before),
  distribution_status: 'DECLARED',
  calculation_id: event.calculation.calculation_id,
  notice_count: event.notice_count,
  payment_date: null,
  created_at: sqlInstant(event.envelope.recorded_at),
  updated_at: sqlInstant(event.envelope.recorded_at),
  version: event.envelope.event_version,
});

/** The distribution that a notice belongs to. */
interface Declared {
  readonly distribution_id: string;
  readonly fund_id: string;
  readonly envelope: EventEnvelope;
}

/** The row of a notice as it was declared. */
export const toDbDistributionNotice = (notice: DistributionNotice, declared: Declared): RowOf<typeof distributionNotices> => ({
  notice_id: notice.notice_id,
  distribution_id: declared.distribution_id,
  fund_id: declared.fund_id,
  commitment_id: notice.commitment_id,
  investor_id: notice.investor_id,
  gross_distribution: sqlMoney(notice.gross_distribution),
  carried_interest: sqlMoney(notice.carried_interest),
  management_fee_offset: sqlMoney(notice.management_fee_offset),
  tax_withholding: sqlMoney(notice.tax_withholding),
  net_distribution: sqlMoney(notice.net_distribution),
  recallable_amount: sqlMoney(notice.recallable_amount),
  return_of_capital: sqlMoney(notice.return_of_capital),
  preferred_return: sqlMoney(notice.preferred_return),
  unfunded_before: sqlMoney(notice.unfunded_before),
  unfunded_after: sqlMoney(notice.unfunded_after),
  notice_status: 'PENDING',
  payment_date: null,
  created_at: sqlInstant(declared.envelope.recorded_at),
  updated_at: sqlInstant(declared.envelope.recorded_at),
});

/** The row of a clawback. */
export const toDbClawback = (event: CarryClawedBack): RowOf<typeof carryClawbacks> => ({
  clawback_id: event.clawback_id,
  fund_id: event.fund_id,
  clawback_date: event.clawback_date,
  currency: event.currency,
  due: sqlMoney(event.due),
  from_escrow: sqlMoney(event.from_escrow),
  from_gp: sqlMoney(event.from_gp),
  escrow_released: sqlMoney(event.escrow_released),
  unrecovered: sqlMoney(event.unrecovered),
  calculation_id: event.calculation.calculation_id,
  notices: sqlJson(event.notices),
  created_at: sqlInstant(event.envelope.recorded_at),
});

/** What a waterfall was run for. */
interface Occasion {
  readonly fund_id: string;
  readonly envelope: EventEnvelope;
  readonly date: string;
}

/** The row of a waterfall that the ledger ran: its terms, flows and source events, and what came out by tier. */
export const toDbWaterfall = (
  calculation: WaterfallCalculation,
  { fund_id, envelope, date }: Occasion,
): RowOf<typeof calculationResults> => {
  const { calculation_id, term_id, terms_version, terms, inputs, contributions, distributions: paid, ...result } = calculation;
  const json = (text: string, field: string): string => sqlJsonText(text, `${field} of calculation ${calculation_id}`) ?? 'null';
  return {
    result_id: calculation_id,
    calculation_type: 'WATERFALL',
    fund_id,
    calculation_date: date,
    source_event_id: envelope.event_id,
    terms_version,
    // Terms and flows are kept to the letter.
    input_parameters:
      `{"term_id":${JSON.stringify(term_id)},"terms":${json(terms, 'terms')},"source_events":${sqlJson(inputs)},` +
      `"contributions":${json(contributions, 'contributions')},"distributions":${json(paid, 'distributions')}}`,
    calculation_result: sqlJson(result),
    calculation_status: 'COMPLETED',
    created_at: sqlInstant(envelope.recorded_at),
    completed_at: sqlInstant(envelope.recorded_at),
  };
};
