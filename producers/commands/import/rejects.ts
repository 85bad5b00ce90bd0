// One file that repeats every rejected row with its reasons: correct it and import it again, the two added columns do not matter.
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import type { RowReason } from './errors.ts';
import type { SourceRow } from './rows.ts';

export interface RejectsFile {
  write(row: SourceRow, columns: readonly string[], reasons: readonly RowReason[]): Promise<void>;
  readonly count: number;
  /** Path of the file, null when nothing was rejected. */
  close(): Promise<string | null>;
}

/** Names of the columns that the rejects file has after those of the row. */
export const rejectColumns = ['import_line', 'import_reasons'] as const;

const reasonText = (reasons: readonly RowReason[]): string =>
  reasons.map(({ code, message }) => `${code}: ${message}`).join(' | ');

const isOwn = (column: string): boolean => (rejectColumns as readonly string[]).includes(column);

const csvLine = (row: SourceRow, columns: readonly string[], reasons: readonly RowReason[], delimiter: string): string => {
  // A broken row has no cells: its text stands in the first column, as it was.
  const cells = 'cells' in row ? columns.flatMap((column, at) => (isOwn(column) ? [] : [row.cells[at] ?? ''])) : [row.text];
  const padding = Array.from({ length: Math.max(0, columns.filter((column) => !isOwn(column)).length - cells.length) }, () => '');
  return stringify([[...cells, ...padding, String(row.line), reasonText(reasons)]], { delimiter });
};

const jsonLine = (row: SourceRow, reasons: readonly RowReason[]): string => {
  // The text of the row, not its values: numbers keep every digit that they came with.
  const own = `"import_line":${row.line},"import_reasons":${JSON.stringify(reasonText(reasons))}`;
  const body =
    'cells' in row
      ? row.text.trim().replace(/,"import_line":\d+,"import_reasons":"(?:[^"\\]|\\.)*"\}$/, '}')
      : JSON.stringify({ broken: row.text });
  return `${body.slice(0, -1).trimEnd()}${body.replace(/\s/g, '') === '{}' ? '' : ','}${own}}\n`;
};

/** A rejects file at `path`; an earlier one is removed, and none is made while nothing is rejected. */
export const openRejects = async (path: string, format: 'csv' | 'jsonl', delimiter: string): Promise<RejectsFile> => {
  await rm(path, { force: true });
  let stream: WriteStream | null = null;
  let count = 0;
  const start = (columns: readonly string[]): WriteStream => {
    const opened = createWriteStream(path, { mode: 0o600 });
    if (format === 'csv')
      opened.write(stringify([[...columns.filter((column) => !isOwn(column)), ...rejectColumns]], { delimiter }));
    return opened;
  };
  return {
    get count() {
      return count;
    },
    write: async (row, columns, reasons) => {
      stream ??= start(columns);
      count += 1;
      const text = format === 'csv' ? csvLine(row, columns, reasons, delimiter) : jsonLine(row, reasons);
      if (!stream.write(text)) await once(stream, 'drain');
    },
    close: async () => {
      if (stream === null) return null;
      stream.end();
      await finished(stream);
      return path;
    },
  };
};
