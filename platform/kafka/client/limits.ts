// How large batches become and whether they are compressed: by setting, and by what topics refused before.
import type { Codec } from '../wire/compress.ts';
import type { DraftLimits } from './draft.ts';
import type { ClientSettings } from './settings.ts';

const SMALLEST_LIMIT_BYTES = 16 * 1024;

export interface BatchLimits extends DraftLimits {
  /** A topic refused a batch of so many bytes: the next ones are made smaller. */
  readonly refused: (topic: string, bytes: number) => void;
}

export const batchLimits = ({
  batchBytesMax,
  compression,
}: Pick<ClientSettings, 'batchBytesMax' | 'compression'>): BatchLimits => {
  const learnt = new Map<string, number>();
  return {
    batchBytesMax: (topic) => learnt.get(topic) ?? batchBytesMax,
    refused: (topic, bytes) => {
      const half = Math.max(SMALLEST_LIMIT_BYTES, Math.floor(bytes / 2));
      if (half < (learnt.get(topic) ?? batchBytesMax)) learnt.set(topic, half);
    },
    codecOf: (topic, bytes): Codec =>
      bytes < compression.fromBytes ? 'none' : (compression.byTopic?.[topic] ?? compression.codec),
  };
};
