// The read-committed filter, case by case: which batches of a log are delivered, given the broker's list of aborted transactions.
import { describe, expect, it } from 'vitest';
import { createDeliveryFilter } from './aborted-transactions.ts';
import { GOLDEN_ABORT_MARKER, GOLDEN_BATCHES, GOLDEN_COMMIT_MARKER } from './golden-batches.ts';
import { readBatch } from './record-batch.ts';
import type { RecordBatch } from './record-batch.ts';

type Line = readonly [offset: number, producer: number | null, what: 'data' | 'abort' | 'commit' | 'emptied'];

const payloads = {
  data: readBatch(GOLDEN_BATCHES.none, 0),
  abort: readBatch(GOLDEN_ABORT_MARKER, 0),
  commit: readBatch(GOLDEN_COMMIT_MARKER, 0),
};

const toBatch = ([offset, producer, what]: Line): RecordBatch => {
  const template = payloads[what === 'emptied' ? 'abort' : what];
  if (template === null) throw new Error('no template');
  return {
    ...template,
    baseOffset: BigInt(offset),
    lastOffset: BigInt(offset),
    producerId: BigInt(producer ?? -1),
    isTransactional: producer !== null,
    isControl: what !== 'data',
    recordCount: what === 'emptied' ? 0 : 1,
  };
};

const delivered = (log: readonly Line[], aborted: readonly (readonly [producer: number, firstOffset: number])[]): number[] => {
  const deliver = createDeliveryFilter(
    aborted.map(([producerId, firstOffset]) => ({ producerId: BigInt(producerId), firstOffset: BigInt(firstOffset) })),
  );
  return log.filter((line) => deliver(toBatch(line))).map(([offset]) => offset);
};

describe('a committed read', () => {
  it.each<readonly [string, readonly Line[], readonly (readonly [number, number])[], readonly number[]]>([
    [
      'delivers committed transactions and plain records, never markers',
      [
        [0, 1, 'data'],
        [1, null, 'data'],
        [2, 1, 'commit'],
      ],
      [],
      [0, 1],
    ],
    [
      'drops an aborted transaction',
      [
        [0, 1, 'data'],
        [1, 1, 'data'],
        [2, 1, 'abort'],
        [3, null, 'data'],
      ],
      [[1, 0]],
      [3],
    ],
    [
      'drops two interleaved aborted transactions although the broker lists them by marker',
      [
        [0, 1, 'data'],
        [1, 2, 'data'],
        [2, 1, 'data'],
        [3, 2, 'abort'],
        [4, 1, 'data'],
        [5, 1, 'abort'],
        [6, 1, 'data'],
        [7, 1, 'commit'],
      ],
      [
        [2, 1],
        [1, 0],
      ],
      [6],
    ],
    [
      'drops both when it begins inside two open aborted transactions',
      [
        [10, 2, 'data'],
        [11, 1, 'data'],
        [12, 1, 'abort'],
        [13, 2, 'data'],
        [14, 2, 'abort'],
      ],
      [
        [2, 3],
        [1, 2],
      ],
      [],
    ],
    [
      'delivers the committed transaction of a producer between two aborted ones',
      [
        [0, 1, 'data'],
        [1, 1, 'abort'],
        [2, 1, 'data'],
        [3, 1, 'commit'],
        [4, 1, 'data'],
        [5, 1, 'abort'],
      ],
      [
        [1, 0],
        [1, 4],
      ],
      [2],
    ],
    [
      'keeps dropping after the commit marker of another producer',
      [
        [0, 1, 'data'],
        [1, 2, 'data'],
        [2, 2, 'commit'],
        [3, 1, 'data'],
        [4, 1, 'abort'],
      ],
      [[1, 0]],
      [1],
    ],
    [
      'is not ended by a marker that compaction has emptied',
      [
        [0, 1, 'data'],
        [1, 1, 'emptied'],
        [2, 1, 'data'],
        [3, 1, 'abort'],
      ],
      [[1, 0]],
      [],
    ],
    ['never drops plain records of a producer id in the list', [[0, null, 'data']], [[-1, 0]], [0]],
  ])('%s', (_, log, aborted, expected) => {
    expect(delivered(log, aborted)).toEqual(expected);
  });
});
