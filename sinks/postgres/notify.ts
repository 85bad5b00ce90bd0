// Tells listeners of Postgres what changed, in the transaction that changes it: the page and the query API wake up by it.
import type { PoolClient } from 'pg';
import type { Source } from './positions.ts';

/** Channel of LISTEN. */
export const changesChannel = 'stratcap_changes';

/** Postgres refuses payloads of 8,000 bytes. */
const payloadBytesMax = 7_000;

/** What one transaction changed in one partition of one source. */
export interface ChangeNotice {
  readonly source: Source;
  readonly partition: number;
  readonly nextOffset: bigint;
  readonly funds: ReadonlySet<string>;
  readonly investors: ReadonlySet<string>;
}

/** JSON of a notice: {funds, investors, partition, next_offset, source}, or {all: true, …} when it would be too long. */
export const noticePayload = (notice: ChangeNotice): string => {
  const place = { partition: notice.partition, next_offset: String(notice.nextOffset), source: notice.source };
  const everything = JSON.stringify({ all: true, ...place });
  if ((notice.funds.size + notice.investors.size) * 39 > payloadBytesMax) return everything;
  const named = JSON.stringify({ funds: [...notice.funds], investors: [...notice.investors], ...place });
  return named.length > payloadBytesMax ? everything : named;
};

/** Sends the notices; they reach listeners when the transaction commits. */
export const sendNotices = async (client: PoolClient, notices: readonly ChangeNotice[]): Promise<void> => {
  if (notices.length === 0) return;
  await client.query({
    name: 'notify changes',
    text: 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload',
    values: [changesChannel, notices.map(noticePayload)],
  });
};
