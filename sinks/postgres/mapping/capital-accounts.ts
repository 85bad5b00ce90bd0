// The capital-account fact to its row: nothing is computed here.
import type { CapitalAccount } from '#domain/messages.ts';
import { sqlInstant, sqlMoney } from '../sql-values.ts';
import type { capitalAccounts, RowOf } from '../tables.ts';

/** The capital account of an investor in a fund, or of the whole fund. */
export const toDbCapitalAccount = (fact: CapitalAccount): RowOf<typeof capitalAccounts> => ({
  fund_id: fact.fund_id,
  investor_id: fact.investor_id,
  currency: fact.currency,
  as_of_date: fact.as_of_date,
  earliest_as_of_date: fact.earliest_as_of_date,
  commitments: fact.commitments,
  committed_amount: sqlMoney(fact.committed_amount),
  called_amount: sqlMoney(fact.called_amount),
  distributed_amount: sqlMoney(fact.distributed_amount),
  remaining_value: sqlMoney(fact.remaining_value),
  total_value: sqlMoney(fact.total_value),
  unfunded_amount: sqlMoney(fact.unfunded_amount),
  called_unknown: fact.called_unknown,
  distributed_unknown: fact.distributed_unknown,
  remaining_unknown: fact.remaining_unknown,
  pic: fact.pic,
  dpi: fact.dpi,
  rvpi: fact.rvpi,
  tvpi: fact.tvpi,
  irr: fact.irr,
  irr_status: fact.irr_status,
  reported_irr: fact.reported_irr,
  reported_multiple: fact.reported_multiple,
  source_event_aggregate_id: fact.source_event.aggregate_id,
  source_event_version: fact.source_event.event_version,
  position_partition: fact.position.partition,
  position_offset: String(fact.position.offset),
  recorded_at: sqlInstant(fact.recorded_at),
});
