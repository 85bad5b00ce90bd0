// Events of distributions as rows: states of the distribution with its waterfall by tier, notices.
import type { AnyEvent, DistributionNotice, EventByType, TierAmount } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { lineage, nobody, type PlacedRows, type Row, type RowSource } from './rows.ts';

const states = 'fact_distributions_history';

/** The tiers of a waterfall as columns of lists. */
export const tierColumns = (tiers: readonly TierAmount[]): Row => ({
  tiers: tiers.map(({ tier }) => tier),
  tier_places: tiers.map(({ place }) => place),
  tier_partners: tiers.map(({ partner }) => partner ?? ''),
  tier_deals: tiers.map(({ deal }) => deal ?? ''),
  tier_lp_amounts: tiers.map(({ lp }) => formatMoney(lp)),
  tier_gp_amounts: tiers.map(({ gp }) => formatMoney(gp)),
});

/** A state of a distribution; what the event does not say is null. */
const stateRow = (
  value: EventByType['DistributionDeclared' | 'DistributionPaid' | 'DistributionCancelled'],
  status: string,
  told: Row,
  source: RowSource,
): Row => ({
  fund_id: value.fund_id,
  distribution_id: value.distribution_id,
  event_version: value.envelope.event_version,
  status,
  status_date: value.envelope.effective_date,
  distribution_number: null,
  currency: value.currency,
  distribution_date: null,
  record_date: null,
  payment_date: null,
  distribution_type: '',
  distribution_kind: '',
  investment_id: nobody,
  total_distribution_amount: null,
  carried_interest: null,
  management_fee_offset: null,
  tax_withholding: null,
  net_distribution: null,
  recallable_amount: null,
  notice_count: 0,
  terms_version: null,
  ...tierColumns([]),
  ...told,
  ...lineage(source),
});

const noticeRows = (
  { fund_id, distribution_id, currency }: EventByType['DistributionDeclared' | 'DistributionNoticesDeclared'],
  notices: readonly DistributionNotice[],
  source: RowSource,
): PlacedRows =>
  notices.map((notice) => [
    'fact_distribution_notices',
    {
      fund_id,
      distribution_id,
      notice_id: notice.notice_id,
      commitment_id: notice.commitment_id,
      investor_id: notice.investor_id,
      currency,
      gross_distribution: formatMoney(notice.gross_distribution),
      carried_interest: formatMoney(notice.carried_interest),
      management_fee_offset: formatMoney(notice.management_fee_offset),
      tax_withholding: formatMoney(notice.tax_withholding),
      net_distribution: formatMoney(notice.net_distribution),
      recallable_amount: formatMoney(notice.recallable_amount),
      return_of_capital: formatMoney(notice.return_of_capital),
      preferred_return: formatMoney(notice.preferred_return),
      unfunded_before: formatMoney(notice.unfunded_before),
      unfunded_after: formatMoney(notice.unfunded_after),
      ...lineage(source),
    },
  ]);

const declaredRow = (value: EventByType['DistributionDeclared'], source: RowSource): Row =>
  stateRow(
    value,
    'DECLARED',
    {
      distribution_number: value.distribution_number,
      distribution_date: value.distribution_date,
      record_date: value.record_date,
      distribution_type: value.distribution_type,
      distribution_kind: value.distribution_kind,
      investment_id: value.investment_id ?? nobody,
      total_distribution_amount: formatMoney(value.total_distribution_amount),
      carried_interest: formatMoney(value.carried_interest),
      management_fee_offset: formatMoney(value.management_fee_offset),
      tax_withholding: formatMoney(value.tax_withholding),
      net_distribution: formatMoney(value.net_distribution),
      recallable_amount: formatMoney(value.recallable_amount),
      notice_count: value.notice_count,
      terms_version: value.calculation.terms_version,
      ...tierColumns(value.calculation.tiers),
    },
    source,
  );

/** Rows of an event of a distribution; none for other events. */
export const distributionRows = (event: AnyEvent, source: RowSource): PlacedRows => {
  switch (event.type) {
    case 'DistributionDeclared':
      return [[states, declaredRow(event.value, source)], ...noticeRows(event.value, event.value.notices, source)];
    case 'DistributionNoticesDeclared':
      return noticeRows(event.value, event.value.notices, source);
    case 'DistributionPaid':
      return [[states, stateRow(event.value, 'PAID', { payment_date: event.value.payment_date }, source)]];
    case 'DistributionCancelled':
      return [[states, stateRow(event.value, 'CANCELLED', {}, source)]];
    default:
      return [];
  }
};
