// /healthz, /readyz and /metrics for operators, and GET /v1/status for the page: how each engine and role is, and how far the store lags behind the log.
import { z } from 'zod';
import type { Health } from '#platform/observability/health.ts';
import type { Metrics } from '#platform/observability/metrics.ts';
import type { Api } from '../deps.ts';
import { statusReply } from './status.ts';
import type { StatusReply } from './status.ts';

export interface HealthRouteDeps {
  readonly metrics: Metrics;
  /** What must be ready before this process answers reads. */
  readonly health: Health;
  /** Looks now: readiness is never older than the request. */
  readonly check: () => Promise<void>;
  readonly status: () => Promise<StatusReply>;
}

/** Registers what operators ask. None of it needs a booking right, all of it passes the host check. */
export const registerHealth = (app: Api, deps: HealthRouteDeps): void => {
  const text = { tags: ['operations'] };
  app.get(
    '/healthz',
    { schema: { ...text, summary: 'The process is alive', response: { 200: z.object({ status: z.literal('alive') }) } } },
    async () => ({ status: 'alive' as const }),
  );

  app.get(
    '/readyz',
    { schema: { ...text, summary: 'The process can answer; 503 says what it waits for' } },
    async (_request, reply) => {
      await deps.check();
      const report = deps.health.report();
      return reply
        .code(report.status === 'ready' ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(report);
    },
  );

  app.get('/metrics', { schema: { ...text, summary: 'Prometheus metrics' } }, async (_request, reply) =>
    reply.header('content-type', deps.metrics.contentType).send(await deps.metrics.text()),
  );

  app.get(
    '/v1/status',
    { schema: { ...text, summary: 'Engines, roles and lag', operationId: 'getStatus', response: { 200: statusReply } } },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return deps.status();
    },
  );
};
