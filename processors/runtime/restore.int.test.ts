// Restores against the real broker: a snapshot gives what a full replay gives, a damaged one is not used, and no tail makes a restore hang.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InboundRecord } from '#platform/kafka/port.ts';
import { topicName } from '#schemas/topics.ts';
import { createIsolation, uniquePrefix, type Isolation } from '#tests/support/stack.ts';
import { openBench, until, type RuntimeBench } from './testing/runtime-bench.ts';
import { balancesFixture, ledgerFixture, toCommand, type Accounts } from './testing/positions.ts';
import { readTo } from './read-to.ts';
import type { RunningProcessor } from './runtime.ts';
import type { Processor } from './topology.ts';

let isolation: Isolation;
let bench: RuntimeBench;
const benches: { readonly bench: RuntimeBench }[] = [];

beforeAll(async () => {
  isolation = await createIsolation({ stores: [] });
});
beforeEach(async () => {
  bench = await openBench({
    brokers: isolation.addresses.kafkaBrokers,
    topicPrefix: `${isolation.topicPrefix}${uniquePrefix()}`,
    partitions: 1,
  });
  benches.push({ bench });
});
afterAll(async () => {
  await Promise.all(benches.map((entry) => entry.bench.close()));
  await isolation.drop();
});

interface Watched {
  readonly processor: Processor<Accounts>;
  /** The live state of the one task. */
  state(): string;
  readonly seen: { deserialized: number; evolved: number };
}

/** The fixture, with a look at its live state and at how it was restored. */
const watched = (fixture: Processor<Accounts>, change: Partial<Processor<Accounts>> = {}): Watched => {
  const seen = { deserialized: 0, evolved: 0 };
  let live: Accounts | null = null;
  const processor: Processor<Accounts> = {
    ...fixture,
    ...change,
    createState: (partition) => (live = fixture.createState(partition)),
    deserialize: (bytes, partition) => {
      seen.deserialized += 1;
      return (live = fixture.deserialize(bytes, partition));
    },
    evolve: (state, event) => {
      seen.evolved += 1;
      fixture.evolve(state, event);
    },
  };
  return { processor, seen, state: () => (live === null ? '' : fixture.serialize(live).toString('utf8')) };
};

/** Runs the processor until it has restored, and stops it again. */
const restored = async (fixture: Processor<Accounts>, change: Partial<Processor<Accounts>> = {}): Promise<Watched> => {
  const watch = watched(fixture, change);
  const running = await bench.start(watch.processor);
  await until('it is restored', () => running.health().ready);
  await running.stop();
  return watch;
};

const book = async (
  count: number,
  snapshotEvery: number,
  fixtures: readonly Processor<Accounts>[] = [ledgerFixture],
): Promise<void> => {
  const running = await Promise.all(fixtures.map((fixture) => bench.start(fixture, { snapshotEvery, batchRecordsMax: 10 })));
  const before = (await bench.texts('events', 0)).length;
  await bench.send(
    'commands',
    0,
    Array.from({ length: count }, (_, index) => toCommand(`a${index % 7}`, BigInt(index * 31 - 400))),
  );
  await until('all are booked', async () => (await bench.texts('events', 0)).length === before + count);
  await until('nothing lags', () => running.every((processor) => processor.health().lag === 0));
  await Promise.all(running.map((processor) => processor.stop()));
};

describe('a restore from a snapshot', () => {
  it.each([
    ['a ledger', ledgerFixture],
    ['a fold of events', balancesFixture],
  ])('gives %s the state of a full replay', async (_what, fixture) => {
    await book(200, 30, [ledgerFixture, balancesFixture]);
    const fromSnapshot = await restored(fixture);
    expect(fromSnapshot.seen.deserialized).toBe(1);
    expect(fromSnapshot.seen.evolved).toBeLessThan(5);
    const replayed = await restored(fixture, { stateVersion: 2 });
    expect(replayed.seen).toEqual({ deserialized: 0, evolved: 200 });
    expect(fromSnapshot.state()).toBe(replayed.state());
    expect(JSON.parse(replayed.state())).toMatchObject({ count: 200 });
  });

  it('tells how far it is', async () => {
    await book(50, 1_000_000);
    const told: unknown[] = [];
    let running: RunningProcessor | null = null;
    const evolve = (state: Accounts, event: InboundRecord): void => {
      if (event.offset === 0n) told.push(running?.health().tasks[0]);
      ledgerFixture.evolve(state, event);
    };
    running = await bench.start({ ...ledgerFixture, stateVersion: 2, evolve });
    await until('it is restored', () => running?.health().ready === true);
    const [end] = await bench.kafka.admin.watermarks(topicName(bench.topicPrefix, 'events'));
    expect(told).toEqual([
      expect.objectContaining({ state: 'restoring', restore: { restored: 0, position: '0', target: String(end?.high) } }),
    ]);
    expect(running.health().tasks[0]).toMatchObject({ state: 'running', restore: null, lag: 0, nextOffset: '50' });
    await running.stop();
  });

  it('folds the events after it when the process died long after it', async () => {
    await book(100, 1_000_000);
    await book(100, 1_000_000);
    const killed = await bench.kafka.admin.watermarks(topicName(bench.topicPrefix, 'snapshots'));
    expect(killed[0]?.high).toBeGreaterThan(0n);
    // The second graceful stop overwrote nothing of the first: both slots stand.
    const keys = new Set((await bench.read('snapshots', 0)).map(({ key }) => key?.toString()));
    expect(keys).toEqual(new Set(['ledger|0|0|0', 'ledger|0|0|manifest', 'ledger|0|1|0', 'ledger|0|1|manifest']));
    const damaged = (await bench.read('snapshots', 0)).filter(({ key }) => key?.toString() === 'ledger|0|1|0');
    await sendSnapshotRecord('ledger|0|1|0', Buffer.from('{"count":7,"balances":[]}'), damaged[0]?.headers['snapshot']);
    const watch = await restored(ledgerFixture);
    expect(watch.seen).toEqual({ deserialized: 1, evolved: 100 });
    expect(JSON.parse(watch.state())).toMatchObject({ count: 200 });
  });

  it('is a full replay when every snapshot is damaged', async () => {
    await book(60, 25);
    for (const { key, headers } of await bench.read('snapshots', 0)) {
      if (key?.toString().endsWith('|0')) await sendSnapshotRecord(key.toString(), Buffer.from('{}'), headers['snapshot']);
    }
    const watch = await restored(ledgerFixture);
    expect(watch.seen).toEqual({ deserialized: 0, evolved: 60 });
  });

  it('comes back to the byte when the state is larger than a transaction takes along', async () => {
    const ballast = randomBytes(4_000_000);
    const heavy: Partial<Processor<Accounts>> = {
      serialize: (state) => Buffer.concat([ballast, ledgerFixture.serialize(state)]),
    };
    const opened: Buffer[] = [];
    const light: Processor<Accounts> = {
      ...ledgerFixture,
      deserialize: (bytes, partition) => {
        opened.push(bytes.subarray(0, ballast.length));
        return ledgerFixture.deserialize(bytes.subarray(ballast.length), partition);
      },
    };
    await book(50, 20, [{ ...light, ...heavy }]);
    const watch = await restored(light);
    expect(opened.at(-1)?.equals(ballast)).toBe(true);
    expect(JSON.parse(watch.state())).toMatchObject({ count: 50 });
  });
});

