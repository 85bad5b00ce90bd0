// Distributions of a fund, their notices, and clawbacks.
import { z } from 'zod';
import { distributionStatusValues } from '#domain/messages.ts';
import { columnSet, kinds, told } from '../columns.ts';
import type { List } from '../list-route.ts';
import { parents } from '../list-route.ts';

const distribution = columnSet({
  distribution_id: kinds.id,
  fund_id: kinds.id,
  distribution_number: kinds.integer,
  distribution_date: told(kinds.date, 'Day that the waterfall counts.'),
  record_date: kinds.date,
  distribution_type: kinds.text,
  distribution_kind: kinds.text,
  investment_id: kinds.idOrNull,
  currency: kinds.text,
  total_distribution_amount: told(kinds.money, 'Gross: net, carried interest, fee offset and tax added up.'),
  carried_interest: kinds.money,
  management_fee_offset: kinds.money,
  tax_withholding: kinds.money,
  net_distribution: kinds.money,
  recallable_amount: told(kinds.money, 'Restores the unfunded commitments.'),
  available_cash_before: kinds.money,
  distribution_status: kinds.text,
  calculation_id: kinds.id,
  notice_count: kinds.integer,
  payment_date: kinds.dateOrNull,
  created_at: kinds.instant,
  updated_at: kinds.instant,
  version: told(kinds.integer, 'Give it as expected_version.'),
});
export const distributionRow = distribution.shape;
export type DistributionRow = z.output<typeof distributionRow>;
export const distributionSelect = distribution.select('r');

export const distributions = {
  path: '/v1/funds/:fund_id/distributions',
  operationId: 'listDistributions',
  tag: 'distributions',
  summary: 'Distributions of a fund, latest first',
  name: 'distributions',
  sources: ['events'],
  row: distributionRow,
  select: distributionSelect,
  from: 'distributions r',
  parent: parents.fund,
  filters: {
    distribution_status: { schema: z.enum(distributionStatusValues), where: (place) => `r.distribution_status = ${place}` },
  },
  order: { column: 'r.distribution_date', type: 'date', direction: 'desc', id: 'r.distribution_id' },
  key: ['distribution_date', 'distribution_id'],
  date: 'distribution_date',
} satisfies List<typeof distributionRow>;

const notice = columnSet({
  notice_id: kinds.id,
  distribution_id: kinds.id,
  commitment_id: kinds.id,
  investor_id: kinds.id,
  investor_name: kinds.text,
  gross_distribution: kinds.money,
  carried_interest: kinds.money,
  management_fee_offset: kinds.money,
  tax_withholding: kinds.money,
  net_distribution: told(kinds.money, 'Gross less carried interest, fee offset and tax.'),
  recallable_amount: kinds.money,
  return_of_capital: kinds.money,
  preferred_return: kinds.money,
  unfunded_before: kinds.money,
  unfunded_after: kinds.money,
  notice_status: kinds.text,
  payment_date: kinds.dateOrNull,
});
export const distributionNoticeRow = notice.shape;

export const distributionNotices = {
  path: '/v1/distributions/:distribution_id/notices',
  operationId: 'listDistributionNotices',
  tag: 'distributions',
  summary: 'Notices of a distribution, by investor',
  name: 'notices',
  sources: ['events'],
  row: distributionNoticeRow,
  select: notice.select('r', { investor_name: 'i.investor_name' }),
  from: 'distribution_notices r JOIN investors i USING (investor_id)',
  parent: parents.distribution,
  order: { column: 'i.investor_name', type: 'text', direction: 'asc', id: 'r.notice_id' },
  key: ['investor_name', 'notice_id'],
} satisfies List<typeof distributionNoticeRow>;

const clawback = columnSet({
  clawback_id: kinds.id,
  fund_id: kinds.id,
  clawback_date: kinds.date,
  currency: kinds.text,
  due: kinds.money,
  from_escrow: kinds.money,
  from_gp: kinds.money,
  escrow_released: kinds.money,
  unrecovered: told(kinds.money, 'What the tax cap cuts off.'),
  calculation_id: kinds.id,
  notices: kinds.json,
  created_at: kinds.instant,
});

export const clawbacks = {
  path: '/v1/funds/:fund_id/carry-clawbacks',
  operationId: 'listCarryClawbacks',
  tag: 'distributions',
  summary: 'Carried interest that the general partner gave back, latest first',
  name: 'carry_clawbacks',
  sources: ['events'],
  row: clawback.shape,
  select: clawback.select('r'),
  from: 'carry_clawbacks r',
  parent: parents.fund,
  order: { column: 'r.clawback_date', type: 'date', direction: 'desc', id: 'r.clawback_id' },
  key: ['clawback_date', 'clawback_id'],
  date: 'clawback_date',
} satisfies List<typeof clawback.shape>;
