// The whole pipeline in one process on an isolation of the shared engines: ledger, all processors of facts, both sinks, intake.
// Each part can be given another codec or processor, so that a fault can be planted in it.
import type { Pool } from 'pg';
import pino from 'pino';
import type { AnyCommand, CommandOutcome } from '#domain/messages.ts';
import { createWarehouse, type Warehouse } from '#platform/clickhouse/client.ts';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { KafkaPort } from '#platform/kafka/port.ts';
import { createMetrics } from '#platform/observability/metrics.ts';
import { createPostgresPool } from '#platform/postgres/pool.ts';
import type { Codec } from '#schemas/codec.ts';
import { loadCodec } from '#schemas/released.ts';
import { topicSpecs } from '#schemas/topics.ts';
import { verify, type VerifyResult } from '../../operations/verify/verify.ts';
import { capitalAccountsProcessor } from '../../processors/capital-accounts/processor.ts';
import { cashFlowsProcessor } from '../../processors/cash-flows/processor.ts';
import { ledgerProcessor, type LedgerTaskState } from '../../processors/ledger/processor.ts';
import { performanceProcessor } from '../../processors/performance/processor.ts';
import { qualityProcessor } from '../../processors/quality/processor.ts';
import { startProcessor } from '../../processors/runtime/runtime.ts';
import type { Processor } from '../../processors/runtime/topology.ts';
import { waterfallsProcessor } from '../../processors/waterfalls/processor.ts';
import { createIntake, type Intake } from '../../producers/commands/intake.ts';
import { migrateStarSchema } from '../../sinks/clickhouse/rebuild.ts';
import { startClickHouseSink } from '../../sinks/clickhouse/sink.ts';
import { migrateOperationalModel } from '../../sinks/postgres/migrations.ts';
import { startPostgresSink } from '../../sinks/postgres/sink.ts';
import { createIsolation, type Isolation } from './stack.ts';

const partitions = 4;
const epoch = 1;

/** What may be replaced to plant a fault. */
export interface PipelineFaults {
  readonly postgresCodec?: Codec;
  readonly clickhouseCodec?: Codec;
  readonly accountsCodec?: Codec;
  readonly flowsCodec?: Codec;
  readonly performanceCodec?: Codec;
  readonly waterfallsCodec?: Codec;
  readonly qualityCodec?: Codec;
  readonly ledger?: Processor<LedgerTaskState>;
}

export interface Pipeline {
  readonly isolation: Isolation;
  readonly kafka: KafkaPort;
  readonly codec: Codec;
  readonly pool: Pool;
  readonly warehouse: Warehouse;
  readonly intake: Intake;
  readonly partitions: number;
  /** Sends commands one after the other and returns their outcomes. */
  book(...commands: readonly AnyCommand[]): Promise<readonly CommandOutcome[]>;
  /** Compares both stores with the log; `waitMs` is how long a store may stand still before the end of the log. */
  verify(waitMs?: number): Promise<VerifyResult>;
  /** Stops the parts; the stores and the log stay. */
  stop(): Promise<void>;
}

/** Starts a pipeline on a fresh isolation, or on one whose log exists already. */
export const startPipeline = async (faults: PipelineFaults = {}, existing?: Isolation): Promise<Pipeline> => {
  const isolation = existing ?? (await createIsolation());
  const { addresses, topicPrefix } = isolation;
  const logger = pino({ level: 'fatal' });
  const codec = loadCodec();
  const kafka = await connectKafka({ brokers: addresses.kafkaBrokers, clientId: 'pipeline-test' });
  const pool = createPostgresPool({
    databaseUrl: addresses.databaseUrl,
    applicationName: 'pipeline-test',
    connectionsMin: 1,
    connectionsMax: 6,
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
  const deps = { kafka, topicPrefix, partitions, logger };
  const ledger = await startProcessor(faults.ledger ?? ledgerProcessor({ codec, partitions }), deps);
  const facts = await Promise.all([
    startProcessor(capitalAccountsProcessor({ codec: faults.accountsCodec ?? codec }), deps),
    startProcessor(cashFlowsProcessor({ codec: faults.flowsCodec ?? codec }), deps),
    startProcessor(performanceProcessor({ codec: faults.performanceCodec ?? codec }), deps),
    startProcessor(waterfallsProcessor({ codec: faults.waterfallsCodec ?? codec }), deps),
    startProcessor(qualityProcessor({ codec: faults.qualityCodec ?? codec }), deps),
  ]);
  const postgres = await startPostgresSink({
    ...deps,
    pool,
    codec: faults.postgresCodec ?? codec,
    epoch,
    metrics: createMetrics('pipeline-test'),
  });
  const clickhouse = await startClickHouseSink({ ...deps, warehouse, codec: faults.clickhouseCodec ?? codec, epoch });
  const intake = await createIntake({ ...deps, codec, epoch });
  return {
    isolation,
    kafka,
    codec,
    pool,
    warehouse,
    intake,
    partitions,
    book: async (...commands) => {
      const outcomes: CommandOutcome[] = [];
      for (const command of commands) {
        const submission = await intake.submit(command, { timeoutMs: 60_000 });
        if (submission.kind === 'pending') throw new Error(`command ${submission.commandId} was not decided in time`);
        outcomes.push(submission.outcome);
      }
      return outcomes;
    },
    verify: async (waitMs = 30_000) => await verify({ kafka, codec, topicPrefix, epoch, pool, warehouse, waitMs }),
    stop: async () => {
      await intake.close();
      await Promise.all([ledger, ...facts, postgres, clickhouse].map(async (part) => await part.stop()));
      await kafka.close();
      await pool.end();
      await warehouse.close();
    },
  };
};
