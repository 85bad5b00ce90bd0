// Imports a file of positions: reads, checks, maps and books row by row, many at a time, and tells what became of each.
import type { Actor } from '#domain/messages.ts';
import type { Intake } from '../intake.ts';
import { createBooking, type RowResult } from './booking.ts';
import { scanFile } from './encoding.ts';
import { columnsOf, type Mapping } from './mapping.ts';
import { createPace } from './pace.ts';
import { createPositionReader } from './position.ts';
import { positionIds } from './position-commands.ts';
import { openRejects, rejectColumns } from './rejects.ts';
import { createRowIndex } from './row-index.ts';
import { rowsOf, type SourceRow } from './rows.ts';

export interface ImportOptions {
  readonly path: string;
  readonly mapping: Mapping;
  /** Where to book; not used by a dry run. */
  readonly intake: Pick<Intake, 'submit'>;
  readonly tenantId: string;
  readonly actor: Actor;
  /** Ties all commands of this run; a new uuid for each. */
  readonly correlationId: string;
  /** Microseconds since the epoch. */
  readonly clock: () => number;
  /** Reads and checks everything, books nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** File for rejected rows; the path of the file with `.rejects.csv` or `.rejects.jsonl` unless given. */
  readonly rejectsPath?: string;
  /** Most rows under way at the same time; 2,000 unless given. */
  readonly window?: number;
  /** Records that the stores are behind the log: the import waits while they are many, so that bookings beside it are seen soon. */
  readonly backlog?: () => Promise<number | null>;
  /** Whether somebody else books beside the import. */
  readonly othersBook?: () => boolean;
  readonly patienceMs?: number;
}

export interface ImportProgress {
  readonly rows: number;
  readonly rowsTotal: number;
  readonly rejected: number;
  readonly rowsPerSecond: number;
  /** Seconds that are left at this rate, null while it is unknown. */
  readonly etaSeconds: number | null;
}

export interface ImportSummary {
  readonly rows: number;
  readonly accepted: number;
  /** Rows that had been booked before. */
  readonly already: number;
  readonly rejected: number;
  /** Warnings of the rules over all booked rows. */
  readonly findings: number;
  readonly seconds: number;
  readonly dryRun: boolean;
  /** File that repeats the rejected rows, null when there is none. */
  readonly rejectsPath: string | null;
}

const windowRows = 2_000;
const progressMs = 250;
const patienceMsUsual = 120_000;

interface UnderWay {
  readonly row: SourceRow;
  readonly columns: readonly string[];
  readonly result: Promise<RowResult>;
}

/**
 * Imports a CSV or JSON lines file through a mapping. The same file again, or after a stop half-way, books nothing twice: all ids
 * follow from the rows.
 * @throws ImportError when the file or the mapping cannot be read as a whole, or nothing is decided for `patienceMs`.
 */
