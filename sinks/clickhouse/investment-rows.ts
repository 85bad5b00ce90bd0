// Events of investments as versions of the dimension: what it is when it is made, its status when it changes.
import type { AnyEvent, EventByType } from '#domain/messages.ts';
import { lineage, type PlacedRows, type Row, type RowSource, surrogate } from './rows.ts';

const versionRow = (
  value: EventByType['InvestmentMade' | 'InvestmentRealised' | 'InvestmentWrittenOff'],
  told: Row,
  source: RowSource,
): PlacedRows => {
  const { investment_id, fund_id, currency, envelope } = value;
  const row: Row = {
    investment_id,
    event_version: envelope.event_version,
    fund_id,
    investment_key: surrogate(investment_id, envelope.event_version),
    portfolio_company: '',
    investment_type: '',
    investment_date: null,
    investment_status: 'ACTIVE',
    currency,
    valid_from: envelope.effective_date,
    ...told,
    ...lineage(source),
  };
  return [['dim_investment_history', row]];
};

/** Rows of an event of an investment; none for other events and for those that change neither what it is nor its status. */
export const investmentRows = (event: AnyEvent, source: RowSource): PlacedRows => {
  switch (event.type) {
    case 'InvestmentMade': {
      const { portfolio_company, investment_type, investment_date } = event.value;
      return versionRow(event.value, { portfolio_company, investment_type, investment_date }, source);
    }
    case 'InvestmentRealised':
    case 'InvestmentWrittenOff':
      return versionRow(event.value, { investment_status: event.value.investment_status }, source);
    default:
      return [];
  }
};
