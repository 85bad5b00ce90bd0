// What an engine is given to start itself: where its data lies, its port, and who is told.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard } from '#platform/process/guard-client.ts';
import { keepAlive, type KeptProcess, type ProcessEvent } from '#platform/process/keep-alive.ts';
import { openLogFile } from '#platform/process/log-file.ts';
import type { DataFolder } from './data-folder.ts';
import type { EngineName, EngineProgress } from './engine.ts';
import type { Secrets } from './secrets.ts';

export interface EngineContext {
  readonly folder: DataFolder;
  readonly logFolder: string;
  readonly secrets: Secrets;
  readonly guard: Guard;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (progress: EngineProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

interface EngineProcess {
  readonly engine: EngineName;
  readonly title: string;
  readonly address: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Asked again and again until it says yes. */
  readonly isReady: () => Promise<boolean>;
  readonly stopSignal?: NodeJS.Signals;
}

/** The kept process of an engine: leader of its own group, output to `logs/ENGINE.log`, events told as progress. */
export const keepEngine = (context: EngineContext, engine: EngineProcess): KeptProcess => {
  const logFile = join(context.logFolder, `${engine.engine}.log`);
  return keepAlive({
    name: engine.engine,
    title: engine.title,
    logFile,
    pidFolder: context.folder.pids,
    guard: context.guard,
    launch: () => launchEngine(engine, logFile),
    untilReady: (_child, signal) => untilTrue(engine.isReady, signal),
    readyTimeoutMs: 90_000,
    stopSignal: engine.stopSignal ?? 'SIGTERM',
    stopDeadlineMs: 60_000,
    onEvent: (event) => {
      const message = tellEvent(engine, event);
      if (message) context.onProgress({ engine: engine.engine, kind: event.kind, message });
    },
  });
};

const launchEngine = (engine: EngineProcess, logFile: string): ChildProcess => {
  const fd = openLogFile(logFile);
  try {
    return spawn(engine.command, engine.args, {
      cwd: engine.cwd,
      env: engine.env,
      stdio: ['ignore', fd, fd],
      detached: true,
      ...engine.user,
    });
  } finally {
    closeSync(fd);
  }
};

const tellEvent = ({ title, address }: EngineProcess, event: ProcessEvent): string => {
  switch (event.kind) {
    case 'starting':
      return `${title} starts (pid ${event.pid}).`;
    case 'ready':
      return `${title} is ready at ${address} after ${(event.tookMs / 1000).toFixed(1)} s${event.restarts > 0 ? `, restart ${event.restarts}` : ''}.`;
    case 'died':
      return [
        `${title} died: ${event.cause}. It is started again in ${event.retryInMs} ms. Its log ends with`,
        ...event.tail.slice(-5),
      ].join('\n    ');
    case 'stopped':
      return `${title} stopped.`;
  }
};

/** Calls `check` every 50 ms until it is true. Rejects when the signal aborts. A check that throws counts as no. */
export const untilTrue = async (check: () => Promise<boolean>, signal: AbortSignal): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    if (await check().catch(() => false)) return;
    await sleep(50, undefined, { signal });
  }
};

/** Sends `request` over TCP and gives what comes back in the first answer, or null if nobody listens or answers in 2 s. */
export const askTcp = ({ host, port, request }: { host: string; port: number; request: Buffer }): Promise<Buffer | null> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (answer: Buffer | null): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => finish(null));
    socket.once('error', () => finish(null));
    socket.once('close', () => finish(null));
    socket.once('connect', () => socket.write(request));
    socket.once('data', finish);
  });

/** True if a GET of the URL answers with status 200 within 2 s. */
export const answersHttp = async (url: string): Promise<boolean> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return response.status === 200;
};
