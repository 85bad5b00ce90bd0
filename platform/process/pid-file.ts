// Pid files: what a stack that was killed leaves behind, so that the next start can end the processes still running.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, isSameProcess, processStart, type Ending } from './process-tree.ts';

/** Writes `FOLDER/NAME.pid.json` for a process that was just started, and returns how to end it. */
export const writePidFile = (folder: string, name: string, ending: Omit<Ending, 'start'>): Ending => {
  const full: Ending = { ...ending, start: processStart(ending.pid) ?? 'gone' };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.pid.json`), JSON.stringify(full));
  return full;
};

/** Removes the pid file of a process that has ended. */
export const removePidFile = (folder: string, name: string): void => rmSync(join(folder, `${name}.pid.json`), { force: true });

/**
 * Ends every process that the pid files of the folder name and that still runs, and removes the files.
 * The caller holds the lock of the data folder, so that none of them belongs to a running stack.
 * Returns the names of those that were still running.
 */
export const endLeftOvers = async (folder: string): Promise<string[]> => {
  mkdirSync(folder, { recursive: true });
  const found: string[] = [];
  await Promise.all(
    readdirSync(folder)
      .filter((file) => file.endsWith('.pid.json'))
      .map(async (file) => {
        const ending = parseEnding(readFileSync(join(folder, file), 'utf8'));
        if (ending && isSameProcess(ending.pid, ending.start)) {
          found.push(file.slice(0, -'.pid.json'.length));
          await endProcess(ending);
        }
        rmSync(join(folder, file), { force: true });
      }),
  );
  return found.toSorted();
};

const parseEnding = (text: string): Ending | null => {
  try {
    return JSON.parse(text) as Ending;
  } catch {
    // Cut short by the kill that made it a left-over: the process had not been told apart yet.
    return null;
  }
};
