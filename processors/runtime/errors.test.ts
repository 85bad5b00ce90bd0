import { describe, expect, it } from 'vitest';
import { KafkaError, type KafkaErrorCode } from '#platform/kafka/port.ts';
import { judge, RuntimeError } from './errors.ts';

const verdictOf = (code: KafkaErrorCode): string => {
  const verdict = judge(new KafkaError(code, 'the broker said so'), 'ledger partition 3', 3);
  return verdict.kind === 'stop' ? verdict.error.code : 'failure';
};

describe('what happens to a task after an error', () => {
  it('is a new start for what passes, and a stop by name for what does not', () => {
    expect({
      unavailable: verdictOf('unavailable'),
      aborted: verdictOf('transaction-aborted'),
      fenced: verdictOf('fenced'),
      expired: verdictOf('offset-out-of-range'),
      tooLarge: verdictOf('record-too-large'),
      corrupt: verdictOf('corrupt-batch'),
    }).toEqual({
      unavailable: 'failure',
      aborted: 'failure',
      fenced: 'fenced',
      expired: 'offset-expired',
      tooLarge: 'log-refused',
      corrupt: 'log-refused',
    });
    expect(judge(new Error('socket'), 'x', 0).kind).toBe('failure');
  });

  it('keeps the error of a stop as it was raised, and names partition and cause otherwise', () => {
    const raised = new RuntimeError('offset-missing', 'm', { partition: 1 });
    expect(judge(raised, 'x', 1)).toEqual({ kind: 'stop', error: raised });
    expect(judge(new KafkaError('fenced', 'epoch'), 'ledger partition 3', 3)).toMatchObject({
      error: {
        partition: 3,
        message: expect.stringMatching(/^ledger partition 3: another process owns its transactional id .*epoch/),
        cause: { code: 'fenced' },
      },
    });
  });
});
