// What a connection and the cluster do with a broker that is silent, answers nonsense or wants to be left alone for a while.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeBroker } from '../testing/fake-broker.ts';
import type { FakeBroker } from '../testing/fake-broker.ts';
import { testSettings } from '../testing/open-transaction.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import { endTxnRequest } from '../wire/transactions.ts';
import { Cluster } from './cluster.ts';
import { Connection } from './connection.ts';
import { ConnectionLost } from './errors.ts';
import type { ClientSettings } from './settings.ts';

let broker: FakeBroker;
const open: { close(): void | Promise<void> }[] = [];

beforeEach(async () => {
  broker = await startFakeBroker();
});
afterEach(async () => {
  for (const part of open.splice(0)) await part.close();
  await broker.close();
});

const settings = (changes: Partial<ClientSettings> = {}): ClientSettings =>
  testSettings(`127.0.0.1:${broker.port}`, { requestTimeoutMs: 200, patienceMs: 1_000, ...changes });

const connect = async (): Promise<Connection> => {
  const connection = await Connection.open({ host: '127.0.0.1', port: broker.port }, settings());
  open.push({ close: () => connection.destroy(new Error('test ends')) });
  return connection;
};

const request = endTxnRequest('g~0', { producerId: 1n, epoch: 1 }, 'commit');
const answer = (throttleMs = 0, errorCode = 0): Buffer =>
  new ByteWriter().noTags().int32(throttleMs).int16(errorCode).int64(1n).int16(2).noTags().bytes();

describe('a connection', () => {
  it('answers requests in the order in which they were sent, many at a time', async () => {
    const connection = await connect();
    broker.handle = (asked) => setTimeout(() => asked.reply(answer(0, asked.correlationId)), 5);
    const results = await Promise.all(Array.from({ length: 50 }, () => connection.send(request)));
    expect(results.map(({ errorCode }) => errorCode)).toEqual(Array.from({ length: 50 }, (_, index) => index + 2));
  });

  it('is given up as a whole when an answer is late, and says which', async () => {
    const connection = await connect();
    const both = await Promise.allSettled([connection.send(request), connection.send(request)]);
    for (const ended of both)
      expect(ended).toMatchObject({
        reason: { message: expect.stringContaining('EndTxn was not answered within 200 ms') as string },
      });
    expect(connection.isOpen).toBe(false);
    await expect(connection.send(request)).rejects.toBeInstanceOf(ConnectionLost);
  });

  it.each([
    [
      'an answer to something else',
      (reply: (bytes: Buffer) => void) => reply(Buffer.from([0, 0, 0, 8, 0, 0, 99, 99, 0, 0, 0, 0])),
    ],
    ['a frame too short for an answer', (reply: (bytes: Buffer) => void) => reply(Buffer.from([0, 0, 0, 2, 0, 0]))],
    ['a web page', (reply: (bytes: Buffer) => void) => reply(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))],
  ])('ends with %s', async (_, misbehave) => {
    const connection = await connect();
    broker.handle = ({ raw }) => misbehave(raw);
    await expect(connection.send(request)).rejects.toBeInstanceOf(ConnectionLost);
    expect(connection.isOpen).toBe(false);
  });

  it('ends when an answer does not hold what it says', async () => {
    const connection = await connect();
    broker.handle = ({ reply }) => reply(Buffer.from([0, 0, 0]));
    await expect(connection.send(request)).rejects.toMatchObject({ code: 'corrupt-batch' });
    expect(connection.isOpen).toBe(false);
  });

  it('leaves the broker alone for as long as it asks, and the time-out counts from then on', async () => {
    const connection = await connect();
    broker.handle = ({ reply }) => reply(answer(broker.requests.length === 1 ? 400 : 0));
    await connection.send(request);
    await Promise.all([connection.send(request), connection.send(request)]);
    const [first, second, third] = broker.requests.map(({ arrivedAt }) => arrivedAt);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(395);
    expect((third ?? 0) - (second ?? 0)).toBeLessThan(200);
  });
});

describe('a cluster', () => {
  const metadata = (port: number): Buffer => {
    const writer = new ByteWriter().noTags().int32(0);
    writer.compactArray([1], (id) =>
      writer.int32(id).compactString('127.0.0.1').int32(port).nullableCompactString(null).noTags(),
    );
    return writer.compactString('cluster').int32(1).unsignedVarint(1).noTags().bytes();
  };

  it('asks another broker when the first one hangs, and does not begin with the hanging one again', async () => {
    const healthy = await startFakeBroker();
    open.push(healthy);
    healthy.handle = ({ reply }) => reply(metadata(healthy.port));
    const cluster = new Cluster(settings({ brokers: [`127.0.0.1:${broker.port}`, `127.0.0.1:${healthy.port}`] }));
    open.push(cluster);
    expect(await cluster.metadata([])).toMatchObject({ clusterId: 'cluster' });
    expect([broker.requests.length, healthy.requests.length]).toEqual([1, 1]);
    await cluster.refresh();
    await cluster.refresh();
    expect([broker.requests.length, healthy.requests.length]).toEqual([1, 3]);
  });

  it('shares one question for brokers and leaders among those who ask at once', async () => {
    broker.handle = ({ reply }) => setTimeout(() => reply(metadata(broker.port)), 20);
    const cluster = new Cluster(settings());
    open.push(cluster);
    await Promise.all(Array.from({ length: 10 }, () => cluster.refresh()));
    expect(broker.requests).toHaveLength(1);
  });

  it('connects again after a connection broke', async () => {
    broker.handle = ({ reply, raw }) =>
      broker.requests.length === 2 ? raw(Buffer.from([0xff, 0xff, 0xff, 0xff])) : reply(metadata(broker.port));
    const cluster = new Cluster(settings());
    open.push(cluster);
    await cluster.refresh();
    await expect(cluster.refresh()).rejects.toBeInstanceOf(ConnectionLost);
    await cluster.refresh();
    expect(cluster.brokerIds).toEqual([1]);
  });
});
