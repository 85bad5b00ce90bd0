// What may book, as plugins of the one server: the guard that knows who asks, and the routes of the command intake.
import { randomUUID } from 'node:crypto';
import type { FastifyPluginCallback } from 'fastify';
import { openKeyStore } from '#platform/keys/key-store.ts';
import { bookingGuard } from '../producers/commands/booking-guard.ts';
import { createIntake } from '../producers/commands/intake.ts';
import type { BookedEvent } from '../producers/commands/reused-key.ts';
import { commandRoutes } from '../producers/commands/routes.ts';
import { logEpoch, type Context } from './context.ts';

export interface Booking {
  readonly plugins: readonly FastifyPluginCallback[];
  health(): unknown;
  close(): Promise<void>;
}

/** Wall clock of the intake in microseconds; the only clock that a booking sees. */
export const intakeClock = (): number => Math.floor((performance.timeOrigin + performance.now()) * 1000);

const bookedSql = `SELECT event_type, to_char(effective_date, 'YYYY-MM-DD') AS effective_date, metadata->>'reason' AS reason, event_data
  FROM event_store WHERE causation_id = $1 ORDER BY log_offset`;

/** Opens the intake and its plugins. */
export const bookingPlugins = async (context: Context): Promise<Booking> => {
  const { config, codec, logger } = context;
  const intake = await createIntake({
    kafka: await context.kafka(),
    codec,
    topicPrefix: config.topicPrefix,
    partitions: config.partitions,
    epoch: logEpoch,
    logger,
  });
  const keyStore = await openKeyStore({ folder: config.keyStore.path, masterKey: config.keyStore.masterKey });
  const guard: FastifyPluginCallback = Object.assign<FastifyPluginCallback, object>(
    (app, _options, done) =>
      bookingGuard(app, { token: config.addresses.bookingToken, cookieSecret: config.cookieSecret, pagePaths: ['/'] }, done),
    { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'bookingGuard' },
  );
  const routes: FastifyPluginCallback = (app, _options, done) =>
    commandRoutes(
      app,
      {
        intake,
        keyStore,
        clock: intakeClock,
        ids: randomUUID,
        tenantId: config.tenantId,
        readBooked: async (commandId) => (await context.pool().query<BookedEvent>(bookedSql, [commandId])).rows,
      },
      done,
    );
  return { plugins: [guard, routes], health: () => intake.health(), close: async () => await intake.close() };
};
