// A whole stack of one's own, started by the product's command: for tests that stop, kill and start it.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askControl, readStackFile, type ControlStatus } from '../../cli/control.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** How a command of the CLI ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `stratcap ARGS` on a data folder and gathers what it prints. */
export const startCommand = (
  dataFolder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { readonly child: ChildProcess; readonly end: Promise<CommandEnd>; output(): string } => {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env, STRATCAP_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  const end = new Promise<CommandEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, end, output: () => stdout + stderr };
};

/** Runs a command to its end. */
export const runCommand = async (dataFolder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandEnd> =>
  await startCommand(dataFolder, args, env).end;

export interface OwnStack {
  readonly dataFolder: string;
  /** Port of page and API. */
  httpPort(): number;
  /** Environment of the roles: addresses and secrets. */
  env(): Readonly<Record<string, string>>;
  status(): Promise<ControlStatus | null>;
  /** Waits until every engine and role is ready. */
  untilReady(timeoutMs?: number): Promise<void>;
  /** What `up` has printed so far. */
  output(): string;
  /** Asks it to stop, as Ctrl-C does, and waits for the end. */
  stop(): Promise<CommandEnd>;
}

/** Starts a stack on free ports in a data folder; resolves when it says that it is running. */
export const startOwnStack = async ({
  dataFolder = mkdtempSync(join(tmpdir(), 'stratcap-own-')),
  args = ['--no-import'],
  timeoutMs = 240_000,
}: { readonly dataFolder?: string; readonly args?: readonly string[]; readonly timeoutMs?: number } = {}): Promise<OwnStack> => {
  const { child, end, output } = startCommand(dataFolder, ['up', '--free-ports', ...args]);
  const deadline = Date.now() + timeoutMs;
  let ended: CommandEnd | null = null;
  void end.then((how) => (ended = how));
  while (!output().includes('StratCap is running.')) {
    if (ended !== null) throw new Error(`the stack ended before it was up:\n${output()}`);
    if (Date.now() > deadline) {
      child.kill('SIGTERM');
      await end;
      throw new Error(`the stack was not up within ${timeoutMs} ms:\n${output()}`);
    }
    await sleep(100);
  }
  const env = (): Readonly<Record<string, string>> => {
    const file = readStackFile(dataFolder);
    if (file === null) throw new Error('the stack has no stack file');
    return file.env;
  };
  const status = async (): Promise<ControlStatus | null> => await askControl(dataFolder);
  return {
    dataFolder,
    env,
    status,
    output,
    httpPort: () => Number(env()['STRATCAP_HTTP_PORT']),
    untilReady: async (wait = 120_000) => {
      const until = Date.now() + wait;
      for (;;) {
        const now = await status();
        if (now !== null && [...now.engines, ...now.roles].every(({ state }) => state === 'ready')) return;
        if (Date.now() > until) throw new Error(`the stack was not ready within ${wait} ms: ${JSON.stringify(now)}\n${output()}`);
        await sleep(100);
      }
    },
    stop: async () => {
      child.kill('SIGINT');
      return await end;
    },
  };
};

/** Removes the folder of a stack that has stopped. */
export const removeStackFolder = (dataFolder: string): void => rmSync(dataFolder, { recursive: true, force: true });
