// Folds investments and the transactions of funds into a batch.
import type { FundTransactionRecorded } from '#domain/messages.ts';
import { insertCard, insertRow, patchCard, patchRow, type Batch } from '../batch.ts';
import { fundTransactions, investments, investmentValuations } from '../life-tables.ts';
import { toDbInvestment, toDbInvestmentValuation, toDbTransaction } from '../mapping/investments.ts';
import { sqlInstant } from '../sql-values.ts';
import { funds } from '../tables.ts';
import type { EventOf } from './event-of.ts';

type Dealing = EventOf<'InvestmentMade' | 'InvestmentIncreased' | 'InvestmentRealised' | 'InvestmentWrittenOff'>;

const insertDealing = (
  batch: Batch,
  event: Dealing,
  type: 'INVESTMENT' | 'REALISATION' | 'WRITE_OFF',
  amount: FundTransactionRecorded['amount'],
): void => {
  const { transaction_id, investment_id } = event.value;
  const row = toDbTransaction(event.value, type, { amount, investment_id, counterparty: null });
  insertRow(batch, fundTransactions, transaction_id, event, row);
  batch.movedInvestments.add(investment_id);
};

/** The fund invests. */
export const foldInvestmentMade = (batch: Batch, event: EventOf<'InvestmentMade'>): void => {
  insertCard(batch, investments, event.value.investment_id, event, toDbInvestment(event.value));
  insertDealing(batch, event, 'INVESTMENT', event.value.investment_amount);
};

/** The fund invests more. */
export const foldInvestmentIncreased = (batch: Batch, event: EventOf<'InvestmentIncreased'>): void => {
  const { investment_id, amount } = event.value;
  patchCard(batch, investments, investment_id, event, { add: { investment_amount: amount } });
  insertDealing(batch, event, 'INVESTMENT', amount);
};

/** A fair value, of today or of a day before. */
export const foldInvestmentValued = (batch: Batch, event: EventOf<'InvestmentValued'>): void => {
  const { investment_id, valuation_id } = event.value;
  patchCard(batch, investments, investment_id, event);
  insertRow(batch, investmentValuations, valuation_id, event, toDbInvestmentValuation(event.value));
  batch.movedInvestments.add(investment_id);
};

/** Sold, wholly or in part. */
export const foldInvestmentRealised = (batch: Batch, event: EventOf<'InvestmentRealised'>): void => {
  const { investment_id, investment_status, proceeds, realised_gain_loss } = event.value;
  patchCard(batch, investments, investment_id, event, {
    set: { investment_status },
    add: { realised_proceeds: proceeds, realised_gain_loss },
  });
  insertDealing(batch, event, 'REALISATION', proceeds);
};

/** Written off, wholly or in part: the cost is a loss. */
export const foldInvestmentWrittenOff = (batch: Batch, event: EventOf<'InvestmentWrittenOff'>): void => {
  const { investment_id, investment_status, cost_written_off } = event.value;
  patchCard(batch, investments, investment_id, event, {
    set: { investment_status },
    add: { realised_gain_loss: -cost_written_off },
  });
  insertDealing(batch, event, 'WRITE_OFF', cost_written_off);
};

/** Income, an expense or a fee. */
export const foldTransactionRecorded = (batch: Batch, event: EventOf<'FundTransactionRecorded'>): void => {
  const { value } = event;
  patchCard(batch, funds, value.fund_id, event);
  insertRow(batch, fundTransactions, value.transaction_id, event, toDbTransaction(value, value.transaction_type, value));
};

/** A transaction is taken back. */
export const foldTransactionReversed = (batch: Batch, event: EventOf<'FundTransactionReversed'>): void => {
  const { fund_id, transaction_id, envelope } = event.value;
  patchCard(batch, funds, fund_id, event);
  patchRow(batch, fundTransactions, transaction_id, {
    set: { is_reversed: true, updated_at: sqlInstant(envelope.recorded_at) },
  });
};
