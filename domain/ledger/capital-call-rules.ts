// Rules of capital calls: drafting, issuing, cancelling and settling.
import { businessDaysBetween } from '../dates/business-days.ts';
import { fedwireHolidays } from '../dates/fedwire.ts';
import { toEpochDay } from '../dates/local-date.ts';
import type { Uuid } from '../messages.ts';
import { formatMoney } from '../money/money.ts';
import { issuedNotices, totalOf } from './capital-call-allocation.ts';
import { outstandingOf } from './capital-call-notice.ts';
import { rule, type Rule, type RuleContext, type Violation } from './rule.ts';
import type { CallState } from './state.ts';
import { noticeDaysOf } from './term-rules.ts';
import { termOn } from './terms.ts';

/** Business days between notice and due date unless a CAPITAL_CALL term says otherwise (ILPA Principles 3.0: 10). */
export const usualNoticeDays = 10;

const holidaysBetween = (from: string, to: string): ReadonlySet<string> => {
  const years = Array.from(
    { length: Number(to.slice(0, 4)) - Number(from.slice(0, 4)) + 1 },
    (_, index) => Number(from.slice(0, 4)) + index,
  );
  return new Set(years.flatMap(fedwireHolidays));
};

const noticeDays = ({ state }: RuleContext, fundId: Uuid, date: string): number => {
  const fund = state.funds.get(fundId);
  const term = fund === undefined ? null : termOn(fund, 'CAPITAL_CALL', toEpochDay(date));
  return (term === null ? null : noticeDaysOf(term.term_value)) ?? usualNoticeDays;
};

const shortNotice = (context: RuleContext, fundId: Uuid, from: string, to: string): Violation | null => {
  const least = noticeDays(context, fundId, from);
  const given = businessDaysBetween(from, to, holidaysBetween(from, to));
  return given >= least
    ? null
    : {
        field: 'due_date',
        message: `due_date ${to} leaves ${given} business days from call_date ${from}; the agreement asks for ${least}`,
      };
};

const callFor = ({ state }: RuleContext, callId: Uuid, fundId: Uuid): CallState | null => {
  const call = state.calls.get(callId);
  return call?.fundId === fundId ? call : null;
};

