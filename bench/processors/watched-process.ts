// A measured process: when it started, the marks that it gives in its output, what it used, and its end.
import type { ChildProcess } from 'node:child_process';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { useOf } from '../processes.ts';

/** A moment that a line of output tells of. */
export interface Mark {
  readonly name: string;
  readonly atMs: number;
}

export interface WatchedProcess {
  readonly pid: number;
  readonly startedAtMs: number;
  /** The first time of a mark; null before it. */
  mark(name: string): number | null;
  /** How it ended, once it has. */
  ended(): string | null;
  /** Processor seconds so far, children included; null when it is gone or there is no /proc. */
  cpuSeconds(): number | null;
  /** Largest resident memory so far, in MiB. */
  peakRssMb(): number | null;
  rssMb(): number | null;
  openFiles(): number | null;
  /** Ends it by a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const fromProc = <Value>(read: () => Value): Value | null => {
  try {
    return read();
  } catch {
    return null;
  }
};

/** Follows a child whose standard output and error are pipes; every line goes into the log file, and may hold marks. */
export const watchProcess = (
  child: ChildProcess,
  logFile: string,
  marksOf: (line: string) => readonly Mark[],
): WatchedProcess => {
  const startedAtMs = Date.now();
  const { pid } = child;
  if (pid === undefined) throw new Error('the measured process could not be started');
  const log = createWriteStream(logFile, { flags: 'a' });
  const marks = new Map<string, number>();
  let ending: string | null = null;
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      for (const { name, atMs } of marksOf(line)) if (!marks.has(name)) marks.set(name, atMs);
    });
  }
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      ending = signal ?? `exit code ${code}`;
      resolve();
    });
  });
  const status = (name: string): number | null =>
    fromProc(() => {
      const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      return found === null ? null : Number(found[1]) / 1024;
    });
  return {
    pid,
    startedAtMs,
    mark: (name) => marks.get(name) ?? null,
    ended: () => ending,
    cpuSeconds: () => useOf(new Map([['it', pid]])).get('it')?.cpuSeconds ?? null,
    peakRssMb: () => status('VmHWM'),
    rssMb: () => status('VmRSS'),
    openFiles: () => fromProc(() => readdirSync(`/proc/${pid}/fd`).length),
    end: async (signal) => {
      if (ending === null) child.kill(signal);
      await gone;
      log.end();
    },
  };
};
