// Records of a CSV file, each by itself: a broken one is told with its line and swallows none of the others. csv-parse reads quoted
// records; the framing is ours, because after a wrong quote or an overlong record csv-parse skips everything to the end (tried, 7.0.3).
import { parse } from 'csv-parse/sync';
import type { RowReason } from './errors.ts';
import { lineBytesMax, type Line } from './lines.ts';

/** A record with the line on which it begins: its cells, or what is wrong with it. */
export type CsvRecord =
  | { readonly line: number; readonly text: string; readonly cells: readonly string[] }
  | { readonly line: number; readonly text: string; readonly reason: RowReason };

export interface CsvReader {
  /** Records that are complete with these lines. */
  push(lines: readonly Line[]): readonly CsvRecord[];
  /** What is left at the end of the file. */
  end(): readonly CsvRecord[];
}

const quotesOf = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count += 1;
  return count;
};

const recordOf = (line: number, text: string, delimiter: string): CsvRecord => {
  if (!text.includes('"')) return { line, text, cells: text.split(delimiter) };
  try {
    const [cells] = parse(text, { delimiter, relax_column_count: true, max_record_size: lineBytesMax }) as string[][];
    return { line, text, cells: cells ?? [] };
  } catch (error) {
    const detail =
      error instanceof Error ? error.message.replace(/ (?:at|on) line \d+/g, '').replace(/, value is .*$/s, '') : String(error);
    return {
      line,
      text,
      reason: {
        code: 'malformed-csv',
        message: `line ${line} is not CSV: ${detail}; put a cell with quotes in quotes and double the quotes in it`,
      },
    };
  }
};

/** Reads records of CSV (RFC 4180) from lines. A cell in quotes may span lines, up to `spanMax` of them. */
export const createCsvReader = (delimiter: string, spanMax = 100): CsvReader => {
  let held: Line[] = [];
  let open = false;
  /** Of the first record, the header: a record over several lines that has another count is one with a stray quote. */
  let columns: number | null = null;

  const unclosed = (): CsvRecord => {
    const [first] = held.splice(0, 1);
    const line = first?.number ?? 0;
    return {
      line,
      text: first?.text ?? '',
      reason: {
        code: 'malformed-csv',
        message: `line ${line} opens a quote that is not closed within ${spanMax} lines; close it or double it`,
      },
    };
  };
  // A quote that never closes costs its own line only: the lines after it are read again by themselves.
  const giveUp = (): readonly CsvRecord[] => {
    const record = unclosed();
    const rest = held;
    held = [];
    open = false;
    return [record, ...rest.flatMap(take)];
  };
  const take = (line: Line): readonly CsvRecord[] => {
    if (line.tooLong) {
      const before = held.length > 0 ? giveUp() : [];
      return [
        ...before,
        {
          line: line.number,
          text: line.text,
          reason: {
            code: 'line-too-long',
            message: `line ${line.number} has ${line.bytes} bytes; a line of at most ${lineBytesMax} is read (a missing line end?)`,
          },
        },
      ];
    }
    if (held.length === 0 && line.text.trim() === '') return [];
    held.push(line);
    if (quotesOf(line.text) % 2 === 1) open = !open;
    if (open) return held.length >= spanMax ? giveUp() : [];
    const record = recordOf(held[0]?.number ?? 0, held.map((part) => part.text).join('\n'), delimiter);
    // A stray quote was closed by a later row's: it is told, and the later rows are read again.
    if (held.length > 1 && ('reason' in record || (columns !== null && record.cells.length !== columns))) return giveUp();
    held = [];
    if ('cells' in record) columns ??= record.cells.length;
    return [record];
  };
  return {
    push: (lines) => lines.flatMap(take),
    end: () => {
      const records: CsvRecord[] = [];
      while (held.length > 0) records.push(...giveUp());
      return records;
    },
  };
};
