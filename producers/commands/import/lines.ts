// Cuts a file of any size into numbered lines, in bounded memory: of a line that is too long only the beginning is kept.
import { createReadStream } from 'node:fs';

/** A line without its end. `bytes` is its whole length; above the limit `text` is only the beginning. */
export interface Line {
  /** 1 is the first line of the file. */
  readonly number: number;
  readonly text: string;
  readonly bytes: number;
  readonly tooLong: boolean;
}

/** Longest line that is read, in bytes. A row of a real file has a few hundred. */
export const lineBytesMax = 1 << 20;
const shownBytes = 200;
const lineFeed = 10;
const carriageReturn = 13;

/** Lines of a UTF-8 file, a byte order mark left out, in pieces as they are read; `onBytes` tells how far it is. */
export async function* linesOf(
  path: string,
  onBytes: (read: number) => void = () => undefined,
  limit = lineBytesMax,
): AsyncGenerator<readonly Line[]> {
  let number = 0;
  let read = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): Line => {
    number += 1;
    const tooLong = length > limit;
    let bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    if (bytes.at(-1) === carriageReturn && !tooLong) bytes = bytes.subarray(0, -1);
    let text = bytes.subarray(0, tooLong ? shownBytes : bytes.length).toString('utf8');
    if (number === 1 && text.startsWith('\uFEFF')) text = text.slice(1);
    const line = { number, text, bytes: length, tooLong };
    parts = [];
    length = 0;
    return line;
  };
  const keep = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    if (length <= limit) parts.push(length === 0 && bytes.length > limit ? bytes.subarray(0, shownBytes) : bytes);
    length += bytes.length;
    if (length > limit && parts.length > 1) parts = [Buffer.concat(parts).subarray(0, shownBytes)];
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const bytes = chunk as Buffer;
    const lines: Line[] = [];
    let at = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, at)) {
      keep(bytes.subarray(at, end));
      lines.push(take());
      at = end + 1;
    }
    keep(bytes.subarray(at));
    read += bytes.length;
    onBytes(read);
    if (lines.length > 0) yield lines;
  }
  if (length > 0) yield [take()];
}
