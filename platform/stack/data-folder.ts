// The data folder of a stack: one holder at a time by a kernel lock, enough disk to start, and where each thing lies in it.
import { chmodSync, closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock, unlock } from 'fs-native-extensions';
import { StackFailure } from './engine.ts';

const DISK_FREE_MIN_BYTES = 1024 ** 3;

export interface DataFolder {
  readonly path: string;
  readonly logs: string;
  readonly pids: string;
  /** Data of one engine. */
  engine(name: string): string;
  release(): void;
}

/**
 * Makes and locks the folder. The lock is the kernel's: it is free at once when the holder is gone, whatever ended it.
 * Throws StackFailure if another stack holds it (with its pid) or less than 1 GiB is free.
 */
export const openDataFolder = (path: string): DataFolder => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  assertDiskSpace(path);
  const fd = openSync(join(path, 'lock'), 'a+', 0o600);
  if (!tryLock(fd)) {
    closeSync(fd);
    const holder = readFileSync(join(path, 'lock'), 'utf8').trim() || 'unknown';
    throw new StackFailure(
      'STACK_LOCKED',
      `A stack already runs on ${path} (pid ${holder}). Stop it first, or set STRATCAP_DATA to another folder for a second one.`,
    );
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`);
  const logs = join(path, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  // As root, Postgres runs as another user, who must be able to pass through to its own folder, and sees nothing else.
  if (process.getuid?.() === 0) chmodSync(path, 0o711);
  return {
    path,
    logs,
    pids: join(path, 'run'),
    engine: (name) => join(path, name),
    release: () => {
      unlock(fd);
      closeSync(fd);
    },
  };
};

/** Throws StackFailure if the disk of the folder has less than 1 GiB free: an engine that fills it would lose time, not only fail. */
export const assertDiskSpace = (path: string, freeMinBytes = DISK_FREE_MIN_BYTES): void => {
  const { bavail, bsize } = statfsSync(path);
  const freeMib = Math.floor((bavail * bsize) / 1024 ** 2);
  const neededMib = Math.ceil(freeMinBytes / 1024 ** 2);
  if (freeMib >= neededMib) return;
  throw new StackFailure(
    'STACK_DISK_FULL',
    `The disk of ${path} has ${freeMib} MiB free; the stack needs ${neededMib} MiB to start. Free some space, or set STRATCAP_DATA to a folder on another disk.`,
  );
};