const sendSnapshotRecord = async (key: string, value: Buffer, snapshot: Buffer | undefined): Promise<void> => {
  const producer = bench.kafka.producer();
  await producer.send([
    {
      topic: topicName(bench.topicPrefix, 'snapshots'),
      partition: 0,
      key: Buffer.from(key),
      value,
      headers: { snapshot: snapshot ?? Buffer.alloc(0) },
    },
  ]);
  await producer.close();
};

describe('a restore to the end of the task’s own events ends', () => {
  const abortOnEvents = async (): Promise<void> => {
    const events = topicName(bench.topicPrefix, 'events');
    const producer = bench.kafka.transactionalProducer({ transactionalId: `${bench.topicPrefix}ledger-0` });
    await producer.fence();
    const records = [Buffer.from('a 1 1 1'), randomBytes(12_000_000)].map((value) => ({
      topic: events,
      partition: 0,
      key: null,
      value,
    }));
    await expect(producer.commit({ records })).rejects.toThrow(/MESSAGE_TOO_LARGE|too large/i);
    await producer.close();
  };

  it('on an empty partition', async () => {
    expect((await restored(ledgerFixture)).seen.evolved).toBe(0);
  });

  it('behind committed events, whose last offset is a control record', async () => {
    await book(5, 1_000_000);
    expect((await restored(ledgerFixture, { stateVersion: 2 })).seen.evolved).toBe(5);
  });

  it('behind an aborted tail, and delivers none of it', async () => {
    await book(5, 1_000_000);
    await abortOnEvents();
    await abortOnEvents();
    const watch = await restored(ledgerFixture, { stateVersion: 2 });
    expect(watch.seen.evolved).toBe(5);
    expect(JSON.parse(watch.state())).toMatchObject({ count: 5 });
  });
});

describe('a compacted table', () => {
  it('is read to its end behind gaps that compaction left and an aborted tail', async () => {
    const topic = `${bench.topicPrefix}compacted`;
    const config = {
      'cleanup.policy': 'compact',
      'segment.ms': '50',
      'min.cleanable.dirty.ratio': '0.001',
      'delete.retention.ms': '0',
      'max.compaction.lag.ms': '100',
      'max.message.bytes': '750000',
    };
    await bench.kafka.admin.ensureTopics([{ name: topic, partitions: 1, config }]);
    const producer = bench.kafka.transactionalProducer({ transactionalId: topic });
    await producer.fence();
    const record = (key: string, value: Buffer | null) => ({ topic, partition: 0, key: Buffer.from(key), value });
    const write = async (round: number): Promise<void> => {
      await producer.commit({
        records: Array.from({ length: 20 }, (_, index) => record(`k${index % 5}`, Buffer.from(`${round}`))),
      });
      await expect(
        producer.commit({ records: [record('k0', Buffer.from('aborted')), record('k0', randomBytes(800_000))] }),
      ).rejects.toThrow(/MESSAGE_TOO_LARGE|too large/i);
    };
    const readAll = async (): Promise<readonly (string | undefined)[]> => {
      const [marks] = await bench.kafka.admin.watermarks(topic);
      const found: string[] = [];
      let position = 0n;
      await readTo(bench.kafka, {
        topic,
        partition: 0,
        from: marks?.low ?? 0n,
        to: marks?.high ?? 0n,
        onRecord: ({ key, value }) => found.push(`${key?.toString()}=${value?.toString()}`),
        onProgress: (at) => (position = at),
        signal: AbortSignal.timeout(10_000),
      });
      expect(position).toBe(marks?.high);
      return found;
    };
    let round = 0;
    for (; round < 10; round += 1) await write(round);
    await until(
      'compaction has left gaps',
      async () => {
        await write((round += 1));
        await new Promise((resolve) => setTimeout(resolve, 500));
        return (await readAll()).length < round * 20 * 0.7;
      },
      90_000,
    );
    const found = await readAll();
    expect(found.slice(-5)).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'].map((key) => `${key}=${round}`));
    expect(found.filter((text) => text?.includes('aborted'))).toEqual([]);
  });
});
