// What was previewed is booked only while the state that it was decided on still stands.
import type { Uuid } from '../messages.ts';
import { rule, type Rule } from './rule.ts';
import type { LedgerState } from './state.ts';

/** Names the state of a fund: its id and the number of its events. Null when there is no such fund. */
export const previewBasis = (state: LedgerState, fundId: Uuid): string | null => {
  const fund = state.funds.get(fundId);
  return fund === undefined ? null : `${fundId}:${fund.events}`;
};

export const previewRules: readonly Rule[] = [
  rule({
    name: 'preview-state-moved',
    description: 'A booking that names the basis of a preview finds the fund as the preview found it.',
    severity: 'ERROR',
    commands: ['IssueCapitalCall', 'DeclareDistribution'],
    check: ({ preview_basis, fund_id }, { state }) => {
      const current = previewBasis(state, fund_id);
      return preview_basis === null || current === null || preview_basis === current
        ? null
        : {
            field: 'preview_basis',
            message: `preview_basis ${preview_basis} is past: fund ${fund_id} stands at ${current}; preview again and decide anew`,
          };
    },
  }),
];
