// What is repeated, for how long, and what the caller is told when patience ends.
import { expect, it } from 'vitest';
import { KafkaError } from '../port.ts';
import { CODE, ConnectionLost, ProtocolError } from './errors.ts';
import { persist } from './persist.ts';

const failing = (failures: readonly Error[]): { readonly attempt: () => Promise<string>; readonly count: () => number } => {
  let count = 0;
  return {
    count: () => count,
    attempt: () => {
      const failure = failures[count];
      count += 1;
      return failure === undefined ? Promise.resolve('done') : Promise.reject(failure);
    },
  };
};

it('repeats what passes by itself, and mends between the attempts', async () => {
  const passing = [
    new ConnectionLost('gone'),
    new ProtocolError(CODE.NOT_LEADER_OR_FOLLOWER),
    new ProtocolError(CODE.CONCURRENT_TRANSACTIONS),
    new ProtocolError(CODE.COORDINATOR_LOAD_IN_PROGRESS),
    new KafkaError('unavailable', 'not yet'),
  ];
  const work = failing(passing);
  const mended: unknown[] = [];
  const mend = (error: unknown): void => {
    mended.push(error);
    throw new Error('mending may fail, too');
  };
  expect(await persist({ what: 'test', patienceMs: 5_000, mend }, work.attempt)).toBe('done');
  expect(mended).toEqual(passing);
});

it.each([
  [CODE.INVALID_PRODUCER_EPOCH, 'fenced'],
  [CODE.PRODUCER_FENCED, 'fenced'],
  [CODE.OUT_OF_ORDER_SEQUENCE_NUMBER, 'transaction-aborted'],
  [CODE.INVALID_TXN_STATE, 'transaction-aborted'],
  [CODE.TRANSACTION_ABORTABLE, 'transaction-aborted'],
  [CODE.MESSAGE_TOO_LARGE, 'record-too-large'],
  [CODE.OFFSET_OUT_OF_RANGE, 'offset-out-of-range'],
  [CODE.TOPIC_AUTHORIZATION_FAILED, 'unsupported'],
])('tells error %i at once as %s', async (code, told) => {
  const work = failing([new ProtocolError(code)]);
  await expect(persist({ what: 'What was done', patienceMs: 5_000 }, work.attempt)).rejects.toMatchObject({
    code: told,
    message: expect.stringContaining('What was done: ') as string,
  });
  expect(work.count()).toBe(1);
});

it('ends as unavailable when patience ends, and early when nobody waits any more', async () => {
  const always = (): Promise<never> => Promise.reject(new ConnectionLost('gone'));
  const startedAt = Date.now();
  await expect(persist({ what: 'test', patienceMs: 200 }, always)).rejects.toMatchObject({ code: 'unavailable' });
  expect(Date.now() - startedAt).toBeLessThan(1_000);
  const work = failing([new ConnectionLost('gone')]);
  await expect(persist({ what: 'test', patienceMs: 200, signal: AbortSignal.abort() }, work.attempt)).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(work.count()).toBe(1);
});

it('passes a defect of the program on as it is', async () => {
  const defect = new TypeError('no bytes');
  await expect(persist({ what: 'test', patienceMs: 1_000 }, () => Promise.reject(defect))).rejects.toBe(defect);
});
