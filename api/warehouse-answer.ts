// Answers from the warehouse: what was known at a moment stands in its history tables. The position is that of its watermark, read before
// the figures, so that the answer contains at least that much.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Warehouse } from '#platform/clickhouse/client.ts';
import type { AnswerOptions } from './answer.ts';
import { etagOf } from './answer.ts';
import type { Reached, Source } from './position/reached.ts';
import { positionRow, reachedBy, sources } from './position/reached.ts';
import { parsePosition, waitForPosition } from './position/wait.ts';
import { ProblemError } from './problems.ts';
import type { Meta } from './shapes.ts';

/** What the API asks the warehouse. */
export type WarehouseReads = Pick<Warehouse, 'ping' | 'query'>;

export interface WarehouseAnswerDeps {
  readonly warehouse: WarehouseReads | null;
  /** Partition count of the log. */
  readonly partitions: number;
}

const watermarkSql = `SELECT source, topic_id, epoch, partition, next_offset,
    if(isNull(recorded_at), NULL, concat(formatDateTime(assumeNotNull(recorded_at), '%Y-%m-%dT%H:%i:%S.%f', 'UTC'), 'Z')) AS recorded_at
  FROM watermark FINAL
  WHERE generation = (SELECT max(generation) FROM sink_generation) AND source IN ({sources:Array(String)}) AND (kind = 'true_for' OR source = 'events')`;

const readReached = async (warehouse: WarehouseReads, wanted: readonly Source[], partitions: number): Promise<Reached> => {
  const rows = await warehouse.query(watermarkSql, { sources: [...sources] });
  return reachedBy(
    rows.map((row) => positionRow.parse(row)),
    wanted,
    partitions,
  );
};

const isTimeout = (error: unknown): boolean =>
  error !== null && typeof error === 'object' && 'code' in error && String(error.code) === '159';

/** A failure of the warehouse as a problem; a problem and a defect stay what they are. */
const asProblem = (error: unknown): unknown => {
  if (error instanceof ProblemError || error instanceof z.ZodError) return error;
  return isTimeout(error)
    ? new ProblemError(
        'store-timeout',
        'ClickHouse stopped the query at its time limit. Try again when the system is less busy.',
        {},
        { cause: error },
      )
    : new ProblemError(
        'store-unavailable',
        'ClickHouse, which knows what was known at a moment, does not answer. Ask without known_at, or try again; `stratcap status` says what is down.',
        {},
        { cause: error },
      );
};

/** Answers a read from the warehouse, with position, ETag and wait_for as `answer` has them. */
export const answerFromWarehouse = async <Body extends object>(
  { warehouse, partitions }: WarehouseAnswerDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  options: Pick<AnswerOptions<Body>, 'sources' | 'wait'> & {
    readonly body: (warehouse: WarehouseReads) => ReturnType<AnswerOptions<Body>['body']>;
  },
): Promise<(Body & { meta: Meta }) | undefined> => {
  if (warehouse === null)
    throw new ProblemError(
      'store-unavailable',
      'This API has no warehouse, which knows what was known at a moment. Ask without known_at.',
    );
  try {
    const reached = (): Promise<Reached> => readReached(warehouse, options.sources, partitions);
    if (options.wait.wait_for !== undefined)
      await waitForPosition(
        {
          reached,
          nextChange: (timeoutMs) =>
            new Promise((resolve) => {
              setTimeout(resolve, timeoutMs);
            }),
          nowMs: () => performance.now(),
        },
        parsePosition(options.wait.wait_for),
        options.wait.wait_timeout_ms,
      );
    const { position, token, known_at } = await reached();
    const etag = etagOf(request.url, token);
    reply.header('etag', etag).header('cache-control', 'private, no-cache').header('vary', 'Accept, Accept-Encoding');
    if (request.headers['if-none-match'] === etag) {
      reply.code(304).send();
      return undefined;
    }
    const { data, dates } = await options.body(warehouse);
    return {
      ...data,
      meta: {
        position: token,
        offsets: position?.offsets.map(String) ?? [],
        known_at,
        as_of_date: dates?.last ?? null,
        earliest_as_of_date: dates?.first ?? null,
      },
    };
  } catch (error) {
    throw asProblem(error);
  }
};
