// A position of the log: (topic id, epoch, one offset of events per partition), handed to readers as an opaque token.

/** Everything before these offsets is contained; offset by partition number. */
export interface Position {
  /** The broker's id of the events topic: another id is another log. */
  readonly topicId: string;
  /** Epoch of the log: it changes when the partition count does. */
  readonly epoch: number;
  readonly offsets: readonly bigint[];
}

/** The opaque token of a position. */
export const encodePosition = (position: Position): string =>
  Buffer.from(JSON.stringify([1, position.topicId, position.epoch, ...position.offsets.map(String)]), 'utf8').toString(
    'base64url',
  );

/** The position of a token, or null when it is none. */
export const decodePosition = (token: string): Position | null => {
  try {
    const parts = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown;
    if (!Array.isArray(parts) || parts[0] !== 1 || typeof parts[1] !== 'string' || !Number.isInteger(parts[2])) return null;
    const offsets = parts.slice(3).map((text) => (typeof text === 'string' && /^\d{1,19}$/.test(text) ? BigInt(text) : null));
    return offsets.length === 0 || offsets.includes(null)
      ? null
      : { topicId: parts[1], epoch: parts[2] as number, offsets: offsets as bigint[] };
  } catch {
    return null;
  }
};

/** Whether `reached` contains everything before `wanted`; false for a position of another log. */
export const covers = (reached: Position, wanted: Position): boolean =>
  reached.topicId === wanted.topicId &&
  reached.epoch === wanted.epoch &&
  reached.offsets.length === wanted.offsets.length &&
  wanted.offsets.every((offset, partition) => (reached.offsets[partition] ?? 0n) >= offset);
