// SQL of the commitments with what was taken over and the latest valuation.
import { z } from 'zod';
import type { Snapshot } from '../database.ts';
import { createParameters, dateText, utcText } from '../database.ts';
import type { KeysetOrder } from '../keyset.ts';
import { afterRow, orderBy } from '../keyset.ts';
import { instant, localDate, money, moneyOrUnknown } from '../shapes.ts';

export const commitmentRow = z
  .object({
    commitment_id: z.string(),
    fund_id: z.string(),
    fund_name: z.string(),
    investor_id: z.string(),
    investor_name: z.string(),
    commitment_amount: money,
    currency: z.string(),
    commitment_date: localDate,
    commitment_type: z.string(),
    status: z.string(),
    side_letter_terms: z.unknown(),
    assumed_fields: z.array(z.string()),
    investor_version: z.number().int(),
    investor_kyc_status: z.string(),
    opening_balance_date: localDate.nullable().describe('Date of the position that was taken over; null when none was.'),
    opening_called_amount: moneyOrUnknown,
    opening_distributed_amount: moneyOrUnknown,
    opening_remaining_value: moneyOrUnknown,
    opening_source: z.string().nullable(),
    valuation_date: localDate.nullable(),
    valuation: moneyOrUnknown.describe('Latest recorded net asset value; null when none was recorded.'),
    created_at: instant,
    updated_at: instant,
    version: z.number().int(),
  })
  .meta({ id: 'Commitment' });
export type CommitmentRow = z.output<typeof commitmentRow>;

const select = `
  SELECT c.commitment_id, c.fund_id, f.fund_name, c.investor_id, i.investor_name, c.commitment_amount::text, c.currency, ${dateText('c.commitment_date')} AS commitment_date,
         c.commitment_type, c.status, c.side_letter_terms, c.assumed_fields, c.investor_version, c.investor_kyc_status,
         ${dateText('o.as_of_date')} AS opening_balance_date, o.called_amount::text AS opening_called_amount, o.distributed_amount::text AS opening_distributed_amount,
         o.remaining_value::text AS opening_remaining_value, o.source AS opening_source,
         ${dateText('v.valuation_date')} AS valuation_date, v.remaining_value::text AS valuation,
         ${utcText('c.created_at')} AS created_at, ${utcText('c.updated_at')} AS updated_at, c.version
    FROM commitments c JOIN funds f ON f.fund_id = c.fund_id JOIN investors i ON i.investor_id = c.investor_id
    LEFT JOIN LATERAL (SELECT * FROM opening_balances b WHERE b.commitment_id = c.commitment_id ORDER BY b.event_version DESC LIMIT 1) o ON true
    LEFT JOIN LATERAL (SELECT * FROM valuations w WHERE w.commitment_id = c.commitment_id ORDER BY w.valuation_date DESC, w.event_version DESC LIMIT 1) v ON true`;

export interface CommitmentListQuestion {
  readonly fund_id?: string | undefined;
  readonly investor_id?: string | undefined;
  readonly status?: string | undefined;
  readonly limit: number;
  readonly after: readonly (string | number | null)[] | null;
}

/** One page of commitments, latest pledge first, and one row more. */
export const listCommitments = (snapshot: Snapshot, question: CommitmentListQuestion): Promise<readonly CommitmentRow[]> => {
  const { add, values } = createParameters();
  const order: KeysetOrder = { column: 'c.commitment_date', type: 'date', direction: 'desc', id: 'c.commitment_id' };
  const found: string[] = [];
  if (question.fund_id !== undefined) found.push(`c.fund_id = ${add(question.fund_id)}`);
  if (question.investor_id !== undefined) found.push(`c.investor_id = ${add(question.investor_id)}`);
  if (question.status !== undefined) found.push(`c.status = ${add(question.status)}`);
  if (question.after !== null) found.push(afterRow(order, question.after, add));
  return snapshot.rows(
    commitmentRow,
    `${select} ${found.length === 0 ? '' : `WHERE ${found.join(' AND ')}`} ORDER BY ${orderBy(order)} LIMIT ${add(question.limit + 1)}`,
    values,
  );
};

/** One commitment, or null. */
export const commitmentById = (snapshot: Snapshot, commitmentId: string): Promise<CommitmentRow | null> =>
  snapshot.row(commitmentRow, `${select} WHERE c.commitment_id = $1`, [commitmentId]);
