// Log files of child processes: appended, put aside when they grow, and read from the end when something went wrong.
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const ROTATE_BYTES = 10 * 1024 * 1024;

/** Opens the file for appending; one that has grown over 10 MiB is first put aside as `FILE.1`. Returns the descriptor. */
export const openLogFile = (file: string, bytesMax = ROTATE_BYTES): number => {
  mkdirSync(dirname(file), { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > bytesMax) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
};

export interface LineLog {
  write(line: string): void;
  close(): void;
}

/** A log file that is written line by line and put aside as `FILE.1` each time it has grown over `bytesMax`. */
export const openLineLog = (file: string, bytesMax = ROTATE_BYTES): LineLog => {
  let fd = openLogFile(file, bytesMax);
  let { size } = fstatSync(fd);
  return {
    write: (line) => {
      size += writeSync(fd, `${line}\n`);
      if (size <= bytesMax) return;
      closeSync(fd);
      fd = openLogFile(file, bytesMax);
      ({ size } = fstatSync(fd));
    },
    close: () => closeSync(fd),
  };
};

/** The last lines of a log file, at most `linesMax`, or none if there is no such file. */
export const tailLogFile = (file: string, linesMax = 15): string[] => {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, 16_384));
    readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-linesMax);
  } finally {
    closeSync(fd);
  }
};
