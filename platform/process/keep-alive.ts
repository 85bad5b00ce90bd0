// One process kept alive: started, awaited until it is ready, started again with growing pauses when it dies, and ended
// with its whole group. The engines and the roles are kept by this one loop.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard } from './guard-client.ts';
import { explainExit } from './exit-cause.ts';
import { tailLogFile } from './log-file.ts';
import { removePidFile, writePidFile } from './pid-file.ts';
import { endProcess, killLeftGroup, type Ending } from './process-tree.ts';

/** `failed`: several starts in a row ended before the process was ready; it is still tried, at the longest pause. */
export type ProcessState = 'starting' | 'ready' | 'restarting' | 'stopped' | 'failed';

/** What happened to a kept process. `cause` is the likely reason in words, `tail` the last lines of its log. */
export type ProcessEvent =
  | { readonly kind: 'starting'; readonly name: string; readonly pid: number }
  | { readonly kind: 'ready'; readonly name: string; readonly pid: number; readonly tookMs: number; readonly restarts: number }
  | {
      readonly kind: 'died';
      readonly name: string;
      readonly cause: string;
      readonly tail: readonly string[];
      readonly retryInMs: number;
    }
  | { readonly kind: 'stopped'; readonly name: string };

export interface KeptProcessSpec {
  /** One word: names the pid file. */
  readonly name: string;
  /** What messages call it. */
  readonly title: string;
  readonly logFile: string;
  readonly pidFolder: string;
  readonly guard: Guard;
  /** Spawns it as the leader of a group of its own (`detached: true`). */
  readonly launch: () => ChildProcess;
  /** Resolves when the process can do its work; rejects when the signal says that it has died or took too long. */
  readonly untilReady: (child: ChildProcess, signal: AbortSignal) => Promise<void>;
  readonly readyTimeoutMs: number;
  readonly stopSignal: NodeJS.Signals;
  readonly stopDeadlineMs: number;
  readonly onEvent: (event: ProcessEvent) => void;
}

export interface KeptProcess {
  readonly name: string;
  readonly logFile: string;
  readonly pid: number | null;
  readonly state: ProcessState;
  readonly restarts: number;
  /** Starts it and resolves when it is ready. Rejects if this first start fails: it is then not kept. */
  start(): Promise<void>;
  /** Ends it and resolves when it is gone. Safe to call at any time, more than once. */
  stop(): Promise<void>;
}

/** A process that could not be started: names the process, the likely cause and the last lines of its log. */
export class StartFailure extends Error {
  readonly code = 'PROCESS_START_FAILED';
}

const PAUSES_MS = [100, 250, 500, 1000, 2000, 5000, 10_000];
const FAILED_AFTER = 5;
/** A process that was ready for this long starts again at the shortest pause. */
const STEADY_MS = 30_000;

/** Keeps one process as `spec` says. Nothing is started before `start()`. */
export const keepAlive = (spec: KeptProcessSpec): KeptProcess => {
  let state: ProcessState = 'stopped';
  let restarts = 0;
  let failures = 0;
  let ending: Ending | null = null;
  let stopping = false;
  let looping: Promise<void> = Promise.resolve();
  const stopSignal = new AbortController();

  const attempt = async (): Promise<{ ready: boolean; exited: Promise<string>; readyAt: number }> => {
    const begun = performance.now();
    const child = spec.launch();
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`it could not be run: ${error.message}`));
      child.once('exit', (code, signal) => resolve(explainExit({ code, signal, tail: tailLogFile(spec.logFile) })));
    });
    const over = new AbortController();
    void exited.then(() => over.abort());
    if (child.pid !== undefined) {
      const { stopSignal: signal, stopDeadlineMs: deadlineMs } = spec;
      ending = writePidFile(spec.pidFolder, spec.name, { pid: child.pid, signal, deadlineMs });
      spec.guard.watch(ending);
      spec.onEvent({ kind: 'starting', name: spec.name, pid: child.pid });
    }
    const limit = AbortSignal.timeout(spec.readyTimeoutMs);
    const ready = await spec.untilReady(child, AbortSignal.any([over.signal, limit, stopSignal.signal])).then(
      () => true,
      () => false,
    );
    if (ready && !over.signal.aborted && ending) {
      state = 'ready';
      failures = 0;
      spec.onEvent({ kind: 'ready', name: spec.name, pid: ending.pid, tookMs: performance.now() - begun, restarts });
      return { ready, exited, readyAt: performance.now() };
    }
    if (!over.signal.aborted && ending) await endProcess({ ...ending, deadlineMs: 1000 });
    const cause = limit.aborted ? Promise.resolve(`it was not ready after ${spec.readyTimeoutMs / 1000} s`) : exited;
    return { ready: false, exited: cause, readyAt: 0 };
  };

  const ended = (): void => {
    if (!ending) return;
    spec.guard.forget(ending.pid);
    removePidFile(spec.pidFolder, spec.name);
    ending = null;
  };

  const loop = async (first: Awaited<ReturnType<typeof attempt>>): Promise<void> => {
    let pause = 0;
    for (let current = first; ; current = await attempt()) {
      const cause = await current.exited;
      // What is left of its group (a wrapper's child) must not hold the port or the data.
      if (ending) killLeftGroup(ending.pid);
      ended();
      if (stopping) return;
      if (!current.ready) failures += 1;
      if (current.ready && performance.now() - current.readyAt > STEADY_MS) pause = 0;
      const retryInMs = PAUSES_MS[Math.min(pause, PAUSES_MS.length - 1)] ?? 0;
      pause += 1;
      state = failures >= FAILED_AFTER ? 'failed' : 'restarting';
      spec.onEvent({ kind: 'died', name: spec.name, cause, tail: tailLogFile(spec.logFile), retryInMs });
      await sleep(retryInMs, undefined, { signal: stopSignal.signal }).catch(() => undefined);
      if (stopping) return;
      restarts += 1;
    }
  };

  return {
    name: spec.name,
    logFile: spec.logFile,
    get pid() {
      return ending?.pid ?? null;
    },
    get state() {
      return state;
    },
    get restarts() {
      return restarts;
    },
    start: async () => {
      state = 'starting';
      const first = await attempt();
      if (!first.ready) {
        const cause = await first.exited;
        ended();
        state = 'failed';
        const tail = tailLogFile(spec.logFile).map((line) => `    ${line}`);
        throw new StartFailure([`${spec.title} did not start: ${cause}. Its log ${spec.logFile} ends with`, ...tail].join('\n'));
      }
      looping = loop(first);
    },
    stop: async () => {
      const running = !stopping && state !== 'stopped';
      stopping = true;
      stopSignal.abort();
      if (ending) await endProcess(ending);
      await looping;
      ended();
      state = 'stopped';
      if (running) spec.onEvent({ kind: 'stopped', name: spec.name });
    },
  };
};
