// One road for every read: wait for a position if asked, open one snapshot, compare the ETag of its position, and only then query.
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import type { Snapshot } from './database.ts';
import { snapshotOf } from './database.ts';
import type { Reached, Source } from './position/reached.ts';
import { positionRow, positionsSql, reachedBy } from './position/reached.ts';
import { parsePosition, waitForPosition } from './position/wait.ts';
import type { Meta } from './shapes.ts';

export interface AnswerDeps {
  readonly pool: Pool;
  /** Partition count of the log. */
  readonly partitions: number;
  readonly nextChange: (timeoutMs: number) => Promise<void>;
}

export interface AnswerOptions<Body> {
  /** What the answer is drawn from: its position is the lower one of these. */
  readonly sources: readonly Source[];
  readonly wait: { readonly wait_for?: string | undefined; readonly wait_timeout_ms: number };
  /** Makes the body without its meta, and the dates of its figures. */
  readonly body: (
    snapshot: Snapshot,
    reached: Reached,
  ) => Promise<{ readonly data: Body; readonly dates?: { readonly first: string | null; readonly last: string | null } }>;
}

const reachedNow = async (snapshot: Snapshot, sources: readonly Source[], partitions: number): Promise<Reached> =>
  reachedBy(await snapshot.rows(positionRow, positionsSql), sources, partitions);

/** How far `sources` have come, by a statement of its own. */
export const readReached = async (
  deps: Pick<AnswerDeps, 'pool' | 'partitions'>,
  sources: readonly Source[],
): Promise<Reached> => {
  const client = await deps.pool.connect();
  try {
    return await reachedNow(snapshotOf(client), sources, deps.partitions);
  } finally {
    client.release();
  }
};

/** Strong validator: the same question at the same position has the same answer. */
export const etagOf = (url: string, token: string | null): string =>
  `"${createHash('sha256')
    .update(`${token ?? ''} ${url}`)
    .digest('base64url')
    .slice(0, 27)}"`;

/** Runs reads in one read-only snapshot of the store. */
export const inSnapshot = async <Result>(pool: Pool, work: (snapshot: Snapshot) => Promise<Result>): Promise<Result> => {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const result = await work(snapshotOf(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection whose rollback fails is dropped, never handed to the next request.
    await client.query('ROLLBACK').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
};

/**
 * Answers a read. 304 when the client has the answer of this very position; the query is not run then.
 * The reply is the body with `meta`: position, known_at and the dates of its figures.
 */
export const answer = async <Body extends object>(
  deps: AnswerDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  options: AnswerOptions<Body>,
): Promise<(Body & { meta: Meta }) | undefined> => {
  if (options.wait.wait_for !== undefined) {
    await waitForPosition(
      { reached: () => readReached(deps, options.sources), nextChange: deps.nextChange, nowMs: () => performance.now() },
      parsePosition(options.wait.wait_for),
      options.wait.wait_timeout_ms,
    );
  }
  const result = await inSnapshot(deps.pool, async (snapshot) => {
    const reached = await reachedNow(snapshot, options.sources, deps.partitions);
    const etag = etagOf(request.url, reached.token);
    reply.header('etag', etag).header('cache-control', 'private, no-cache').header('vary', 'Accept, Accept-Encoding');
    if (request.headers['if-none-match'] === etag) return null;
    const { data, dates } = await options.body(snapshot, reached);
    return {
      ...data,
      meta: {
        position: reached.token,
        offsets: reached.position?.offsets.map(String) ?? [],
        known_at: reached.known_at,
        as_of_date: dates?.last ?? null,
        earliest_as_of_date: dates?.first ?? null,
      },
    };
  });
  if (result === null) {
    reply.code(304).send();
    return undefined;
  }
  return result;
};
