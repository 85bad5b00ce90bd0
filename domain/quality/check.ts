// What a check of the data says about one subject (spec 7.3).
import type { Severity, Uuid } from '../messages.ts';

export type CheckName =
  | 'COMMITMENT_CONSISTENCY'
  | 'CAPITAL_CALL_RECONCILIATION'
  | 'DISTRIBUTION_RECONCILIATION'
  | 'NAV_ROLL'
  | 'DUPLICATE_RECORDS'
  | 'ORPHANED_RECORDS';

/** Whether a check holds for a subject, with both values when it does not. */
export interface CheckResult {
  readonly check: CheckName;
  readonly fundId: Uuid | null;
  readonly subjectId: Uuid;
  readonly severity: Exclude<Severity, 'UNKNOWN'>;
  readonly holds: boolean;
  readonly message: string;
  readonly expected: string | null;
  readonly actual: string | null;
}
