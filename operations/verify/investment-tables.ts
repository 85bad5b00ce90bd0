// Rows of investments and transactions that follow from the log.
import type { AnyEvent, Minor } from '#domain/messages.ts';
import { plus, rowOf, type Tables } from './rows.ts';
import { decimalText } from './text.ts';

const transaction = (
  tables: Tables,
  id: string,
  row: { readonly type: string; readonly date: string; readonly amount: Minor; readonly investment: string | null },
): void =>
  void tables['fund_transactions']?.set(id, {
    transaction_type: row.type,
    transaction_date: row.date,
    amount: decimalText(row.amount),
    investment_id: row.investment,
    is_reversed: 'false',
  });

/** What the fund holds, earns and spends. */
export const foldInvestments = (tables: Tables, event: AnyEvent): void => {
  switch (event.type) {
    case 'InvestmentMade': {
      const value = event.value;
      const amount = decimalText(value.investment_amount);
      tables['investments']?.set(value.investment_id, {
        fund_id: value.fund_id,
        portfolio_company: value.portfolio_company,
        investment_type: value.investment_type,
        investment_date: value.investment_date,
        investment_amount: amount,
        remaining_cost: amount,
        realised_proceeds: '0.00',
        realised_gain_loss: '0.00',
        investment_status: 'ACTIVE',
        version: String(value.envelope.event_version),
      });
      transaction(tables, value.transaction_id, {
        type: 'INVESTMENT',
        date: value.investment_date,
        amount: value.investment_amount,
        investment: value.investment_id,
      });
      return;
    }
    case 'InvestmentIncreased': {
      const { investment_id, amount, transaction_id, envelope } = event.value;
      const row = rowOf(tables, 'investments', investment_id);
      plus(row, 'investment_amount', amount);
      plus(row, 'remaining_cost', amount);
      row['version'] = String(envelope.event_version);
      transaction(tables, transaction_id, {
        type: 'INVESTMENT',
        date: envelope.effective_date,
        amount,
        investment: investment_id,
      });
      return;
    }
    case 'InvestmentValued': {
      const { valuation_id, investment_id, fair_value, valuation_method, cost, unrealised_gain_loss, envelope } = event.value;
      rowOf(tables, 'investments', investment_id)['version'] = String(envelope.event_version);
      tables['investment_valuations']?.set(valuation_id, {
        investment_id,
        valuation_date: envelope.effective_date,
        fair_value: decimalText(fair_value),
        valuation_method,
        cost: decimalText(cost),
        unrealised_gain_loss: decimalText(unrealised_gain_loss),
      });
      return;
    }
    case 'InvestmentRealised':
    case 'InvestmentWrittenOff': {
      const { investment_id, transaction_id, investment_status, envelope } = event.value;
      const isSale = event.type === 'InvestmentRealised';
      const cost = isSale ? event.value.cost_realised : event.value.cost_written_off;
      const proceeds = isSale ? event.value.proceeds : 0n;
      const row = rowOf(tables, 'investments', investment_id);
      plus(row, 'remaining_cost', -cost);
      plus(row, 'realised_proceeds', proceeds);
      plus(row, 'realised_gain_loss', proceeds - cost);
      row['investment_status'] = investment_status;
      row['version'] = String(envelope.event_version);
      transaction(tables, transaction_id, {
        type: isSale ? 'REALISATION' : 'WRITE_OFF',
        date: envelope.effective_date,
        amount: isSale ? proceeds : cost,
        investment: investment_id,
      });
      return;
    }
    case 'FundTransactionRecorded': {
      const { transaction_id, transaction_type, amount, investment_id, envelope } = event.value;
      transaction(tables, transaction_id, {
        type: transaction_type,
        date: envelope.effective_date,
        amount,
        investment: investment_id,
      });
      return;
    }
    case 'FundTransactionReversed':
      rowOf(tables, 'fund_transactions', event.value.transaction_id)['is_reversed'] = 'true';
      return;
    default:
      return;
  }
};
