// A worker process for the kill tests: a ledger and a fold of its events, until it is killed. With a seed it also kills itself in the
// middle of its own commits. Arguments: brokers, topic prefix, partitions, seed (0: never kills itself), worker id.
import { connectKafka } from '#platform/kafka/connect.ts';
import type { KafkaPort } from '#platform/kafka/port.ts';
import { silent } from './runtime-bench.ts';
import { balancesFixture, ledgerFixture } from './positions.ts';
import { startProcessor } from '../runtime.ts';

const [brokers = '', topicPrefix = '', partitionsText = '', seedText = '0', workerId = '0'] = process.argv.slice(2);
const seed = Number(seedText);
process.stdout.write('begun\n');

/** Kills the process some milliseconds after the start of a commit chosen by the seed: before, between or after its requests. */
const deadlyCommits = (kafka: KafkaPort): KafkaPort => {
  let left = 5 + (seed % 23);
  return {
    ...kafka,
    worker: (options) => {
      const worker = kafka.worker(options);
      const commit = worker.commit.bind(worker);
      return Object.assign(worker, {
        commit: (...transaction: Parameters<typeof commit>) => {
          left -= 1;
          if (left === 0) setTimeout(() => process.kill(process.pid, 'SIGKILL'), seed % 9);
          return commit(...transaction);
        },
      });
    },
  };
};

const plain = await connectKafka({ brokers, clientId: 'kill-test' });
const kafka = seed === 0 ? plain : deadlyCommits(plain);
const settings = {
  kafka,
  topicPrefix,
  partitions: Number(partitionsText),
  workerId,
  logger: silent,
  snapshotEvery: 40,
  batchRecordsMax: 20,
  transactionTimeoutMs: 10_000,
};
const processors = [await startProcessor(ledgerFixture, settings), await startProcessor(balancesFixture, settings)];
for (const processor of processors) void processor.failed.then((error) => process.stdout.write(`failed ${error.code}\n`));
let isReady = false;
let held = '';
setInterval(() => {
  if (!isReady && processors.every((processor) => processor.health().ready)) {
    isReady = true;
    process.stdout.write('ready\n');
  }
  const running = (processors[0]?.health().tasks ?? []).filter(({ state }) => state === 'running');
  const now = running.map(({ partition }) => partition).join(',');
  if (now !== held) process.stdout.write(`holds ${now}\n`);
  held = now;
}, 5).unref();
// Ends with the test that started it, whatever becomes of that.
process.stdin.once('close', () => process.exit(1)).resume();
process.once('SIGTERM', () => {
  void Promise.all(processors.map((processor) => processor.stop())).then(() => process.exit(0));
});
