// The role api: query API, page and command intake on one port. Here the layers that never import one another meet.
import type { Metrics } from '#platform/observability/metrics.ts';
import type { RunningRole } from '#platform/process/graceful.ts';
import { topicName } from '#schemas/topics.ts';
import { createApi } from '../api/server.ts';
import { askControl } from './control.ts';
import { bookingPlugins } from './booking.ts';
import type { Context } from './context.ts';
import { followLetters } from './dead-letters/box.ts';
import { readLag } from './lag.ts';

/** One answer for everybody who asks within a second: many pages may be open. */
const shared = <Answer>(ask: () => Promise<Answer>): (() => Promise<Answer>) => {
  let askedAt = Number.NEGATIVE_INFINITY;
  let answer: Promise<Answer> | null = null;
  return () => {
    if (answer === null || performance.now() - askedAt > 1_000) {
      askedAt = performance.now();
      answer = ask();
    }
    return answer;
  };
};

/** Starts the server on the configured address; `metrics` is what /metrics shows. */
export const startApiRole = async (context: Context, metrics: Metrics): Promise<Required<RunningRole>> => {
  const { config, logger } = context;
  const kafka = await context.kafka();
  const booking = await bookingPlugins(context);
  const letters = followLetters(kafka, topicName(config.topicPrefix, 'dead-letters'));
  const app = await createApi({
    pool: context.pool(),
    databaseUrl: config.addresses.databaseUrl,
    kafka,
    warehouse: context.warehouse(),
    logger,
    metrics,
    config: { partitions: config.partitions, topicPrefix: config.topicPrefix, cursorSecret: config.cookieSecret },
    plugins: booking.plugins,
    roleLags: shared(async () => [...(await readLag(context)).roles]),
    deadLetters: shared(() => letters.count()),
    roles: async () => {
      const status = await askControl(config.addresses.dataFolder);
      return Object.fromEntries(
        (status?.roles ?? []).map((role) => [
          role.name,
          role.state === 'ready' ? { state: 'ready' as const } : { state: 'waiting' as const, detail: role.state },
        ]),
      );
    },
  });
  await app.listen({ host: config.http.host, port: config.http.port });
  return {
    stop: async () => {
      await app.close();
      await letters.close();
      await booking.close();
    },
    health: () => booking.health(),
  };
};
