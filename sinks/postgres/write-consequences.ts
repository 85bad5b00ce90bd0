// What follows for rows that an event does not name one by one: all notices of a call, earlier versions of a waterfall, what is left of
// an investment. Each is told by the rows themselves, once per batch, so that it does not matter where batches begin and end.
import type { PoolClient } from 'pg';
import type { Batch, NoticesEnd } from './batch.ts';
import { replaceOnConflict, insertStatement } from './statements.ts';
import { businessDates } from './tables.ts';

const pairsOf = (ends: ReadonlyMap<string, NoticesEnd>): readonly [string[], string[]] => [
  [...ends].flatMap(([id, { except }]) => [...except].map(() => id)),
  [...ends.values()].flatMap(({ except }) => [...except]),
];

/** Settled: what is not paid is in default, but for notices to which something happened afterwards. Cancelled: all of them. */
const endCallNotices = async (client: PoolClient, ends: Batch['callEnds']): Promise<void> => {
  if (ends.size === 0) return;
  const [exceptCalls, exceptNotices] = pairsOf(ends);
  const all = [...ends];
  await client.query(
    `UPDATE capital_call_notices AS n SET notice_status = v.status, updated_at = v.updated_at
       FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS v(call_id, status, updated_at)
      WHERE n.call_id = v.call_id AND (v.status = 'CANCELLED' OR n.paid_amount < n.call_amount)
        AND NOT EXISTS (SELECT FROM unnest($4::uuid[], $5::uuid[]) AS e(call_id, notice_id) WHERE e.call_id = n.call_id AND e.notice_id = n.notice_id)`,
    [
      all.map(([id]) => id),
      all.map(([, { status }]) => status),
      all.map(([, { updatedAt }]) => updatedAt),
      exceptCalls,
      exceptNotices,
    ],
  );
};

/** The day of the last payment that stands, after one was taken back. */
const datePayments = async (client: PoolClient, notices: Batch['reversedNotices']): Promise<void> => {
  if (notices.size === 0) return;
  await client.query(
    `UPDATE capital_call_notices AS n SET payment_date = p.payment_date
       FROM (SELECT v.notice_id, max(p.payment_date) FILTER (WHERE NOT p.is_reversed) AS payment_date
               FROM unnest($1::uuid[]) AS v(notice_id) JOIN capital_call_payments AS p USING (notice_id) GROUP BY v.notice_id) AS p
      WHERE n.notice_id = p.notice_id AND n.payment_date IS DISTINCT FROM p.payment_date`,
    [[...notices]],
  );
};

const endDistributionNotices = async (client: PoolClient, ends: Batch['distributionEnds']): Promise<void> => {
  if (ends.size === 0) return;
  const all = [...ends];
  await client.query(
    `UPDATE distribution_notices AS n SET notice_status = v.status, payment_date = v.payment_date, updated_at = v.updated_at
       FROM unnest($1::uuid[], $2::text[], $3::date[], $4::timestamptz[]) AS v(distribution_id, status, payment_date, updated_at)
      WHERE n.distribution_id = v.distribution_id`,
    [
      all.map(([id]) => id),
      all.map(([, { status }]) => status),
      all.map(([, { paymentDate }]) => paymentDate),
      all.map(([, { updatedAt }]) => updatedAt),
    ],
  );
};

const putEarlierWaterfallsOutOfUse = async (client: PoolClient, funds: Batch['newWaterfalls']): Promise<void> => {
  if (funds.size === 0) return;
  await client.query(
    `UPDATE waterfall_configs AS c SET is_active = false WHERE c.fund_id = ANY($1::uuid[]) AND c.is_active
        AND EXISTS (SELECT FROM waterfall_configs AS later WHERE later.fund_id = c.fund_id
                       AND later.investor_id IS NOT DISTINCT FROM c.investor_id AND later.terms_version > c.terms_version)`,
    [[...funds]],
  );
};

/** Events of investments count by their dates: what is left and what it is worth follows from all of them. */
const weighInvestments = async (client: PoolClient, investments: Batch['movedInvestments']): Promise<void> => {
  if (investments.size === 0) return;
  await client.query(
    `UPDATE investments AS i SET remaining_cost = f.remaining_cost, current_fair_value = f.current_fair_value,
            valuation_method = f.valuation_method, last_valuation_date = f.last_valuation_date
       FROM unnest($1::uuid[]) AS v(investment_id), LATERAL investment_figures(v.investment_id, ${2 ** 31 - 1}) AS f
      WHERE i.investment_id = v.investment_id`,
    [[...investments]],
  );
};

/** Business dates, with the months of cash flows up to three beyond them. */
const advance = async (client: PoolClient, dates: Batch['businessDates']): Promise<void> => {
  if (dates.size === 0) return;
  const all = [...dates.values()];
  const statement = insertStatement(
    businessDates,
    all.map(({ row }) => row),
    replaceOnConflict(businessDates, ['partition']),
  );
  await client.query({ ...statement, values: [...statement.values] });
  await client.query(
    `SELECT create_monthly_partitions('cash_flows', span.first, (span.last + interval '3 months')::date)
       FROM (SELECT min(v.first) AS first, max(v.last) AS last FROM unnest($1::date[], $2::date[]) AS v(first, last)) AS span`,
    [all.map(({ from }) => from), all.map(({ to }) => to)],
  );
};

/** Writes what follows from the changes of a batch; after its rows. */
export const writeConsequences = async (client: PoolClient, batch: Batch): Promise<void> => {
  await endCallNotices(client, batch.callEnds);
  await datePayments(client, batch.reversedNotices);
  await endDistributionNotices(client, batch.distributionEnds);
  await putEarlierWaterfallsOutOfUse(client, batch.newWaterfalls);
  await weighInvestments(client, batch.movedInvestments);
  await advance(client, batch.businessDates);
};
