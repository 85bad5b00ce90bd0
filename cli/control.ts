// How a second terminal reaches a running stack: a file with its addresses and secrets (mode 0600) and a socket that tells
// how engines and roles are. Both stand in the data folder and are gone when the stack is.
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';

/** What `up` leaves for the other commands. */
export interface StackFile {
  readonly pid: number;
  /** Environment of the roles: addresses and secrets by variable. */
  readonly env: Readonly<Record<string, string>>;
}

/** State of an engine or role. */
export interface PartState {
  readonly name: string;
  readonly state: string;
  readonly pid: number | null;
  readonly restarts: number;
  readonly address?: string;
  readonly status?: unknown;
}

/** What the running stack says about itself. */
export interface ControlStatus {
  readonly phase: string;
  readonly engines: readonly PartState[];
  readonly roles: readonly PartState[];
}

const stackPath = (dataFolder: string): string => join(dataFolder, 'stack.json');
const socketPath = (dataFolder: string): string => join(dataFolder, 'control.sock');

/** Writes the stack file; readable by its owner only. */
export const writeStackFile = (dataFolder: string, file: StackFile): void => {
  const path = stackPath(dataFolder);
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
};

/** The stack file, or null when no stack runs on the folder. */
export const readStackFile = (dataFolder: string): StackFile | null => {
  const path = stackPath(dataFolder);
  if (!existsSync(path)) return null;
  const file = JSON.parse(readFileSync(path, 'utf8')) as StackFile;
  try {
    process.kill(file.pid, 0);
    return file;
  } catch {
    return null;
  }
};

/** Answers `status` on the socket until it is closed. */
export const serveControl = async (dataFolder: string, status: () => ControlStatus): Promise<{ close(): Promise<void> }> => {
  const path = socketPath(dataFolder);
  rmSync(path, { force: true });
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(status()));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  chmodSync(path, 0o600);
  return {
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      rmSync(path, { force: true });
      rmSync(stackPath(dataFolder), { force: true });
    },
  };
};

/** Asks the running stack how it is; null when it does not answer. */
export const askControl = async (dataFolder: string): Promise<ControlStatus | null> =>
  await new Promise((resolve) => {
    const asked = request({ socketPath: socketPath(dataFolder), path: '/', timeout: 3000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve(JSON.parse(text) as ControlStatus));
    });
    asked.on('error', () => resolve(null));
    asked.on('timeout', () => asked.destroy());
    asked.end();
  });

const stateSaid = (said: unknown): string | null => {
  if (typeof said !== 'object' || said === null) return null;
  const { ready, state } = said as { readonly ready?: unknown; readonly state?: unknown };
  if (typeof state === 'string' && state !== 'running' && state !== 'ready') return state;
  return ready === false ? 'waiting' : null;
};

/**
 * State of a role as it says itself: a process that runs may still wait for a store or have a task that stopped. A role of several
 * parts says an array; one part that is not ready is the state of the role.
 */
export const roleState = (process: string, said: unknown): string =>
  process === 'ready'
    ? ([said]
        .flat()
        .map(stateSaid)
        .find((state) => state !== null) ?? process)
    : process;

interface SaidTask {
  readonly partition: number;
  readonly error?: string | null;
  readonly restore?: { readonly position: string; readonly target: string } | null;
}

const detailSaid = (said: unknown): string | null => {
  if (typeof said !== 'object' || said === null) return null;
  const { detail, tasks } = said as { readonly detail?: unknown; readonly tasks?: readonly SaidTask[] };
  if (typeof detail === 'string') return detail;
  const failed = tasks?.find(({ error }) => typeof error === 'string');
  if (failed !== undefined) return `partition ${failed.partition}: ${failed.error}`;
  const restoring = tasks?.find(({ restore }) => restore !== null && restore !== undefined);
  return restoring === undefined
    ? null
    : `partition ${restoring.partition} restores its state, at ${restoring.restore?.position ?? '?'} of ${restoring.restore?.target ?? '?'}`;
};

/** Why a role is not ready, as it says itself; null when it says nothing. */
export const roleDetail = (said: unknown): string | null =>
  [said]
    .flat()
    .map(detailSaid)
    .find((detail) => detail !== null) ?? null;
