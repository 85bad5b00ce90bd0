// Events of investments and transactions to rows of investments, investment_valuations and fund_transactions.
import type { EventEnvelope, FundTransactionRecorded, InvestmentMade, InvestmentValued } from '#domain/messages.ts';
import type { fundTransactions, investments, investmentValuations } from '../life-tables.ts';
import { sqlInstant, sqlMoney } from '../sql-values.ts';
import type { RowOf } from '../table.ts';

/** The row of a new investment. What is left of it and what that is worth follows from its events by date. */
export const toDbInvestment = (event: InvestmentMade): RowOf<typeof investments> => ({
  investment_id: event.investment_id,
  tenant_id: event.envelope.tenant_id,
  fund_id: event.fund_id,
  portfolio_company: event.portfolio_company,
  investment_type: event.investment_type,
  investment_date: event.investment_date,
  investment_amount: sqlMoney(event.investment_amount),
  currency: event.currency,
  remaining_cost: sqlMoney(event.investment_amount),
  realised_proceeds: sqlMoney(0n),
  realised_gain_loss: sqlMoney(0n),
  valuation_method: null,
  current_fair_value: sqlMoney(event.investment_amount),
  last_valuation_date: null,
  investment_status: 'ACTIVE',
  created_at: sqlInstant(event.envelope.recorded_at),
  updated_at: sqlInstant(event.envelope.recorded_at),
  version: event.envelope.event_version,
});

/** A fair value at the effective date of the event. */
export const toDbInvestmentValuation = (event: InvestmentValued): RowOf<typeof investmentValuations> => ({
  valuation_id: event.valuation_id,
  investment_id: event.investment_id,
  fund_id: event.fund_id,
  valuation_date: event.envelope.effective_date,
  fair_value: sqlMoney(event.fair_value),
  valuation_method: event.valuation_method,
  valuation_source: event.valuation_source,
  cost: sqlMoney(event.cost),
  unrealised_gain_loss: sqlMoney(event.unrealised_gain_loss),
  notes: event.notes,
  currency: event.currency,
  event_version: event.envelope.event_version,
  created_at: sqlInstant(event.envelope.recorded_at),
});

/** What a row of fund_transactions is made of. */
interface Transaction {
  readonly transaction_id: string;
  readonly fund_id: string;
  readonly currency: string;
  readonly envelope: EventEnvelope;
}

/** What was bought, sold or written off, earned or spent. */
export const toDbTransaction = (
  { transaction_id, fund_id, currency, envelope }: Transaction,
  type: FundTransactionRecorded['transaction_type'] | 'INVESTMENT' | 'REALISATION' | 'WRITE_OFF',
  { amount, investment_id, counterparty }: Pick<FundTransactionRecorded, 'amount' | 'investment_id' | 'counterparty'>,
): RowOf<typeof fundTransactions> => ({
  transaction_id,
  fund_id,
  transaction_type: type,
  transaction_date: envelope.effective_date,
  currency,
  amount: sqlMoney(amount),
  investment_id,
  counterparty,
  is_reversed: false,
  created_at: sqlInstant(envelope.recorded_at),
  updated_at: sqlInstant(envelope.recorded_at),
});
