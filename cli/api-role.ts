// The role api: query API, page and command intake on one port. Here the layers that never import one another meet.
import type { Metrics } from '#platform/observability/metrics.ts';
import type { RunningRole } from '#platform/process/graceful.ts';
import { topicName } from '#schemas/topics.ts';
import { createApi } from '../api/server.ts';
import { askControl, roleDetail } from './control.ts';
import { bookingPlugins } from './booking.ts';
import type { Context } from './context.ts';
import { followLetters } from './dead-letters/box.ts';
import { readLag } from './lag.ts';

const countEveryMs = 15_000;

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
  const openLetters = metrics.gauge({
    name: 'dead_letters_open',
    help: 'Dead letters that wait for a decision (stratcap dlq list).',
  });
  const letters = followLetters(kafka, topicName(config.topicPrefix, 'dead-letters'));
  const countLetters = shared(async () => {
    const counted = await letters.count();
    openLetters.set(counted.open);
    return counted;
  });
  // For whoever watches the metrics and opens no page.
  const counting = setInterval(() => void countLetters().catch(() => undefined), countEveryMs).unref();
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
    deadLetters: countLetters,
    roles: async () => {
      const status = await askControl(config.addresses.dataFolder);
      return Object.fromEntries(
        (status?.roles ?? []).map((role) => [
          role.name,
          role.state === 'ready'
            ? { state: 'ready' as const }
            : { state: 'waiting' as const, detail: roleDetail(role.status) ?? role.state },
        ]),
      );
    },
  });
  await app.listen({ host: config.http.host, port: config.http.port });
  return {
    stop: async () => {
      clearInterval(counting);
      await app.close();
      await letters.close();
      await booking.close();
    },
    health: () => booking.health(),
  };
};
