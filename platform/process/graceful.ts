// The life of a role process: started once, told to its supervisor when ready, and stopped in good order by a signal, by
// the end of its parent, or at once by a defect.
import { inspect } from 'node:util';
import closeWithGrace from 'close-with-grace';
import type { RoleMessage } from './role-message.ts';

/** What a role is to its process: something that stops, and can say how it is. */
export interface RunningRole {
  /** Ends it: what is under way is finished or given back, connections are closed. */
  stop(): Promise<void>;
  /** A JSON value for `status`, asked once a second. */
  health?(): unknown;
}

interface RoleOptions {
  /** The part of a logger that is needed here. */
  readonly log: { info(message: string): void; fatal(fields: object, message: string): void };
  /** After this the process is ended whatever it is still doing. */
  readonly stopDeadlineMs?: number;
  readonly healthEveryMs?: number;
}

/**
 * Runs one role for the life of this process and ends the process with 0 after an orderly stop, 1 otherwise. SIGTERM,
 * SIGINT and the loss of the parent stop it; an error that nobody caught ends it at once, because its state is then
 * unknown: the supervisor starts it again from what is committed.
 */
export const runRole = async (start: () => Promise<RunningRole>, options: RoleOptions): Promise<void> => {
  const { log, stopDeadlineMs = 10_000, healthEveryMs = 1000 } = options;
  let starting: Promise<RunningRole> | null = null;
  const closing = closeWithGrace(
    {
      delay: stopDeadlineMs,
      logger: false,
      // Signals of a fault in the process itself: caught, the fault would be run again and again.
      skip: ['SIGHUP', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGUSR2', 'beforeExit'],
      onTimeout: () => {
        log.fatal({ stopDeadlineMs }, `It did not stop within ${stopDeadlineMs} ms and is ended.`);
        process.exit(1);
      },
    },
    async ({ err, signal }) => {
      if (err) return log.fatal({ err }, 'A defect: the process ends and is started again from what is committed.');
      log.info(`Stopping, asked by ${signal ?? 'the end of its parent'}.`);
      const role = await starting?.catch(() => null);
      await role?.stop();
    },
  );
  // Without its parent nobody would start it again, show it or stop it.
  process.once('disconnect', () => closing.close());
  // Its output is the parent's pipe: a line written after the parent's end must not look like a defect.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    starting = start();
    const role = await starting;
    tellParent({ type: 'ready' });
    if (role.health) setInterval(() => tellParent({ type: 'status', status: role.health?.() }), healthEveryMs).unref();
  } catch (error) {
    log.fatal({ err: error instanceof Error ? error : new Error(inspect(error)) }, 'The role could not start.');
    process.exitCode = 1;
    process.exit();
  }
};

const tellParent = (message: RoleMessage): void => {
  if (process.connected) process.send?.(message);
};
