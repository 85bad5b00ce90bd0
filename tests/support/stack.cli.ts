// A stack for several test runs to share: `start` leaves one running and writes its addresses to the file that
// STRATCAP_TEST_STACK names, `stop` ends it. `npm test` does both; a developer may keep one running all day.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isSameProcess, processStart } from '#platform/process/process-tree.ts';
import { ENGINE_NAMES, type EngineName } from '#platform/stack/engine.ts';
import { startEngines } from '#platform/stack/engines.ts';
import { ownEnvironment } from './environment.ts';

interface StackFile {
  readonly pid: number;
  readonly start: string;
}

const file = process.env['STRATCAP_TEST_STACK'] || join(tmpdir(), 'stratcap-test-stack.json');
const [command, ...only] = process.argv.slice(2);

const runningStack = (): StackFile | null => {
  if (!existsSync(file)) return null;
  const stack = JSON.parse(readFileSync(file, 'utf8')) as StackFile;
  return isSameProcess(stack.pid, stack.start) ? stack : null;
};

const start = async (): Promise<void> => {
  const known = runningStack();
  if (known) return console.log(`A stack already runs (pid ${known.pid}); its addresses are in ${file}.`);
  rmSync(file, { force: true });
  const log = openSync(`${file}.log`, 'w');
  const script = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [script, 'run', ...only], { detached: true, stdio: ['ignore', log, log] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let over = false;
  void exited.then(() => (over = true));
  while (!runningStack() && !over) await sleep(100);
  console.log(readFileSync(`${file}.log`, 'utf8').trimEnd());
  if (over) process.exit(1);
  console.log(`The addresses are in ${file}. Use it with STRATCAP_TEST_STACK=${file}`);
  child.unref();
};

/** Holds the stack until it is told to end. Runs in the background process that `start` leaves. */
const run = async (): Promise<void> => {
  const stack = await startEngines({
    dataFolder: mkdtempSync(join(tmpdir(), 'stratcap-test-')),
    ports: 'free',
    env: ownEnvironment(process.env),
    onProgress: ({ message }) => console.log(message),
    ...(only.length > 0 ? { only: ENGINE_NAMES.filter((name: EngineName) => only.includes(name)) } : {}),
  });
  const { addresses } = stack;
  const content = { pid: process.pid, start: processStart(process.pid), addresses };
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  const end = async (): Promise<void> => {
    await stack.stop();
    rmSync(file, { force: true });
    rmSync(addresses.dataFolder, { recursive: true, force: true });
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end());
  setInterval(() => undefined, 1 << 30);
};

const stop = async (): Promise<void> => {
  const known = runningStack();
  if (!known) return console.log('No stack runs.');
  process.kill(known.pid, 'SIGTERM');
  while (isSameProcess(known.pid, known.start)) await sleep(50);
  console.log('The stack has stopped.');
};

const commands: Readonly<Record<string, () => Promise<void>>> = { start, run, stop };
const chosen = commands[command ?? ''];
if (!chosen) {
  console.error(
    'Usage: node tests/support/stack.cli.ts start|stop [ENGINE …]   (STRATCAP_TEST_STACK names the file of addresses)',
  );
  process.exit(2);
}
await chosen();
