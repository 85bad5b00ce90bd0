// One child process per role, kept alive beside the engines: started, restarted with growing pauses, shown and stopped.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Guard } from './guard-client.ts';
import { keepAlive, type KeptProcess, type ProcessEvent, type ProcessState } from './keep-alive.ts';
import { openLineLog } from './log-file.ts';
import { asRoleMessage } from './role-message.ts';
import { roleNodeOptions } from './role-options.ts';

export interface SupervisorOptions {
  /** Names of the roles, each one process. */
  readonly roles: readonly string[];
  /** The script that is run as `node SCRIPT ROLE`; it calls `runRole`. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** `ROLE.log` of each role goes here. */
  readonly logFolder: string;
  readonly pidFolder: string;
  /** The watchman of the stack, so that no role outlives it. */
  readonly guard: Guard;
  readonly onEvent: (event: ProcessEvent) => void;
  /** Lines that somebody should see: warnings, errors, and whatever is no structured log line on standard error. */
  readonly onLine?: (line: { readonly role: string; readonly text: string }) => void;
  readonly readyTimeoutMs?: number;
}

export interface RoleStatus {
  readonly name: string;
  readonly pid: number | null;
  readonly state: ProcessState;
  readonly restarts: number;
  readonly logFile: string;
  /** What the role last said about itself; null before that and after it died. */
  readonly status: unknown;
}

export interface Supervisor {
  status(): readonly RoleStatus[];
  /** Stops all roles; safe to call more than once. */
  stop(): Promise<void>;
}

/** Starts all roles and resolves when each is ready. If one cannot start, all are stopped and the failure is thrown. */
export const startSupervisor = async (options: SupervisorOptions): Promise<Supervisor> => {
  const said = new Map<string, unknown>();
  const kept = options.roles.map((role) => keepRole(role, options, said));
  const stop = async (): Promise<void> => {
    await Promise.all(kept.map((process) => process.stop()));
  };
  try {
    await Promise.all(kept.map((process) => process.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    status: () =>
      kept.map((process) => ({
        name: process.name,
        pid: process.pid,
        state: process.state,
        restarts: process.restarts,
        logFile: process.logFile,
        status: process.state === 'ready' ? (said.get(process.name) ?? null) : null,
      })),
  };
};

const keepRole = (role: string, options: SupervisorOptions, said: Map<string, unknown>): KeptProcess => {
  const logFile = join(options.logFolder, `${role}.log`);
  return keepAlive({
    name: role,
    title: role,
    logFile,
    pidFolder: options.pidFolder,
    guard: options.guard,
    launch: () => {
      said.delete(role);
      const child = spawn(process.execPath, [...roleNodeOptions, options.script, role], {
        env: options.env,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        detached: true,
      });
      child.on('message', (value) => {
        const message = asRoleMessage(value);
        if (message?.type === 'status') said.set(role, message.status);
      });
      writeLog(child, logFile, (text) => options.onLine?.({ role, text }));
      return child;
    },
    untilReady,
    readyTimeoutMs: options.readyTimeoutMs ?? 120_000,
    stopSignal: 'SIGTERM',
    stopDeadlineMs: 12_000,
    onEvent: options.onEvent,
  });
};

const untilReady = (child: ChildProcess, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    child.on('message', (value) => {
      if (asRoleMessage(value)?.type === 'ready') resolve();
    });
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

/** Appends both outputs of a child to its log file, whole lines at a time, and passes on the important ones. */
const writeLog = (child: ChildProcess, logFile: string, onImportant: (text: string) => void): void => {
  const log = openLineLog(logFile);
  let open = 0;
  for (const [stream, isError] of [
    [child.stdout, false],
    [child.stderr, true],
  ] as const) {
    if (!stream) continue;
    open += 1;
    const lines = createInterface({ input: stream });
    lines.on('line', (text) => {
      log.write(text);
      const important = importantText(text, isError);
      if (important !== null) onImportant(important);
    });
    lines.on('close', () => {
      open -= 1;
      if (open === 0) log.close();
    });
  }
};

/** The message of a log line at warn or above, or a bare line of standard error; null for what only the file needs. */
export const importantText = (line: string, isError: boolean): string | null => {
  if (!line.startsWith('{')) return isError && line.trim() !== '' ? line : null;
  try {
    const { level, msg } = JSON.parse(line) as { readonly level?: unknown; readonly msg?: unknown };
    return typeof level === 'string' && ['warn', 'error', 'fatal'].includes(level)
      ? `${level}: ${typeof msg === 'string' ? msg : line}`
      : null;
  } catch {
    return isError ? line : null;
  }
};
