// The hash chain of the events topic (design.md 2.11): every event carries the SHA-256 link of its partition, so that a
// changed, lost or inserted event is found from the bytes alone.
import { hash } from 'node:crypto';
import { frameBytes } from './codec.ts';

/** Bytes of a link. */
export const linkBytes = 32;
/** The link before the first event of a partition. */
export const genesisLink: Buffer = Buffer.alloc(linkBytes);

/** Where the link ends: it is the first field of the envelope, which is the first field of every event. */
const linkEnd = frameBytes + linkBytes;

/** What is hashed, put together: one hash of it, given as hex, costs half of a hash object and three updates. */
let hashed = Buffer.allocUnsafeSlow(16 * 1024);

/** The link that an event must carry: SHA-256(previous link, schema id, bytes after the link). */
export const linkOf = (previous: Uint8Array, message: Uint8Array): Buffer => {
  const most = previous.length + message.length;
  if (most > hashed.length) hashed = Buffer.allocUnsafeSlow(most * 2);
  const [schemaId, body] = [message.subarray(1, frameBytes), message.subarray(linkEnd)];
  hashed.set(previous, 0);
  hashed.set(schemaId, previous.length);
  hashed.set(body, previous.length + schemaId.length);
  const size = previous.length + schemaId.length + body.length;
  return Buffer.from(hash('sha256', hashed.subarray(0, size), 'hex'), 'hex');
};

/** The link that an event carries. */
export const carriedLink = (message: Uint8Array): Buffer => Buffer.from(message.subarray(frameBytes, linkEnd));

/** Writes the link into an encoded event and returns it; the next event is chained to it. */
export const sealLink = (previous: Uint8Array, message: Buffer): Buffer => {
  const link = linkOf(previous, message);
  link.copy(message, frameBytes);
  return link;
};
