// Fetched inputs of one partition that wait for their step, in the chunks in which they came: nothing is copied.
import type { InboundRecord } from '#platform/kafka/port.ts';

export interface InputChunk {
  readonly records: readonly InboundRecord[];
  /** Behind the records, and behind control and aborted records that followed them. */
  readonly nextOffset: bigint;
}

export interface InputQueue {
  push(chunk: InputChunk): void;
  /** The next input; undefined when nothing waits. */
  peek(): InboundRecord | undefined;
  /** The input that `peek` gave is done with. */
  advance(): void;
  /** The next input to process: committed with the transaction that holds everything before it. */
  position(): bigint;
  /** Where the next fetch continues. */
  fetchedTo(): bigint;
  /** Inputs that wait. */
  size(): number;
  /** Their keys and values, by samples of their chunks. */
  bytes(): number;
}

interface Waiting extends InputChunk {
  readonly bytesPerRecord: number;
}

/** Of a long chunk some are looked at and stand for the others: asking every record would cost as much as its step. */
const SAMPLES = 16;
const bytesPerRecord = (records: readonly InboundRecord[]): number => {
  const stride = Math.max(1, Math.floor(records.length / SAMPLES));
  let bytes = 0;
  let samples = 0;
  for (let index = 0; index < records.length; index += stride) {
    const record = records[index];
    bytes += (record?.key?.length ?? 0) + (record?.value?.length ?? 0);
    samples += 1;
  }
  return bytes / samples;
};

/** A queue whose first input is the one at or after `from`. */
export const createInputQueue = (from: bigint): InputQueue => {
  let chunks: Waiting[] = [];
  let first: Waiting | null = null;
  let index = 0;
  let position = from;
  let fetchedTo = from;
  let size = 0;
  let bytes = 0;

  return {
    push: ({ records, nextOffset }) => {
      fetchedTo = nextOffset;
      if (records.length === 0) {
        // Control records behind the last input: a position may pass them once everything before them is done.
        const last = chunks.at(-1);
        if (last === undefined) position = nextOffset;
        else {
          chunks[chunks.length - 1] = { ...last, nextOffset };
          if (chunks.length === 1) first = chunks[0] ?? null;
        }
        return;
      }
      const each = bytesPerRecord(records);
      chunks.push({ records, nextOffset, bytesPerRecord: each });
      first = chunks[0] ?? null;
      size += records.length;
      bytes += each * records.length;
    },
    peek: () => first?.records[index],
    advance: () => {
      if (first === null) return;
      size -= 1;
      bytes -= first.bytesPerRecord;
      index += 1;
      if (index < first.records.length) return;
      position = first.nextOffset;
      chunks = chunks.slice(1);
      first = chunks[0] ?? null;
      index = 0;
    },
    position: () => (index === 0 ? position : (first?.records[index]?.offset ?? position)),
    fetchedTo: () => fetchedTo,
    size: () => size,
    bytes: () => Math.max(0, Math.round(bytes)),
  };
};
