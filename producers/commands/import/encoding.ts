// Looks through a whole file before its first row is booked: a file in another encoding would otherwise be booked in part.
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ImportError } from './errors.ts';

export interface ScannedFile {
  readonly bytes: number;
  /** Lines with anything in them. */
  readonly lines: number;
}

const lineFeed = 10;
const chunkBytes = 1 << 20;

/** Whole characters of the bytes: a character that is cut at the end is left for the next piece. */
const wholeCharacters = (bytes: Buffer): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
};

const explain = (path: string, bytes: Buffer, line: number): ImportError => {
  const lines = bytes.toString('latin1').split('\n');
  const at = lines.findIndex((text) => !isUtf8(Buffer.from(text, 'latin1')));
  const text = (lines[at] ?? '').replaceAll(/[^\x20-\x7e]/g, '�').slice(0, 80);
  return new ImportError(
    'not-utf-8',
    `${path} is not UTF-8: line ${line + at} has bytes of another encoding ("${text}"). Nothing was booked; save the file as UTF-8 (for Latin-1: iconv -f latin1 -t utf-8).`,
  );
};

/**
 * Sizes a file and proves that it is UTF-8.
 * @throws ImportError `not-utf-8` naming the line, `file-not-found`, `file-empty`.
 */
export const scanFile = async (path: string): Promise<ScannedFile> => {
  const found = await stat(path).catch((cause: unknown) => {
    throw new ImportError('file-not-found', `${path} cannot be read; give the path of a CSV or JSON lines file`, { cause });
  });
  if (!found.isFile())
    throw new ImportError('file-not-found', `${path} is not a file; give the path of a CSV or JSON lines file`);
  if (found.size === 0) throw new ImportError('file-empty', `${path} is empty; there is nothing to import`);
  let feeds = 0;
  let lines = 0;
  let inLine = false;
  let rest: Buffer = Buffer.alloc(0);
  let first = true;
  const check = (bytes: Buffer): void => {
    if (!isUtf8(bytes)) throw explain(path, bytes, feeds + 1);
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(lineFeed, at);
      if (end !== at) inLine = true;
      if (end < 0) break;
      if (inLine) lines += 1;
      inLine = false;
      feeds += 1;
      at = end + 1;
    }
  };
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    if (first && (bytes.readUInt16BE(0) === 0xfffe || bytes.readUInt16BE(0) === 0xfeff || bytes.subarray(0, 4).includes(0))) {
      throw new ImportError(
        'not-utf-8',
        `${path} looks like UTF-16 or UTF-32. Nothing was booked; save the file as UTF-8 (iconv -f utf-16 -t utf-8).`,
      );
    }
    first = false;
    const whole = wholeCharacters(bytes);
    check(bytes.subarray(0, whole));
    rest = bytes.subarray(whole);
  }
  check(rest);
  return { bytes: found.size, lines: lines + (inLine ? 1 : 0) };
};
