// Cuts the bytes of a socket into frames of the protocol: a length of four bytes, then as many.
import { ConnectionLost } from './errors.ts';

/** Above any honest answer: a fetch is bounded by what it asks for, plus one batch. */
const FRAME_BYTES_MAX = 256 * 1024 * 1024;
/** Memory taken on the word of a length alone; beyond it memory follows what has arrived. */
const TRUSTED_BYTES = 8 * 1024 * 1024;

/** Feeds chunks as they arrive; `take` is called with each whole frame, without its length. */
export class FrameReader {
  private readonly take: (frame: Buffer) => void;
  private readonly head = Buffer.alloc(4);
  private headBytes = 0;
  private body: Buffer | null = null;
  private bodyBytes = 0;
  private length = 0;

  constructor(take: (frame: Buffer) => void) {
    this.take = take;
  }

  /** @throws ConnectionLost when a length is impossible: the connection is of no use after that. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.body === null) {
        if (this.headBytes === 0 && chunk.length - at >= 4) {
          const length = this.checked(chunk.readInt32BE(at));
          if (chunk.length - at - 4 >= length) {
            this.take(chunk.subarray(at + 4, at + 4 + length)); // whole in one chunk: no copy
            at += 4 + length;
            continue;
          }
        }
        const taken = Math.min(4 - this.headBytes, chunk.length - at);
        chunk.copy(this.head, this.headBytes, at, at + taken);
        this.headBytes += taken;
        at += taken;
        if (this.headBytes < 4) return;
        this.begin(this.checked(this.head.readInt32BE(0)));
        continue;
      }
      at += this.fill(this.body, chunk, at);
    }
  }

  private checked(length: number): number {
    if (length >= 0 && length <= FRAME_BYTES_MAX) return length;
    throw new ConnectionLost(`a frame says ${length} bytes, more than ${FRAME_BYTES_MAX}; the other side is no Kafka broker`);
  }

  private begin(length: number): void {
    this.headBytes = 0;
    this.length = length;
    this.bodyBytes = 0;
    this.body = Buffer.allocUnsafeSlow(Math.min(length, TRUSTED_BYTES));
    if (length === 0) this.end(this.body);
  }

  private fill(body: Buffer, chunk: Buffer, at: number): number {
    const taken = Math.min(this.length - this.bodyBytes, chunk.length - at);
    let target = body;
    if (this.bodyBytes + taken > target.length) {
      target = Buffer.allocUnsafeSlow(Math.min(this.length, Math.max(target.length * 2, this.bodyBytes + taken)));
      body.copy(target, 0, 0, this.bodyBytes);
      this.body = target;
    }
    chunk.copy(target, this.bodyBytes, at, at + taken);
    this.bodyBytes += taken;
    if (this.bodyBytes === this.length) this.end(target);
    return taken;
  }

  private end(body: Buffer): void {
    this.body = null;
    this.take(body);
  }
}
