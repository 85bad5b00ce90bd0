// The hash chain of the events topic (design.md 2.11): every event carries the SHA-256 link of its partition, so that a
// changed, lost or inserted event is found from the bytes alone.
import { createHash } from 'node:crypto';
import { frameBytes } from './codec.ts';

/** Bytes of a link. */
export const linkBytes = 32;
/** The link before the first event of a partition. */
export const genesisLink: Buffer = Buffer.alloc(linkBytes);

/** Where the link ends: it is the first field of the envelope, which is the first field of every event. */
const linkEnd = frameBytes + linkBytes;

/** The link that an event must carry: SHA-256(previous link, schema id, bytes after the link). */
export const linkOf = (previous: Uint8Array, message: Uint8Array): Buffer =>
  createHash('sha256').update(previous).update(message.subarray(1, frameBytes)).update(message.subarray(linkEnd)).digest();

/** The link that an event carries. */
export const carriedLink = (message: Uint8Array): Buffer => Buffer.from(message.subarray(frameBytes, linkEnd));

/** Writes the link into an encoded event and returns it; the next event is chained to it. */
export const sealLink = (previous: Uint8Array, message: Buffer): Buffer => {
  const link = linkOf(previous, message);
  link.copy(message, frameBytes);
  return link;
};
