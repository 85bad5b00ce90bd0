// Offsets that expired (pipeline.md 6.7, 7): a partition whose committed position was deleted must stop by name and skip nothing, and go on
// from where an operator sets it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaPort } from '#platform/kafka/port.ts';
import type { Random } from '#tests/oracle/random.ts';
import { createFixture, makeFixtureTopics } from './fixture.ts';
import type { Server } from './slot.ts';

const WAIT_MS = 90_000;

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + WAIT_MS; !(await holds()); await sleep(100))
    if (Date.now() > end) throw new Error(`not within ${WAIT_MS / 1000} s: ${what}`);
};

/** Runs the episode on topics of its own. @returns what was wrong, in words; empty when all was right. */
export const expireOffsets = async (deps: {
  readonly kafka: KafkaPort;
  readonly brokers: string;
  readonly servers: readonly Server[];
  readonly bug: string;
  readonly random: Random;
  readonly topicPrefix: string;
}): Promise<readonly string[]> => {
  const { kafka, topicPrefix } = deps;
  await makeFixtureTopics(kafka, topicPrefix);
  const fixture = await createFixture({ ...deps, workers: 0 });
  const [worker] = fixture.guests; // one that starts when it is told
  if (worker === undefined) throw new Error('the fixture has no worker');
  const producer = kafka.producer();
  const commands = `${topicPrefix}commands`;
  const send = async (count: number): Promise<void> =>
    void (await producer.send(
      Array.from({ length: count }, (_, index) => ({
        topic: commands,
        partition: 0,
        key: Buffer.from('k'),
        value: Buffer.from(`a ${index} #${index}`),
      })),
    ));
  const committed = async (): Promise<bigint> =>
    (await kafka.admin.committedOffsets(`${topicPrefix}ledger`, commands, [0])).get(0) ?? 0n;
  try {
    worker.start();
    await send(20);
    await until('the first commands are booked', async () => (await committed()) === 20n);
    // It stays away while its next inputs are deleted.
    await worker.leave(0);
    await send(20);
    await kafka.admin.deleteRecordsBefore([{ topic: commands, partition: 0, offset: 30n }]);
    worker.start();
    const wrong: string[] = [];
    await until('the worker says what it did about expired offsets', async () => {
      if (worker.output().includes('failed offset-expired')) return true;
      return (await committed()) !== 20n;
    });
    await sleep(1_000);
    if (!worker.output().includes('failed offset-expired')) wrong.push('the partition did not stop with offset-expired');
    const position = await committed();
    if (position !== 20n) wrong.push(`the position went from 20 to ${position} although 20 to 29 were never read`);
    return wrong;
  } finally {
    await worker.stop();
    await producer.close();
  }
};
