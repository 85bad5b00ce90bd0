// SQL of the audit trail: who did what to which entity, latest first.
import { z } from 'zod';
import type { Snapshot } from '../database.ts';
import { createParameters, dateText, utcText } from '../database.ts';
import type { KeysetOrder } from '../keyset.ts';
import { afterRow, orderBy } from '../keyset.ts';
import { instant, localDate } from '../shapes.ts';

export const auditRow = z
  .object({
    audit_id: z.string(),
    entity_type: z.string(),
    entity_id: z.string(),
    action_type: z.string(),
    event_type: z.string(),
    user_id: z.string(),
    user_role: z.string(),
    channel: z.string(),
    ip_address: z.string().nullable(),
    user_agent: z.string().nullable(),
    session_id: z.string().nullable(),
    field_changes: z
      .array(z.object({ field: z.string(), old_value: z.string().nullable(), new_value: z.string().nullable() }))
      .nullable(),
    reason: z.string().nullable(),
    recorded_at: instant,
    effective_date: localDate,
    correlation_id: z.string(),
    causation_id: z.string(),
    data_classification: z.string(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditRow = z.output<typeof auditRow>;

export interface AuditQuestion {
  readonly entity_type?: string | undefined;
  readonly entity_id?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  readonly after: readonly (string | number | null)[] | null;
}

/** One page of audit entries and one row more. `from` and `to` are days of recording in UTC, both inclusive. */
export const listAudit = (snapshot: Snapshot, question: AuditQuestion): Promise<readonly AuditRow[]> => {
  const { add, values } = createParameters();
  const order: KeysetOrder = { column: 't."timestamp"', type: 'timestamptz', direction: 'desc', id: 't.audit_id' };
  const found: string[] = [];
  if (question.entity_type !== undefined) found.push(`t.entity_type = ${add(question.entity_type)}`);
  if (question.entity_id !== undefined) found.push(`t.entity_id = ${add(question.entity_id)}`);
  if (question.from !== undefined) found.push(`t."timestamp" >= ${add(question.from)}::date::timestamp AT TIME ZONE 'UTC'`);
  if (question.to !== undefined) found.push(`t."timestamp" < (${add(question.to)}::date + 1)::timestamp AT TIME ZONE 'UTC'`);
  if (question.after !== null) found.push(afterRow(order, question.after, add));
  return snapshot.rows(
    auditRow,
    `
    SELECT t.audit_id, t.entity_type, t.entity_id, t.action_type, t.event_type, t.user_id, t.user_role, t.channel, host(t.ip_address) AS ip_address, t.user_agent, t.session_id,
           t.field_changes, t.reason, ${utcText('t."timestamp"')} AS recorded_at, ${dateText('t.effective_date')} AS effective_date, t.correlation_id, t.causation_id, t.data_classification
      FROM audit_trail t ${found.length === 0 ? '' : `WHERE ${found.join(' AND ')}`}
     ORDER BY ${orderBy(order)} LIMIT ${add(question.limit + 1)}`,
    values,
  );
};
