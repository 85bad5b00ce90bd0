// The whole system in one process on an isolation of the shared engines, for tests of the API over lives of funds: intake over HTTP,
// ledger, processors of facts, both sinks, and the query API on the same server.
import { mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyPluginCallback, LightMyRequestResponse } from 'fastify';
import type { Pool } from 'pg';
import { pino } from 'pino';
import type { AnyCommand, CommandType } from '#domain/messages.ts';
import { openKeyStore } from '#platform/keys/key-store.ts';
import { createLogger } from '#platform/observability/logger.ts';
import { createMetrics } from '#platform/observability/metrics.ts';
import { createPostgresPool } from '#platform/postgres/pool.ts';
import { createWarehouse } from '#platform/clickhouse/client.ts';
import { connectKafka } from '#platform/kafka/connect.ts';
import { capitalAccountsProcessor } from '#processors/capital-accounts/processor.ts';
import { cashFlowsProcessor } from '#processors/cash-flows/processor.ts';
import { ledgerProcessor } from '#processors/ledger/processor.ts';
import { performanceProcessor } from '#processors/performance/processor.ts';
import { qualityProcessor } from '#processors/quality/processor.ts';
import { startProcessor } from '#processors/runtime/runtime.ts';
import { waterfallsProcessor } from '#processors/waterfalls/processor.ts';
import { businessDateCommand } from '#producers/business-date-commands.ts';
import { bookingGuard } from '#producers/commands/booking-guard.ts';
import { loadCommandForms } from '#producers/commands/command-form.ts';
import { createIntake } from '#producers/commands/intake.ts';
import { commandRoutes } from '#producers/commands/routes.ts';
import { generate, type GenerateOptions } from '#producers/generator/generate.ts';
import { loadMessageSchemas } from '#schemas/load.ts';
import { encodePosition } from '#schemas/position.ts';
import { loadCodec } from '#schemas/released.ts';
import { topicName, topicSpecs } from '#schemas/topics.ts';
import { migrateStarSchema } from '#sinks/clickhouse/rebuild.ts';
import { startClickHouseSink } from '#sinks/clickhouse/sink.ts';
import { migrateOperationalModel } from '#sinks/postgres/migrations.ts';
import { startPostgresSink } from '#sinks/postgres/sink.ts';
import { createIsolation } from '#tests/support/stack.ts';
import type { Api } from './deps.ts';
import { createApi } from './server.ts';

const tenantId = '00000000-0000-4000-8000-000000000001';
const bookingToken = 'booking-token-of-the-test';
const host = '127.0.0.1:8080';
const partitions = 2;
const epoch = 1;

export interface Reply<Body> {
  readonly status: number;
  readonly body: Body;
}

