// The business date of a partition: it moves forward by command alone, and what follows from it follows from nothing else.
import type { CommandByType, EventByType } from '../messages.ts';
import { outstandingOf } from './capital-call-notice.ts';
import { draft, type DraftEvent } from './decision.ts';
import { rule, type Rule, type RuleContext } from './rule.ts';
import type { LedgerState } from './state.ts';
import { clockId } from './target.ts';

export const clockRules: readonly Rule[] = [
  rule({
    name: 'business-date-not-after',
    description: 'Business dates move forward only.',
    severity: 'ERROR',
    commands: ['AdvanceBusinessDate'],
    check: ({ business_date }, { state }) =>
      state.businessDate === null || business_date > state.businessDate
        ? null
        : { field: 'business_date', message: `business_date ${business_date} is not after ${state.businessDate}` },
  }),
];

/** The day, then for every issued call the notices that became overdue: due before the day and not paid. */
export const decideAdvanceBusinessDate = (
  { business_date, partition }: CommandByType['AdvanceBusinessDate'],
  { state }: RuleContext,
): readonly DraftEvent[] => {
  const overdue = [...state.calls].flatMap(([call_id, call]) => {
    if (call.status !== 'ISSUED' || call.dueDate >= business_date) return [];
    const notice_ids = [...call.notices]
      .filter(([, notice]) => outstandingOf(notice) > 0n && notice.status !== 'OVERDUE')
      .map(([id]) => id);
    if (notice_ids.length === 0) return [];
    return [
      draft(
        'CapitalCallNoticesOverdue',
        'CAPITAL_CALL',
        { id: call_id, version: call.version + 1, on: business_date },
        { call_id, fund_id: call.fundId, notice_ids, business_date },
      ),
    ];
  });
  const at = { id: clockId(partition), version: state.clockVersion + 1, on: business_date };
  return [
    draft('BusinessDateAdvanced', 'REFERENCE', at, { business_date, previous_date: state.businessDate, partition }),
    ...overdue,
  ];
};

export const foldBusinessDateAdvanced = (state: LedgerState, value: EventByType['BusinessDateAdvanced']): void => {
  state.businessDate = value.business_date;
  state.clockVersion = value.envelope.event_version;
};
