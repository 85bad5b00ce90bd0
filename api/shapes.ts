// Shapes that several replies share: money as decimal text, the position and dates that every answer is true for, and the parameters of every read.
import { z } from 'zod';

/** Money: decimal text with two digits, never a number; the currency stands beside it. */
export const money = z
  .string()
  .regex(/^-?\d+\.\d{2}$/)
  .describe('Decimal with two digits, in the currency beside it.');
/** Money that may be unknown. */
export const moneyOrUnknown = money.nullable().describe('Decimal with two digits; null is unknown.');
/** A multiple with ten decimals, null where it is undefined or a part is unknown. */
export const multiple = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .nullable()
  .describe('Decimal; null is undefined or unknown.');
export const uuid = z
  .string()
  .regex(
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    'must be a uuid in lower case, for example 2f1c1f1e-6c53-5c3a-8b1e-0a4f3a1d9a10',
  );
export const localDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .describe('ISO date.');
export const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/)
  .describe('UTC, microseconds.');

/** What an answer is true for. */
export const meta = z
  .object({
    position: z
      .string()
      .nullable()
      .describe(
        'Everything before this position of the log is contained. Opaque: hand it back as wait_for. Null while nothing was booked.',
      ),
    offsets: z
      .array(z.string())
      .describe('The same for people: offset of events per partition before which everything is contained.'),
    known_at: instant.nullable().describe('When the latest event that is contained was recorded.'),
    as_of_date: localDate.nullable().describe('Latest effective date of the figures in the reply; null when it has none.'),
    earliest_as_of_date: localDate
      .nullable()
      .describe(
        'Earliest date up to which a figure in the reply is known; other than as_of_date when totals run over different dates.',
      ),
  })
  .meta({ id: 'Meta' });
export type Meta = z.output<typeof meta>;

/** The parameters of every read. */
export const waitParameters = {
  wait_for: z.string().min(1).max(2000).optional().describe('Answer only once this position is contained.'),
  wait_timeout_ms: z.coerce
    .number()
    .int()
    .min(0)
    .max(30_000)
    .default(5_000)
    .describe('How long to wait for it; then 504 says how far it is.'),
};

/** The parameters of every list. */
export const pageParameters = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().min(1).max(2000).optional().describe('next_cursor of the page before.'),
};

/** The body of every error, for the document. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details, sent as application/problem+json.' });

/** The lowest and highest of dates that may be absent. */
export const dateRange = (dates: readonly (string | null)[]): { readonly first: string | null; readonly last: string | null } => {
  const known = dates.filter((date): date is string => date !== null).sort();
  return { first: known[0] ?? null, last: known.at(-1) ?? null };
};
