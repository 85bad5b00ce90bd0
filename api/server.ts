// The query API and the page on one Fastify instance. What may book (command routes, the guard of the page cookie) is passed in as plugins:
// this layer only reads Postgres, and every answer says which position of the log it is true for.
import { randomBytes, randomUUID } from 'node:crypto';
import fastifyHelmet from '@fastify/helmet';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import Fastify, { LogController } from 'fastify';
import type { FastifyPluginAsync, FastifyPluginCallback } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Pool } from 'pg';
import type { KafkaPort } from '#platform/kafka/port.ts';
import { createHealth } from '#platform/observability/health.ts';
import type { HealthPart } from '#platform/observability/health.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { Metrics } from '#platform/observability/metrics.ts';
import { topicName } from '#schemas/topics.ts';
import { readReached } from './answer.ts';
import { registerAudit } from './audit/route.ts';
import { registerCapitalAccounts } from './capital-accounts/route.ts';
import { registerCapitalCalls } from './capital-calls/route.ts';
import { registerCommandOutcome } from './commands/route.ts';
import { registerCommitments } from './commitments/route.ts';
import { followConnections } from './connections.ts';
import { createCursorKeeper } from './cursor.ts';
import type { Api } from './deps.ts';
import { registerDistributions } from './distributions/route.ts';
import { registerEvents } from './events/route.ts';
import { registerFindings } from './findings/route.ts';
import { registerFunds } from './funds/route.ts';
import { installGuard } from './guard.ts';
import { registerHealth } from './health/route.ts';
import { createStatus, probe } from './health/status.ts';
import type { StatusReply } from './health/status.ts';
import { registerInvestments } from './investments/route.ts';
import { registerInvestors } from './investors/route.ts';
import { registerJournal } from './journal/route.ts';
import { createHub } from './live/hub.ts';
import { startListener } from './live/listener.ts';
import { registerLive } from './live/route.ts';
import { pageDocument, registerPage } from './page/serve.ts';
import { registerPosition } from './position/route.ts';
import { installProblems } from './problems.ts';
import { registerPerformance } from './performance/route.ts';
import { registerQuality } from './quality/route.ts';
import { registerReferenceData } from './reference-data/route.ts';
import { problem } from './shapes.ts';
import { registerTerms } from './terms/route.ts';
import { registerWhatIf } from './what-if/route.ts';
import type { WarehouseReads } from './warehouse-answer.ts';

export interface ApiConfig {
  /** Partition count of the log. */
  readonly partitions: number;
  readonly topicPrefix: string;
  /** Host names besides the loopback ones. */
  readonly hosts?: readonly string[];
  /** Signs cursors; without it they end with the process. */
  readonly cursorSecret?: string;
  /** How long changes are gathered after one was told to the pages; 100 unless given. */
  readonly gatherMs?: number;
  /** How often an open live line is kept awake; 15,000 unless given. */
  readonly heartbeatMs?: number;
}

export interface ApiDeps {
  /** Rows as platform/postgres/pool.ts gives them. It is not ended with the API. */
  readonly pool: Pool;
  /** Connection string of the same database for the one LISTEN connection; never logged. */
  readonly databaseUrl: string;
  readonly config: ApiConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Asked for the end of the log and its health. */
  readonly kafka?: KafkaPort;
  /** Answers what was known at a moment, and is asked whether it is there. */
  readonly warehouse?: WarehouseReads;
  /** The roles of the deployment as their supervisor sees them. */
  readonly roles?: () => Promise<Readonly<Record<string, HealthPart>>>;
  /** How far every role is behind the log. */
  readonly roleLags?: () => Promise<StatusReply['role_lags']>;
  /** Open dead letters. */
  readonly deadLetters?: () => Promise<NonNullable<StatusReply['dead_letters']>>;
  /** Command intake and its guard, registered before the page so that their hooks see it. */
  readonly plugins?: readonly (FastifyPluginAsync | FastifyPluginCallback)[];
}

const contentPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  fontSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

