// The role api: query API, page and command intake on one port. Here the layers that never import one another meet.
import type { Metrics } from '#platform/observability/metrics.ts';
import type { RunningRole } from '#platform/process/graceful.ts';
import { createApi } from '../api/server.ts';
import { askControl } from './control.ts';
import { bookingPlugins } from './booking.ts';
import type { Context } from './context.ts';

/** Starts the server on the configured address; `metrics` is what /metrics shows. */
export const startApiRole = async (context: Context, metrics: Metrics): Promise<Required<RunningRole>> => {
  const { config, logger } = context;
  const kafka = await context.kafka();
  const booking = await bookingPlugins(context);
  const app = await createApi({
    pool: context.pool(),
    databaseUrl: config.addresses.databaseUrl,
    kafka,
    warehouse: context.warehouse(),
    logger,
    metrics,
    config: { partitions: config.partitions, topicPrefix: config.topicPrefix, cursorSecret: config.cookieSecret },
    plugins: booking.plugins,
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
      await booking.close();
    },
    health: () => booking.health(),
  };
};
