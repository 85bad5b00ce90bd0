// The journal of a fund by entry, and its dated flows.
import { z } from 'zod';
import { cashFlowTypeValues } from '#domain/messages.ts';
import { columnSet, kinds, told } from '../columns.ts';
import type { List } from '../list-route.ts';
import { parents } from '../list-route.ts';
import { localDate, money, uuid } from '../shapes.ts';

const line = z.object({
  line_number: z.number().int(),
  account_code: z.string(),
  debit: money,
  credit: money,
  investor_id: z.string().nullable(),
  investment_id: z.string().nullable(),
});
const entry = columnSet({
  journal_entry_id: kinds.id,
  fund_id: kinds.id,
  entry_date: told(kinds.date, 'Effective date.'),
  currency: kinds.text,
  posting_rule: kinds.text,
  description: kinds.text,
  source_event_aggregate_id: kinds.id,
  source_event_version: kinds.integer,
  recorded_at: kinds.instant,
});
export const journalEntryRow = entry.shape.extend({ lines: z.array(line).describe('Debits equal credits.') });
const dates = {
  from: { schema: localDate, where: (place: string) => `r.entry_date >= ${place}::date` },
  to: { schema: localDate, where: (place: string) => `r.entry_date <= ${place}::date` },
};

export const journalEntries = {
  path: '/v1/funds/:fund_id/journal-entries',
  operationId: 'listJournalEntries',
  tag: 'journal',
  summary: 'Journal of a fund with the lines of each entry, latest first',
  name: 'journal_entries',
  sources: ['cash-flows'],
  row: journalEntryRow,
  select: `${entry.select('r')}, (
    SELECT json_agg(json_build_object('line_number', l.line_number, 'account_code', l.account_code, 'debit', l.debit::text, 'credit', l.credit::text,
                                      'investor_id', l.investor_id, 'investment_id', l.investment_id) ORDER BY l.line_number)
      FROM journal_entries l WHERE l.journal_entry_id = r.journal_entry_id) AS lines`,
  // Every entry has one line of the lowest number.
  from: `(SELECT DISTINCT ON (fund_id, entry_date, journal_entry_id) * FROM journal_entries ORDER BY fund_id, entry_date, journal_entry_id, line_number) r`,
  parent: parents.fund,
  filters: {
    ...dates,
    account_code: {
      schema: z.string().max(50),
      where: (place) =>
        `EXISTS (SELECT FROM journal_entries a WHERE a.journal_entry_id = r.journal_entry_id AND a.account_code = ${place})`,
    },
    posting_rule: { schema: z.string().max(60), where: (place) => `r.posting_rule = ${place}` },
  },
  order: { column: 'r.entry_date', type: 'date', direction: 'desc', id: 'r.journal_entry_id' },
  key: ['entry_date', 'journal_entry_id'],
  date: 'entry_date',
} satisfies List<typeof journalEntryRow>;

const flow = columnSet({
  cash_flow_id: kinds.id,
  fund_id: kinds.id,
  investor_id: told(kinds.idOrNull, 'Null for flows of the fund itself.'),
  commitment_id: kinds.idOrNull,
  investment_id: kinds.idOrNull,
  flow_date: kinds.date,
  cash_flow_type: kinds.text,
  currency: kinds.text,
  capital_call_amount: kinds.money,
  distribution_amount: kinds.money,
  net_cash_flow: told(kinds.money, 'For an investor distributed less paid in; for the fund what came in less what went out.'),
  transaction_id: kinds.idOrNull,
  is_reversal: told(kinds.boolean, 'Takes an earlier flow back: the same amounts with the other sign.'),
  recorded_at: kinds.instant,
});

export const cashFlows = {
  path: '/v1/funds/:fund_id/cash-flows',
  operationId: 'listCashFlows',
  tag: 'journal',
  summary: 'Dated flows of a fund and its investors, latest first',
  name: 'cash_flows',
  sources: ['cash-flows'],
  row: flow.shape,
  select: flow.select('r'),
  from: 'cash_flows r',
  parent: parents.fund,
  filters: {
    investor_id: { schema: uuid, where: (place) => `r.investor_id = ${place}` },
    investment_id: { schema: uuid, where: (place) => `r.investment_id = ${place}` },
    cash_flow_type: { schema: z.enum(cashFlowTypeValues), where: (place) => `r.cash_flow_type = ${place}` },
    from: { schema: localDate, where: (place) => `r.flow_date >= ${place}::date` },
    to: { schema: localDate, where: (place) => `r.flow_date <= ${place}::date` },
  },
  order: { column: 'r.flow_date', type: 'date', direction: 'desc', id: 'r.cash_flow_id' },
  key: ['flow_date', 'cash_flow_id'],
  date: 'flow_date',
} satisfies List<typeof flow.shape>;
