// SQL of the findings by keyset, latest first.
import type { Snapshot } from '../database.ts';
import { createParameters } from '../database.ts';
import type { Finding } from './columns.ts';
import { finding, findingColumns } from './columns.ts';

export interface FindingQuestion {
  readonly rule?: string | undefined;
  readonly severity?: string | undefined;
  readonly fund_id?: string | undefined;
  readonly investor_id?: string | undefined;
  readonly commitment_id?: string | undefined;
  readonly limit: number;
  readonly after: readonly (string | number | null)[] | null;
}

/** One page of findings and one row more; ties of an instant by event and number. */
export const listFindings = (snapshot: Snapshot, question: FindingQuestion): Promise<readonly Finding[]> => {
  const { add, values } = createParameters();
  const found: string[] = [];
  for (const name of ['rule', 'severity', 'fund_id', 'investor_id', 'commitment_id'] as const) {
    if (question[name] !== undefined) found.push(`n.${name} = ${add(question[name])}`);
  }
  if (question.after !== null) {
    const [recordedAt = null, eventId = null, number = null] = question.after;
    const at = `${add(recordedAt)}::timestamptz`;
    found.push(
      `(n.recorded_at < ${at} OR (n.recorded_at = ${at} AND (n.event_id, n.finding_number) > (${add(eventId)}::uuid, ${add(number)}::int)))`,
    );
  }
  return snapshot.rows(
    finding,
    `SELECT ${findingColumns('n')} FROM findings n ${found.length === 0 ? '' : `WHERE ${found.join(' AND ')}`}
    ORDER BY n.recorded_at DESC, n.event_id, n.finding_number LIMIT ${add(question.limit + 1)}`,
    values,
  );
};
