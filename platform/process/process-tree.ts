// Operating-system processes by pid: are they the ones that we started, and how to end one with all of its children.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The moment at which the process started, as an opaque text, or null if there is no such process.
 * A pid is used again by the system; pid and start together name one process for ever.
 */
export const processStart = (pid: number): string | null => {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // Fields after the command name, which may hold blanks and brackets: state is the first, start time the 20th.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? null : (fields[19] ?? null);
    }
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return started === '' ? null : started;
  } catch {
    return null;
  }
};

/** True while the process `pid` that started at `start` lives. */
export const isSameProcess = (pid: number, start: string): boolean => processStart(pid) === start;

/** Sends a signal to the group that `pid` leads, or to the process alone if it leads none. False if it is gone. */
export const signalGroup = (pid: number, signal: NodeJS.Signals): boolean => {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return false;
};

/** One process to be ended: how it likes to be asked, and how long it may take before it is killed. */
export interface Ending {
  readonly pid: number;
  readonly start: string;
  readonly signal: NodeJS.Signals;
  readonly deadlineMs: number;
}

/** Asks the process to end, waits, and kills its group when the deadline is over. Returns when it is gone. */
export const endProcess = async ({ pid, start, signal, deadlineMs }: Ending): Promise<void> => {
  if (!isSameProcess(pid, start)) return;
  signalGroup(pid, signal);
  const until = Date.now() + deadlineMs;
  while (isSameProcess(pid, start)) {
    if (Date.now() > until) signalGroup(pid, 'SIGKILL');
    await sleep(20);
  }
};

/** Kills what is left of a group whose leader has just ended. */
export const killLeftGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
