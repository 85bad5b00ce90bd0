// How a position moves: over aborted records, markers, emptied batches and gaps, and in steps when a fetch is dense.
import { describe, expect, it } from 'vitest';
import { GOLDEN_ABORT_MARKER, GOLDEN_BATCHES, GOLDEN_EMPTIED, GOLDEN_TRANSACTIONAL } from './golden-batches.ts';
import { createRecordSetDecoder } from './partition-decoder.ts';
import type { RecordSetInput } from './partition-decoder.ts';

const decoder = (recordSet: Buffer, input: Partial<RecordSetInput> = {}) =>
  createRecordSetDecoder({
    topic: 'events',
    partition: 0,
    recordSet,
    aborted: [],
    fromOffset: 100n,
    recordsPerStep: 1_000,
    decompressedBytesMax: 1_000_000,
    ...input,
  });

/** The golden batch, three records each, at another base offset (which is not under the CRC). */
const at = (baseOffset: bigint): Buffer => {
  const copy = Buffer.from(GOLDEN_BATCHES.gzip);
  copy.writeBigInt64BE(baseOffset, 0);
  return copy;
};

describe('the position of a partition', () => {
  it('moves over an aborted tail without delivering anything', () => {
    const step = decoder(Buffer.concat([GOLDEN_TRANSACTIONAL, GOLDEN_ABORT_MARKER]), {
      aborted: [{ producerId: 4711n, firstOffset: 100n }],
    })();
    expect(step).toEqual({ records: [], nextOffset: 104n, isLast: true });
  });

  it('moves over gaps and emptied batches of a compacted topic', () => {
    const step = decoder(Buffer.concat([at(150n), GOLDEN_EMPTIED]))();
    expect(step.records.map(({ offset }) => offset)).toEqual([150n, 151n, 152n]);
    expect(step.nextOffset).toBe(210n);
  });

  it('moves batch by batch when a fetch holds more records than a step may', () => {
    const next = decoder(Buffer.concat([at(100n), at(103n), at(106n)]), { recordsPerStep: 4 });
    expect(next()).toMatchObject({ nextOffset: 106n, isLast: false });
    const last = next();
    expect(last).toMatchObject({ nextOffset: 109n, isLast: true });
    expect(last.records.map(({ offset }) => offset)).toEqual([106n, 107n, 108n]);
  });

  it('delivers aborted records, but no markers, to an uncommitted read', () => {
    const step = decoder(Buffer.concat([GOLDEN_TRANSACTIONAL, GOLDEN_ABORT_MARKER]), { aborted: null })();
    expect(step.records).toHaveLength(3);
    expect(step.nextOffset).toBe(104n);
  });

  it('stays at a batch that was cut off, which the next fetch brings whole', () => {
    const step = decoder(Buffer.concat([at(100n), at(103n).subarray(0, 80)]))();
    expect(step).toMatchObject({ nextOffset: 103n, isLast: true });
  });

  it('stays before a damaged batch behind a good one, and the error comes from the step that meets it', () => {
    const damaged = at(103n);
    damaged.writeUInt8(damaged.readUInt8(70) ^ 1, 70);
    const next = decoder(Buffer.concat([at(100n), damaged]), { recordsPerStep: 1 });
    expect(next().nextOffset).toBe(103n);
    expect(next).toThrowError(/offset 103 has CRC-32C/);
  });
});