export const capitalCallRules: readonly Rule[] = [
  rule({
    name: 'duplicate-call',
    description: 'A call id is used once.',
    severity: 'ERROR',
    commands: ['DraftCapitalCall'],
    check: ({ call_id }, { state }) =>
      state.calls.has(call_id) ? { field: 'call_id', message: `capital call ${call_id} exists already` } : null,
  }),
  rule({
    name: 'duplicate-call-number',
    description: 'A number names one call of a fund.',
    severity: 'ERROR',
    commands: ['DraftCapitalCall'],
    check: ({ fund_id, call_number }, { state }) => {
      const calls = state.funds.get(fund_id)?.life?.calls ?? [];
      const other = call_number === null ? undefined : calls.find((id) => state.calls.get(id)?.number === call_number);
      return other === undefined
        ? null
        : {
            field: 'call_number',
            message: `call_number ${call_number} is that of capital call ${other}; leave it out to get the next`,
          };
    },
  }),
  rule({
    name: 'call-number-not-positive',
    description: 'Calls are numbered 1, 2, ….',
    severity: 'ERROR',
    commands: ['DraftCapitalCall'],
    check: ({ call_number }) =>
      call_number === null || call_number > 0
        ? null
        : { field: 'call_number', message: `call_number ${call_number} must be above 0` },
  }),
  rule({
    name: 'nothing-called',
    description: 'A call asks for something.',
    severity: 'ERROR',
    commands: ['DraftCapitalCall'],
    check: ({ investment_amount, management_fee_amount, expenses_amount }) =>
      investment_amount + management_fee_amount + expenses_amount > 0n
        ? null
        : { field: 'investment_amount', message: 'the amounts of the call add up to nothing; give at least one above 0.00' },
  }),
  rule({
    name: 'call-dates-out-of-order',
    description: 'A call is due on or after its notice.',
    severity: 'ERROR',
    commands: ['DraftCapitalCall'],
    check: ({ call_date, due_date }) =>
      due_date >= call_date ? null : { field: 'due_date', message: `due_date ${due_date} lies before call_date ${call_date}` },
  }),
  rule({
    name: 'unknown-commitment',
    description: 'Excused commitments exist in this fund.',
    severity: 'ERROR',
    commands: ['DraftCapitalCall'],
    check: ({ fund_id, excused_commitments }, { state }) => {
      const wrong = excused_commitments.find((id) => state.commitments.get(id)?.fundId !== fund_id);
      return wrong === undefined
        ? null
        : { field: 'excused_commitments', message: `there is no commitment ${wrong} in fund ${fund_id}` };
    },
  }),
  rule({
    name: 'unknown-call',
    description: 'The capital call exists in this fund.',
    severity: 'ERROR',
    commands: [
      'IssueCapitalCall',
      'CancelCapitalCall',
      'SettleCapitalCall',
      'RecordCapitalCallPayment',
      'ReverseCapitalCallPayment',
    ],
    check: ({ call_id, fund_id }, context) =>
      callFor(context, call_id, fund_id) === null
        ? { field: 'call_id', message: `there is no capital call ${call_id} in fund ${fund_id}` }
        : null,
  }),
  rule({
    name: 'call-not-draft',
    description: 'Only a drafted call is issued, and only once.',
    severity: 'ERROR',
    commands: ['IssueCapitalCall'],
    check: ({ call_id, fund_id }, context) => {
      const status = callFor(context, call_id, fund_id)?.status ?? 'DRAFT';
      return status === 'DRAFT' ? null : { field: 'call_id', message: `capital call ${call_id} is ${status}, not DRAFT` };
    },
  }),
  rule({
    name: 'nobody-to-call',
    description: 'Some active commitment takes part in a call.',
    severity: 'ERROR',
    commands: ['IssueCapitalCall'],
    check: ({ call_id, fund_id }, context) =>
      callFor(context, call_id, fund_id)?.status === 'DRAFT' && issuedNotices(context).length === 0
        ? { field: 'call_id', message: `no active commitment of fund ${fund_id} takes part in capital call ${call_id}` }
        : null,
  }),
  rule({
    name: 'call-exceeds-unfunded',
    description: 'What a call takes inside the commitment stays within the unfunded part of every commitment.',
    severity: 'ERROR',
    commands: ['IssueCapitalCall'],
    check: (_, context) => {
      const over = issuedNotices(context).filter(({ unfunded_after }) => unfunded_after < 0n);
      const [first] = over;
      if (first === undefined) return null;
      const inside = first.call_amount - first.outside_commitment;
      return {
        field: 'call_id',
        message: `the call takes ${formatMoney(inside)} from commitment ${first.commitment_id}, of which ${formatMoney(first.unfunded_before)} is unfunded${over.length > 1 ? `, and too much from ${over.length - 1} others` : ''}; call less, or outside the commitment`,
      };
    },
  }),
  rule({
    name: 'call-total-differs',
    description: 'The notices of a call add up to it.',
    severity: 'ERROR',
    commands: ['IssueCapitalCall'],
    check: ({ call_id, fund_id }, context) => {
      const call = callFor(context, call_id, fund_id);
      const notices = issuedNotices(context);
      const sum = notices.reduce((total, { call_amount }) => total + call_amount, 0n);
      return call === null || notices.length === 0 || sum === totalOf(call)
        ? null
        : { field: 'call_id', message: `notices add up to ${formatMoney(sum)}, not to ${formatMoney(totalOf(call))}` };
    },
  }),
  rule({
    name: 'short-notice',
    description: 'Investors have 10 business days (Fedwire) to pay, or as many as a CAPITAL_CALL term of the fund says.',
    severity: 'WARNING',
    commands: ['DraftCapitalCall', 'IssueCapitalCall'],
    check: (command, context) => {
      if ('call_date' in command) return shortNotice(context, command.fund_id, command.call_date, command.due_date);
      const call = callFor(context, command.call_id, command.fund_id);
      return call === null ? null : shortNotice(context, command.fund_id, call.callDate, call.dueDate);
    },
  }),
  rule({
    name: 'call-finished',
    description: 'A call that is settled or cancelled is not cancelled.',
    severity: 'ERROR',
    commands: ['CancelCapitalCall'],
    check: ({ call_id, fund_id }, context) => {
      const status = callFor(context, call_id, fund_id)?.status ?? 'DRAFT';
      return status === 'DRAFT' || status === 'ISSUED'
        ? null
        : { field: 'call_id', message: `capital call ${call_id} is ${status}` };
    },
  }),
  rule({
    name: 'call-was-paid',
    description: 'A call on which somebody has paid is not cancelled; reverse the payments first.',
    severity: 'ERROR',
    commands: ['CancelCapitalCall'],
    check: ({ call_id, fund_id }, context) => {
      const paid = callFor(context, call_id, fund_id)?.paid ?? 0n;
      return paid === 0n
        ? null
        : { field: 'call_id', message: `${formatMoney(paid)} was paid on capital call ${call_id}; reverse the payments first` };
    },
  }),
  rule({
    name: 'call-not-issued',
    description: 'Only an issued call is settled.',
    severity: 'ERROR',
    commands: ['SettleCapitalCall'],
    check: ({ call_id, fund_id }, context) => {
      const status = callFor(context, call_id, fund_id)?.status ?? 'ISSUED';
      return status === 'ISSUED' ? null : { field: 'call_id', message: `capital call ${call_id} is ${status}, not ISSUED` };
    },
  }),
  rule({
    name: 'unpaid-notices',
    description: 'A call is settled when every notice is paid or overdue; what is overdue then counts as in default.',
    severity: 'ERROR',
    commands: ['SettleCapitalCall'],
    check: ({ call_id, fund_id }, context) => {
      const call = callFor(context, call_id, fund_id);
      const open = [...(call?.notices.values() ?? [])].filter(
        (notice) => outstandingOf(notice) > 0n && notice.status !== 'OVERDUE',
      );
      return call?.status !== 'ISSUED' || open.length === 0
        ? null
        : { field: 'call_id', message: `${open.length} notices of capital call ${call_id} are neither paid nor overdue` };
    },
  }),
];
