// Rows of a file, whatever its format: cells by column name, or what is wrong with the row.
import { createCsvReader } from './csv.ts';
import { ImportError, type RowReason } from './errors.ts';
import { lineBytesMax, linesOf } from './lines.ts';

/** A row of the file. `cells` follow `columns` of the table; empty text is unknown. */
export type SourceRow =
  | { readonly line: number; readonly text: string; readonly cells: readonly string[] }
  | { readonly line: number; readonly text: string; readonly reason: RowReason };

export interface RowSource {
  readonly format: 'csv' | 'jsonl';
  readonly delimiter: string;
  /** Columns that must be there. */
  readonly columns: readonly string[];
}

/** One piece of the file: its rows under the columns of the file, which stay the same. */
export interface RowPiece {
  readonly columns: readonly string[];
  readonly rows: readonly SourceRow[];
}

const checkHeader = (path: string, found: readonly string[], wanted: readonly string[]): void => {
  const missing = wanted.filter((column) => !found.includes(column));
  const twice = found.filter((column, at) => found.indexOf(column) !== at);
  if (missing.length > 0)
    throw new ImportError(
      'header-mismatch',
      `${path} has no column ${missing.join(', ')}; it has ${found.join(', ')}. Correct the header or take another mapping.`,
    );
  if (twice.length > 0)
    throw new ImportError('header-mismatch', `${path} has the column ${twice.join(', ')} twice; rename one of them`);
};

async function* csvRows(path: string, source: RowSource, onBytes: (read: number) => void): AsyncGenerator<RowPiece> {
  const reader = createCsvReader(source.delimiter);
  let columns: readonly string[] | null = null;
  const toPiece = (records: ReturnType<typeof reader.end>): RowPiece | null => {
    let rest = records;
    if (columns === null) {
      const [header] = records;
      if (header === undefined) return null;
      if ('reason' in header)
        throw new ImportError('header-mismatch', `${path} does not begin with a header: ${header.reason.message}`);
      columns = header.cells.map((cell) => cell.trim());
      checkHeader(path, columns, source.columns);
      rest = records.slice(1);
    }
    const width = columns.length;
    const rows = rest.map((row): SourceRow =>
      'reason' in row || row.cells.length === width
        ? row
        : {
            line: row.line,
            text: row.text,
            reason: {
              code: 'wrong-column-count',
              message: `line ${row.line} has ${row.cells.length} columns, the header has ${width}; put a cell that contains "${source.delimiter}" in quotes`,
            },
          },
    );
    return { columns, rows };
  };
  for await (const lines of linesOf(path, onBytes)) {
    const piece = toPiece(reader.push(lines));
    if (piece !== null) yield piece;
  }
  const last = toPiece(reader.end());
  if (last !== null) yield last;
  if (columns === null) throw new ImportError('file-empty', `${path} has no header; there is nothing to import`);
}

/** Numbers by their text: a JSON number such as 0.1 or 12345678901234567890.12 is never read as floating point. */
const byText = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' ? (context?.source ?? String(value)) : value;

const jsonRow = (line: number, text: string, columns: readonly string[]): SourceRow => {
  const broken = (message: string): SourceRow => ({
    line,
    text,
    reason: { code: 'malformed-json', message: `line ${line} ${message}` },
  });
  let value: unknown;
  try {
    value = JSON.parse(text, byText as (key: string, value: unknown) => unknown);
  } catch (error) {
    return broken(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return broken('is not a JSON object; write one object a line');
  const row = value as Record<string, string | boolean | object | null | undefined>;
  const unknown = Object.keys(row).find((key) => !columns.includes(key));
  if (unknown !== undefined)
    return broken(
      `has the field ${JSON.stringify(unknown)}, which the mapping does not know; take it out or add it to ignored_columns`,
    );
  const nested = columns.find((column) => typeof row[column] === 'object' && row[column] !== null);
  if (nested !== undefined) return broken(`has an object in ${nested}; only texts and numbers are read`);
  return {
    line,
    text,
    cells: columns.map((column) => {
      const cell = row[column];
      return typeof cell === 'string' || typeof cell === 'boolean' ? String(cell) : '';
    }),
  };
};

async function* jsonRows(path: string, { columns }: RowSource, onBytes: (read: number) => void): AsyncGenerator<RowPiece> {
  for await (const lines of linesOf(path, onBytes)) {
    const rows = lines.flatMap((line): SourceRow[] => {
      if (line.tooLong)
        return [
          {
            line: line.number,
            text: line.text,
            reason: {
              code: 'line-too-long',
              message: `line ${line.number} has ${line.bytes} bytes; a line of at most ${lineBytesMax} is read`,
            },
          },
        ];
      return line.text.trim() === '' ? [] : [jsonRow(line.number, line.text, columns)];
    });
    yield { columns, rows };
  }
}

/**
 * Rows of a file in their order, in pieces.
 * @throws ImportError when the header does not fit; what is wrong with a row stands in the row.
 */
export const rowsOf = (
  path: string,
  source: RowSource,
  onBytes: (read: number) => void = () => undefined,
): AsyncGenerator<RowPiece> => (source.format === 'csv' ? csvRows(path, source, onBytes) : jsonRows(path, source, onBytes));