/** Every read may end in a problem: the document says so once, and no serializer touches the text of a problem. */
const withProblems: typeof jsonSchemaTransform = (input) => {
  const response = input.schema?.response as Record<string, unknown> | undefined;
  if (response === undefined || !input.url.startsWith('/v1/')) return jsonSchemaTransform(input);
  return jsonSchemaTransform({
    ...input,
    schema: { ...input.schema, response: { ...response, '4xx': problem, '5xx': problem } },
  });
};

/** The API, ready to listen. Closing it ends the live lines and the LISTEN connection, and lets running answers finish. */
export const createApi = async (deps: ApiDeps): Promise<Api> => {
  const { pool, config, logger } = deps;
  const app: Api = Fastify({
    loggerInstance: logger,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    bodyLimit: 1_048_576,
    trustProxy: false,
  }).withTypeProvider<ZodTypeProvider>() as unknown as Api;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  const seconds = deps.metrics.histogram({
    name: 'http_request_seconds',
    help: 'Time to answer, by route and status.',
    labels: ['method', 'route', 'status'],
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    request.log.debug({ method: request.method, route, status: reply.statusCode, ms: reply.elapsedTime }, 'answered');
  });
  installGuard(app as never, { hosts: config.hosts ?? [] });
  installProblems(app as never, await pageDocument());
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentPolicy },
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
  });
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'StratCap query API',
        version: '1',
        description:
          'Reads of the operational model. Money is decimal text, null is unknown, and `meta.position` is the position of the log that an answer is true for.',
      },
    },
    transform: withProblems,
    transformObject: jsonSchemaTransformObject,
  });

  const both = ['events', 'capital-accounts'] as const;
  const position = async (): Promise<string | null> => (await readReached({ pool, partitions: config.partitions }, both)).token;
  const hub = createHub({
    run: randomBytes(6).toString('base64url'),
    position,
    gatherMs: config.gatherMs ?? 100,
    onError: (err) => {
      logger.warn({ err }, 'a change could not be told to the pages');
    },
  });
  const listener = startListener({ connectionString: deps.databaseUrl }, logger, {
    onPayload: hub.heard,
    onConnected: hub.missed,
  });
  const cutConnections = followConnections(app.server);
  app.addHook('preClose', async () => {
    cutConnections();
  });
  app.addHook('onClose', async () => {
    hub.stop();
    await listener.stop();
  });

  const health = createHealth(['postgres', 'live updates']);
  const check = async (): Promise<void> => {
    health.set('postgres', await probe('Postgres', () => pool.query('SELECT 1 FROM positions LIMIT 1')));
    health.set(
      'live updates',
      listener.connected()
        ? { state: 'ready' }
        : { state: 'waiting', detail: 'The line on which Postgres tells changes is down; pages are not told.' },
    );
  };
  const status = createStatus({
    ...deps,
    partitions: config.partitions,
    eventsTopic: topicName(config.topicPrefix, 'events'),
    liveReaders: hub.readers,
  });

  const routeDeps = {
    pool,
    partitions: config.partitions,
    warehouse: deps.warehouse ?? null,
    nextChange: hub.nextChange,
    cursors: createCursorKeeper(config.cursorSecret ?? randomBytes(32).toString('hex')),
  };
  for (const plugin of deps.plugins ?? []) await app.register(plugin as FastifyPluginAsync);
  registerHealth(app, { metrics: deps.metrics, health, check, status });
  for (const register of [
    registerFunds,
    registerInvestors,
    registerCommitments,
    registerCapitalAccounts,
    registerEvents,
    registerAudit,
    registerCommandOutcome,
    registerFindings,
    registerPosition,
    registerCapitalCalls,
    registerDistributions,
    registerInvestments,
    registerTerms,
    registerJournal,
    registerPerformance,
    registerQuality,
    registerReferenceData,
    registerWhatIf,
  ])
    register(app, routeDeps);
  registerLive(app as never, { hub, position, heartbeatMs: config.heartbeatMs ?? 15_000 });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    theme: { title: 'StratCap API' },
    uiConfig: { layout: 'BaseLayout', validatorUrl: null },
    transformStaticCSP: () =>
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await registerPage(app as never);
  return app;
};