export interface LiveSystem {
  readonly pool: Pool;
  readonly api: Api;
  /** Books over HTTP. */
  post<Body = Readonly<Record<string, unknown>>>(
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply<Body>>;
  get<Body>(path: string): Promise<Reply<Body>>;
  /** Generates fund lives and books them; resolves to the ids of the funds. */
  bookGenerated(
    options: Pick<GenerateOptions, 'funds' | 'investors' | 'years'> & Partial<GenerateOptions>,
  ): Promise<readonly string[]>;
  /** The end of the log as a position: answers that wait for it contain everything booked so far. */
  end(): Promise<string>;
  stop(): Promise<void>;
}

const toReply = <Body>(response: LightMyRequestResponse): Reply<Body> => ({
  status: response.statusCode,
  body: (response.headers['content-type']?.includes('json') === true ? response.json() : response.body) as Body,
});

/** Starts everything; call `stop` in afterAll. */
export const startLiveSystem = async (): Promise<LiveSystem> => {
  const isolation = await createIsolation();
  const { topicPrefix, addresses } = isolation;
  const codec = loadCodec();
  const kafka = await connectKafka({ brokers: addresses.kafkaBrokers, clientId: 'api-test' });
  const pool = createPostgresPool({
    databaseUrl: addresses.databaseUrl,
    applicationName: 'api-test',
    connectionsMin: 1,
    connectionsMax: 8,
    onIdleError: () => undefined,
  });
  const warehouse = createWarehouse({
    url: addresses.clickhouseUrl,
    ...addresses.clickhouseIngest,
    database: isolation.clickhouseDatabase,
  });
  await Promise.all([
    kafka.admin.ensureTopics(topicSpecs(topicPrefix, partitions)),
    migrateOperationalModel(pool),
    migrateStarSchema(warehouse),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'api-'));
  const keyStore = await openKeyStore({ folder: join(folder, 'keys'), masterKey: '00'.repeat(32) });
  const deps = { kafka, topicPrefix, partitions, logger: pino({ level: 'fatal' }) };
  const parts = [
    await startProcessor(ledgerProcessor({ codec, partitions }), deps),
    await startProcessor(capitalAccountsProcessor({ codec }), deps),
    await startProcessor(cashFlowsProcessor({ codec }), deps),
    await startProcessor(performanceProcessor({ codec }), deps),
    await startProcessor(waterfallsProcessor({ codec }), deps),
    await startProcessor(qualityProcessor({ codec }), deps),
    await startPostgresSink({ ...deps, pool, codec, epoch, metrics: createMetrics('api-test') }),
    await startClickHouseSink({ ...deps, warehouse, codec, epoch }),
  ];
  const intake = await createIntake({ ...deps, codec, epoch });
  const guard: FastifyPluginCallback = Object.assign<FastifyPluginCallback, object>(
    (app, _options, done) => bookingGuard(app, { token: bookingToken, cookieSecret: 'a cookie secret', pagePaths: ['/'] }, done),
    { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'bookingGuard' },
  );
  const clock = (): number => Date.now() * 1000;
  const routes: FastifyPluginCallback = (app, _options, done) =>
    commandRoutes(app, { intake, keyStore, clock, ids: randomUUID, tenantId, timeoutMs: 60_000 }, done);
  const api = await createApi({
    pool,
    databaseUrl: addresses.databaseUrl,
    warehouse,
    logger: createLogger({ role: 'api', level: process.env['STRATCAP_LOG_LEVEL'] ?? 'silent' }),
    metrics: createMetrics('api'),
    config: { partitions, topicPrefix, cursorSecret: 'a secret of this test' },
    plugins: [guard, routes],
  });

  const post: LiveSystem['post'] = async (path, body, headers = {}) =>
    toReply(
      await api.inject({
        method: 'POST',
        url: path,
        headers: { host, authorization: `Bearer ${bookingToken}`, 'content-type': 'application/json', ...headers },
        payload: JSON.stringify(body),
      }),
    );
  const forms = loadCommandForms();
  const commandOf = async (line: string): Promise<readonly AnyCommand[]> => {
    const { type, command_id: commandId, ...body } = JSON.parse(line) as Record<string, unknown>;
    const issuedAt = clock();
    if (type === 'advance-business-date')
      return Array.from({ length: partitions }, (_unused, partition) =>
        businessDateCommand(String(body['business_date']), partition, { tenantId, issuedAt }),
      );
    const read = await forms.get(String(type))?.read(
      body,
      {
        commandId: String(commandId),
        tenantId,
        actor: { user_id: tenantId, user_role: 'test' },
        origin: { channel: 'FILE', ip: null, user_agent: null, session_id: null },
        issuedAt,
        preview: false,
        expectedVersion: null,
      },
      keyStore,
    );
    if (read?.kind !== 'ok') throw new Error(`a generated command does not fit its form: ${JSON.stringify(read)} ${line}`);
    return [read.command];
  };
  const end = async (): Promise<string> => {
    const topic = topicName(topicPrefix, 'events');
    const marks = await kafka.admin.watermarks(topic);
    const offsets = Array.from(
      { length: partitions },
      (_unused, partition) => marks.find((mark) => mark.partition === partition)?.high ?? 0n,
    );
    return encodePosition({ topicId: await kafka.admin.topicId(topic), epoch, offsets });
  };
  return {
    pool,
    api,
    post,
    get: async (path) => toReply(await api.inject({ method: 'GET', url: path, headers: { host } })),
    end,
    bookGenerated: async (options) => {
      const types = [...loadMessageSchemas().values()]
        .filter(({ folder: kind }) => kind === 'commands')
        .map(({ schema }) => String(schema['name']) as CommandType);
      const { lines } = generate(
        { seed: '1', today: '2026-06-30', withLargeFund: false, withSurroundings: false, ...options },
        types,
      );
      const funds: string[] = [];
      let waiting: Promise<unknown>[] = [];
      let wasCommon = false;
      for (const line of lines()) {
        const commands = await commandOf(line);
        // Within a partition commands keep their order; investors may lie in another one than the funds that need them.
        const isCommon = commands.some(({ type }) => /Investor|KycDecision|BankAccount/.test(type));
        if (isCommon !== wasCommon || waiting.length > 500) {
          await Promise.all(waiting);
          waiting = [];
        }
        wasCommon = isCommon;
        for (const command of commands) {
          if (command.type === 'CreateFund') funds.push(command.value.fund.fund_id);
          waiting.push(intake.submit(command, { timeoutMs: 60_000, withPosition: false }));
        }
      }
      await Promise.all(waiting);
      return funds;
    },
    stop: async () => {
      await api.close();
      await intake.close();
      await Promise.all(parts.map((part) => part.stop()));
      await kafka.close();
      await pool.end();
      await warehouse.close();
      await isolation.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
