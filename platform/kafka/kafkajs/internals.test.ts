// The repairs of kafkajs are in place: without them an idle connection burns a timer a millisecond, and large sends are quadratic.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import './internals.ts';

interface TestQueue {
  throttleCheckTimeoutId: unknown;
  checkPendingRequests(): void;
  maybeThrottle(ms: number): void;
  push(request: object): void;
  fulfillRequest(response: object): void;
  destroy(): void;
}
const load = createRequire(import.meta.url);
const RequestQueue = load('kafkajs/src/network/requestQueue') as new (options: object) => TestQueue;
const silent = { debug: () => undefined, warn: () => undefined };
const queueOf = (): TestQueue =>
  new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1_000, clientId: 'test', broker: 'test', logger: silent });
const requestOf = (correlationId: number, sent: number[]): object => ({
  entry: { correlationId, apiKey: 0, apiName: 'Test', apiVersion: 0, resolve: () => undefined, reject: () => undefined },
  expectResponse: true,
  sendRequest: () => sent.push(correlationId),
});

describe('the request queue of kafkajs, repaired', () => {
  it('arms no timer while nothing is pending', () => {
    const queue = queueOf();
    queue.checkPendingRequests();
    queue.push(requestOf(1, []));
    queue.fulfillRequest({ correlationId: 1, payload: Buffer.alloc(0), size: 0 });
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('sends what the broker throttled, once the time is over', async () => {
    const queue = queueOf();
    const sent: number[] = [];
    queue.maybeThrottle(40);
    queue.push(requestOf(7, sent));
    expect(sent).toEqual([]);
    await sleep(120);
    expect(sent).toEqual([7]);
    queue.destroy();
  });

  it('groups the messages of a batch without copying the list for each of them', () => {
    const group = load('kafkajs/src/producer/groupMessagesPerPartition') as (input: object) => Record<number, unknown[]>;
    const messages = Array.from({ length: 100_000 }, (_, index) => ({ partition: index % 2, value: index }));
    const startedAt = performance.now();
    expect(group({ messages })[1]).toHaveLength(50_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000); // the original takes minutes
  });
});
