// Takes off the LZ4 frame that clickhouse-connect puts around the rows it inserts (Content-Encoding lz4). Block by block, so that
// a small body that unpacks to a huge one meets the limit of the spool and not the memory of the process.
// Format: LZ4 Frame Format Description 1.6 and LZ4 Block Format Description. Checksums are not looked at: TCP has its own.

const MAGIC = 0x184d2204;
const HISTORY_BYTES = 65_536;
const BLOCK_BYTES_BY_ID: readonly (number | undefined)[] = [
  undefined,
  undefined,
  undefined,
  undefined,
  65_536,
  262_144,
  1_048_576,
  4_194_304,
];

/** Reads exact numbers of bytes from chunks of any size; nothing when the source ends and `endAllowed`. */
function createByteReader(source: AsyncIterable<Buffer>): (bytes: number, endAllowed?: boolean) => Promise<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  return async (bytes, endAllowed = false) => {
    const parts = [held];
    let length = held.length;
    while (length < bytes) {
      const next = await chunks.next();
      if (next.done === true && endAllowed && length === 0) return Buffer.alloc(0);
      if (next.done === true) throw new Error('the LZ4 frame ends too early');
      parts.push(next.value);
      length += next.value.length;
    }
    const all = parts.length === 1 ? held : Buffer.concat(parts, length);
    held = all.subarray(bytes);
    return all.subarray(0, bytes);
  };
}

type Read = ReturnType<typeof createByteReader>;

/**
 * The content of a body of one or more LZ4 frames (clickhouse-connect writes one for each block of rows), in pieces of at most 4 MiB.
 * @throws Error when the bytes are no LZ4 frames
 */
export async function* decodeLz4Frames(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const read = createByteReader(source);
  for (let first = true; ; first = false) {
    const magic = await read(4, !first);
    if (magic.length === 0) return;
    if (magic.readUInt32LE(0) !== MAGIC) throw new Error('the body does not consist of LZ4 frames');
    yield* decodeFrame(read);
  }
}

async function* decodeFrame(read: Read): AsyncGenerator<Buffer> {
  const [flags = 0, descriptor = 0] = await read(2);
  if (flags >> 6 !== 1 || (flags & 1) !== 0) throw new Error('this version of LZ4 frames, or a dictionary, is not offered');
  const blockBytesMax = BLOCK_BYTES_BY_ID[(descriptor >> 4) & 7];
  if (blockBytesMax === undefined) throw new Error('the block size of the LZ4 frame is none of the four');
  // The content size, if it is there, and the checksum of the header.
  await read(((flags & 8) !== 0 ? 8 : 0) + 1);
  const window = Buffer.alloc(HISTORY_BYTES + blockBytesMax);
  let history = 0;
  for (;;) {
    const head = (await read(4)).readUInt32LE(0);
    if (head === 0) {
      // The checksum of the content.
      if ((flags & 4) !== 0) await read(4);
      return;
    }
    const packed = await read(head & 0x7fffffff);
    if (packed.length > blockBytesMax) throw new Error('a block of the LZ4 frame is larger than its frame says');
    const length = head >= 0x80000000 ? packed.copy(window, history) : decodeBlock(packed, window, history);
    yield Buffer.from(window.subarray(history, history + length));
    const end = history + length;
    history = Math.min(end, HISTORY_BYTES);
    window.copyWithin(0, end - history, end);
    if ((flags & 16) !== 0) await read(4);
  }
}

/** Unpacks one block into `out` from `from` on; what stands before is its history. Returns the number of bytes written. */
function decodeBlock(packed: Buffer, out: Buffer, from: number): number {
  let at = 0;
  let to = from;
  const lengthOf = (nibble: number): number => {
    let length = nibble;
    let more = nibble === 15 ? 255 : 0;
    while (more === 255) {
      more = packed[at++] ?? 0;
      length += more;
    }
    return length;
  };
  while (at < packed.length) {
    const token = packed[at++] ?? 0;
    const literals = lengthOf(token >> 4);
    if (at + literals > packed.length || to + literals > out.length) throw new Error('a block of the LZ4 frame is damaged');
    packed.copy(out, to, at, at + literals);
    at += literals;
    to += literals;
    if (at >= packed.length) break;
    const distance = (packed[at] ?? 0) | ((packed[at + 1] ?? 0) << 8);
    at += 2;
    const length = lengthOf(token & 15) + 4;
    if (distance === 0 || distance > to || to + length > out.length) throw new Error('a block of the LZ4 frame is damaged');
    if (distance >= length) out.copy(out, to, to - distance, to - distance + length);
    // Source and target overlap: the bytes repeat.
    else for (let index = 0; index < length; index += 1) out[to + index] = out[to + index - distance] ?? 0;
    to += length;
  }
  return to - from;
}
