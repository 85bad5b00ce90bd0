// The parent's side of the watchman (guard.ts): it is told of each process that must not outlive us.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ending } from './process-tree.ts';

export interface Guard {
  /** From now on the process is ended when we are gone. Ended in the reverse order of `watch`. */
  watch(ending: Ending): void;
  /** The process has ended by itself or by us. */
  forget(pid: number): void;
  /** Ends the watchman, and first whatever it still watches. */
  close(): Promise<void>;
}

/** Starts the watchman. It is started again if something kills it while we live. */
export const startGuard = (): Guard => {
  const watched = new Map<number, Ending>();
  let closed = false;
  let child: ChildProcess;
  const tell = (line: object): void => {
    child.stdin?.write(`${JSON.stringify(line)}\n`);
  };
  const launch = (): void => {
    const script = fileURLToPath(new URL('./guard.ts', import.meta.url));
    child = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
    // Writing to one that was killed: `exit` follows and starts another.
    child.stdin?.on('error', () => undefined);
    child.unref();
    (child.stdin as unknown as { unref?: () => void }).unref?.();
    for (const ending of watched.values()) tell({ add: ending });
    child.once('exit', () => {
      if (!closed) launch();
    });
  };
  launch();
  return {
    watch: (ending) => {
      watched.set(ending.pid, ending);
      tell({ add: ending });
    },
    forget: (pid) => {
      watched.delete(pid);
      tell({ remove: pid });
    },
    close: async () => {
      closed = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      const gone = once(child, 'exit');
      child.stdin?.end();
      await gone;
    },
  };
};
