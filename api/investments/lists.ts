// Investments of a fund, their valuations, and what the fund earned, spent, bought and sold.
import { z } from 'zod';
import { investmentStatusValues } from '#domain/messages.ts';
import { columnSet, kinds, told } from '../columns.ts';
import type { List } from '../list-route.ts';
import { parents } from '../list-route.ts';

const investment = columnSet({
  investment_id: kinds.id,
  fund_id: kinds.id,
  portfolio_company: kinds.text,
  investment_type: kinds.text,
  investment_date: kinds.date,
  investment_amount: told(kinds.money, 'Cost, increases included.'),
  currency: kinds.text,
  remaining_cost: kinds.money,
  realised_proceeds: kinds.money,
  realised_gain_loss: kinds.money,
  valuation_method: kinds.textOrNull,
  current_fair_value: kinds.moneyOrNull,
  last_valuation_date: kinds.dateOrNull,
  investment_status: kinds.text,
  moic: told(kinds.decimalOrNull, 'Multiple on invested capital at the latest fact date.'),
  gross_irr: told(kinds.decimalOrNull, 'A decimal fraction; null where gross_irr_status says why.'),
  gross_irr_status: kinds.textOrNull,
  version: told(kinds.integer, 'Give it as expected_version.'),
});
export const investmentRow = investment.shape;
export type InvestmentRow = z.output<typeof investmentRow>;
export const investmentSelect = investment.select('r', {
  moic: 'p.moic',
  gross_irr: 'p.gross_irr',
  gross_irr_status: 'p.gross_irr_status',
});
export const investmentFrom = `investments r LEFT JOIN LATERAL (
    SELECT moic, gross_irr, gross_irr_status FROM fund_performance p
     WHERE p.fund_id = r.fund_id AND p.investor_id IS NULL AND p.investment_id = r.investment_id ORDER BY p.as_of_date DESC LIMIT 1
  ) p ON true`;

export const investments = {
  path: '/v1/funds/:fund_id/investments',
  operationId: 'listInvestments',
  tag: 'investments',
  summary: 'Investments of a fund with MOIC and gross IRR, oldest first',
  name: 'investments',
  sources: ['events', 'performance'],
  row: investmentRow,
  select: investmentSelect,
  from: investmentFrom,
  parent: parents.fund,
  filters: {
    investment_status: { schema: z.enum(investmentStatusValues), where: (place) => `r.investment_status = ${place}` },
  },
  order: { column: 'r.investment_date', type: 'date', direction: 'asc', id: 'r.investment_id' },
  key: ['investment_date', 'investment_id'],
  date: 'last_valuation_date',
} satisfies List<typeof investmentRow>;

const valuation = columnSet({
  valuation_id: kinds.id,
  investment_id: kinds.id,
  valuation_date: kinds.date,
  fair_value: kinds.money,
  currency: kinds.text,
  cost: kinds.money,
  unrealised_gain_loss: kinds.money,
  valuation_method: kinds.text,
  valuation_source: kinds.textOrNull,
  notes: kinds.textOrNull,
  event_version: kinds.integer,
  created_at: kinds.instant,
});
export const valuationRow = valuation.shape;

export const valuations = {
  path: '/v1/investments/:investment_id/valuations',
  operationId: 'listInvestmentValuations',
  tag: 'investments',
  summary: 'Valuations of an investment, latest first',
  description: 'Every valuation that was booked; of one day the last recorded one counts.',
  name: 'valuations',
  sources: ['events'],
  row: valuationRow,
  select: valuation.select('r'),
  from: 'investment_valuations r',
  parent: parents.investment,
  order: { column: 'r.valuation_date', type: 'date', direction: 'desc', id: 'r.valuation_id' },
  key: ['valuation_date', 'valuation_id'],
  date: 'valuation_date',
} satisfies List<typeof valuationRow>;

const transaction = columnSet({
  transaction_id: kinds.id,
  fund_id: kinds.id,
  transaction_type: kinds.text,
  transaction_date: kinds.date,
  currency: kinds.text,
  amount: kinds.money,
  investment_id: kinds.idOrNull,
  portfolio_company: kinds.textOrNull,
  counterparty: kinds.textOrNull,
  is_reversed: told(kinds.boolean, 'It was taken back; it counts on no day.'),
  created_at: kinds.instant,
});
export const transactionRow = transaction.shape;

export const transactions = {
  path: '/v1/funds/:fund_id/transactions',
  operationId: 'listFundTransactions',
  tag: 'investments',
  summary: 'What a fund earned, spent, bought and sold, latest first',
  name: 'transactions',
  sources: ['events'],
  row: transactionRow,
  select: transaction.select('r', { portfolio_company: 'v.portfolio_company' }),
  from: 'fund_transactions r LEFT JOIN investments v ON v.investment_id = r.investment_id',
  parent: parents.fund,
  filters: {
    transaction_type: { schema: z.string().regex(/^[A-Z_]{3,40}$/), where: (place) => `r.transaction_type = ${place}` },
    investment_id: { schema: z.uuid(), where: (place) => `r.investment_id = ${place}::uuid` },
  },
  order: { column: 'r.transaction_date', type: 'date', direction: 'desc', id: 'r.transaction_id' },
  key: ['transaction_date', 'transaction_id'],
  date: 'transaction_date',
} satisfies List<typeof transactionRow>;