export const importFile = async (options: ImportOptions): Promise<ImportSummary> => {
  const { path, mapping, dryRun = false, window = windowRows, onProgress = () => undefined } = options;
  const scanned = await scanFile(path);
  const rowsTotal = Math.max(0, scanned.lines - (mapping.format === 'csv' ? 1 : 0));
  const rejects = await openRejects(
    options.rejectsPath ?? `${path}.rejects.${mapping.format}`,
    mapping.format,
    mapping.delimiter,
  );
  const { intake, tenantId, actor, correlationId, clock } = options;
  const pace = createPace({
    windowMax: window,
    ...(options.backlog === undefined ? {} : { backlog: options.backlog }),
    ...(options.othersBook === undefined ? {} : { othersBook: options.othersBook }),
  });
  const submit: Intake['submit'] = async (command, settings) => {
    const sentAt = performance.now();
    const submission = await intake.submit(command, settings);
    pace.decided(performance.now() - sentAt);
    return submission;
  };
  const booking = createBooking({
    intake: { submit },
    context: { source: mapping.source, tenantId, actor, correlationId, clock },
    patienceMs: options.patienceMs ?? patienceMsUsual,
  });
  const seen = createRowIndex();
  const started = performance.now();
  const tally = { rows: 0, accepted: 0, already: 0, rejected: 0, findings: 0 };
  // Progress counts what is decided, in whatever order; the tally waits for the oldest row.
  const decided = { rows: 0, rejected: 0 };
  let lastProgress = 0;

  const tell = (force: boolean): void => {
    const now = performance.now();
    if (!force && now - lastProgress < progressMs) return;
    lastProgress = now;
    const rowsPerSecond = decided.rows / Math.max(0.001, (now - started) / 1000);
    onProgress({
      ...decided,
      rowsTotal,
      rowsPerSecond,
      etaSeconds: decided.rows === 0 ? null : Math.max(0, rowsTotal - decided.rows) / rowsPerSecond,
    });
  };
  let undecided = 0;
  let wake: () => void = () => undefined;
  /** Waits until fewer rows are under way than the pace allows, whichever of them are decided first. */
  const untilRoom = async (): Promise<void> => {
    while (undecided >= pace.window()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await pace.untilStoresFollow();
  };
  const ended = (): void => {
    undecided -= 1;
    wake();
  };
  const note = ({ kind }: RowResult): void => {
    ended();
    decided.rows += 1;
    if (kind === 'rejected') decided.rejected += 1;
    tell(false);
  };

  // Results are taken in the order of the file: counts, progress and the rejects file do not depend on who was decided first.
  const underWay: UnderWay[] = [];
  let taken = 0;
  const takeOldest = async (): Promise<void> => {
    const oldest = underWay[taken];
    if (oldest === undefined) return;
    taken += 1;
    if (taken > window) {
      underWay.splice(0, taken);
      taken = 0;
    }
    const result = await oldest.result;
    tally.rows += 1;
    tally[result.kind] += 1;
    if (result.kind === 'rejected') await rejects.write(oldest.row, oldest.columns, result.reasons);
    else tally.findings += result.findings;
  };

  const begin = (row: SourceRow, readPosition: ReturnType<typeof createPositionReader>): Promise<RowResult> | RowResult => {
    if ('reason' in row) return { kind: 'rejected', reasons: [row.reason] };
    const read = readPosition(row.line, row.cells);
    if (read.kind === 'rejected') return read;
    const ids = positionIds(read.position);
    const earlier = seen.add(ids.commitmentId, row.line);
    if (earlier !== null)
      return {
        kind: 'rejected',
        reasons: [
          {
            code: 'duplicate-row',
            message: `line ${row.line} repeats line ${earlier}: the same investor and fund${mapping.row_key.length > 0 ? ' and key' : ''}; keep one of them`,
          },
        ],
      };
    return dryRun ? { kind: 'accepted', findings: 0 } : booking.book(read.position, ids);
  };

  try {
    let readPosition: ReturnType<typeof createPositionReader> | null = null;
    const columns = [...columnsOf(mapping)];
    for await (const piece of rowsOf(path, {
      format: mapping.format,
      delimiter: mapping.delimiter,
      columns: mapping.format === 'jsonl' ? [...columns, ...mapping.ignored_columns, ...rejectColumns] : columns,
    })) {
      readPosition ??= createPositionReader(mapping, piece.columns);
      for (const row of piece.rows) {
        const result = Promise.resolve(begin(row, readPosition));
        // The failure is thrown when its turn comes; until then it must not count as unhandled.
        undecided += 1;
        result.then(note, ended);
        underWay.push({ row, columns: piece.columns, result });
        if (underWay.length - taken >= window) await takeOldest();
        if (!dryRun) await untilRoom();
      }
    }
    while (taken < underWay.length) await takeOldest();
  } finally {
    await rejects.close();
  }
  tell(true);
  return {
    ...tally,
    seconds: (performance.now() - started) / 1000,
    dryRun,
    rejectsPath: rejects.count > 0 ? (options.rejectsPath ?? `${path}.rejects.${mapping.format}`) : null,
  };
};
