// Processes of a stack: kept alive, told apart, stopped whole, and never left behind. Each test runs real processes.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startGuard, type Guard } from './guard-client.ts';
import { keepAlive, type KeptProcess, type ProcessEvent } from './keep-alive.ts';
import { openLogFile, tailLogFile } from './log-file.ts';
import { endLeftOvers, writePidFile } from './pid-file.ts';
import { processStart } from './process-tree.ts';
import { startSupervisor } from './supervisor.ts';

let folder = '';
let guard: Guard;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stratcap-process-'));
  guard = startGuard();
});
afterEach(async () => {
  await guard.close();
  rmSync(folder, { recursive: true, force: true });
});

const moduleUrl = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
const runNode = (code: string, stdio: 'ignore' | number = 'ignore'): ChildProcess =>
  spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', stdio, stdio], detached: true });
const isGone = (pid: number): boolean => processStart(pid) === null;

/** A kept process that runs `code` and is ready when it has written the file `ready`. */
const keep = (code: string, onEvent: (event: ProcessEvent) => void = () => undefined): KeptProcess => {
  const logFile = join(folder, 'kept.log');
  const ready = join(folder, 'ready');
  return keepAlive({
    name: 'kept',
    title: 'The kept process',
    logFile,
    pidFolder: folder,
    guard,
    launch: () => {
      rmSync(ready, { force: true });
      return runNode(code.replaceAll('READY', JSON.stringify(ready)), openLogFile(logFile));
    },
    untilReady: async (_child, signal) => {
      await vi.waitUntil(() => signal.aborted || existsSync(ready), { timeout: 10_000, interval: 10 });
      signal.throwIfAborted();
    },
    readyTimeoutMs: 8000,
    stopSignal: 'SIGTERM',
    stopDeadlineMs: 500,
    onEvent,
  });
};
const LIVES = "import fs from 'node:fs'; fs.writeFileSync(READY, ''); setInterval(() => {}, 1000);";

describe('a kept process', () => {
  test('that is killed comes back with another pid, and the cause is told', async () => {
    const events: ProcessEvent[] = [];
    const kept = keep(LIVES, (event) => events.push(event));
    await kept.start();
    const first = kept.pid;
    expect(kept.state).toBe('ready');
    process.kill(first ?? 0, 'SIGKILL');
    await vi.waitUntil(() => kept.state === 'ready' && kept.pid !== first, { timeout: 10_000 });
    expect(kept.restarts).toBe(1);
    expect(events.find((event) => event.kind === 'died')).toMatchObject({ cause: expect.stringContaining('SIGKILL') as string });
    const last = kept.pid ?? 0;
    await kept.stop();
    expect([kept.state, kept.pid, isGone(last)]).toEqual(['stopped', null, true]);
    expect(readdirSync(folder).filter((file) => file.endsWith('.pid.json'))).toEqual([]);
  });

  test('that does not heed the stop signal is killed with its children when the deadline is over', async () => {
    const child = join(folder, 'child');
    const kept = keep(
      `import { spawn } from 'node:child_process'; import fs from 'node:fs';
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
       fs.writeFileSync(${JSON.stringify(child)}, String(child.pid));
       process.on('SIGTERM', () => {}); fs.writeFileSync(READY, ''); setInterval(() => {}, 1000);`,
    );
    await kept.start();
    const grandchild = Number(readFileSync(child, 'utf8'));
    expect(isGone(grandchild)).toBe(false);
    await kept.stop();
    await vi.waitUntil(() => isGone(grandchild));
  });

  test('whose first start fails says why, with the end of its log, and is not kept', async () => {
    const kept = keep("console.log('listen EADDRINUSE: address already in use 127.0.0.1:1'); process.exit(3);");
    await expect(kept.start()).rejects.toThrow(
      /The kept process did not start: it ended with exit code 3: another program took its port[\s\S]*EADDRINUSE/,
    );
    expect([kept.state, kept.pid]).toEqual(['failed', null]);
  });

  test('can be stopped while it waits for its next start', async () => {
    const kept = keep(`import fs from 'node:fs'; if (fs.existsSync(READY + '.once')) process.exit(1);
      fs.writeFileSync(READY + '.once', ''); fs.writeFileSync(READY, ''); setTimeout(() => process.exit(1), 200);`);
    await kept.start();
    await vi.waitUntil(() => kept.restarts >= 3, { timeout: 15_000 });
    await kept.stop();
    expect([kept.state, kept.pid]).toEqual(['stopped', null]);
  });
});

test('processes whose parent is killed -9 are ended by the watchman', async () => {
  const pids = join(folder, 'pids');
  const parent = runNode(
    `import { spawn } from 'node:child_process'; import fs from 'node:fs';
     import { startGuard } from ${moduleUrl('./guard-client.ts')}; import { processStart } from ${moduleUrl('./process-tree.ts')};
     const guard = startGuard();
     const children = [1, 2].map(() => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true }));
     for (const { pid } of children) guard.watch({ pid, start: processStart(pid), signal: 'SIGTERM', deadlineMs: 1000 });
     fs.writeFileSync(${JSON.stringify(pids)}, JSON.stringify(children.map(({ pid }) => pid))); setInterval(() => {}, 1000);`,
  );
  await vi.waitUntil(() => existsSync(pids) && readFileSync(pids, 'utf8').endsWith(']'), { timeout: 10_000 });
  const children = JSON.parse(readFileSync(pids, 'utf8')) as number[];
  expect(children.map(isGone)).toEqual([false, false]);
  parent.kill('SIGKILL');
  await vi.waitUntil(() => children.every(isGone), { timeout: 10_000 });
});

test('what a killed stack left running is ended at the next start, and a pid that means another process by now is spared', async () => {
  const left = runNode('setInterval(() => {}, 1000)');
  const other = runNode('setInterval(() => {}, 1000)');
  try {
    writePidFile(folder, 'left', { pid: left.pid ?? 0, signal: 'SIGTERM', deadlineMs: 1000 });
    writeFileSync(
      join(folder, 'other.pid.json'),
      JSON.stringify({ pid: other.pid, start: '1', signal: 'SIGTERM', deadlineMs: 1000 }),
    );
    writeFileSync(join(folder, 'cut.pid.json'), '{"pid":');
    const gone = once(left, 'exit');
    expect(await endLeftOvers(folder)).toEqual(['left']);
    await gone;
    expect(isGone(other.pid ?? 0)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    other.kill('SIGKILL');
  }
});

describe('the supervisor', () => {
  const supervise = (roles: Record<string, string>, lines: string[] = []) => {
    const script = join(folder, 'role.mjs');
    const branches = Object.entries(roles).map(([name, code]) => `if (process.argv[2] === '${name}') { ${code} }`);
    const log = `const log = { info: (msg) => console.log(JSON.stringify({ level: 'info', msg })), fatal: (fields, msg) => console.log(JSON.stringify({ level: 'fatal', msg, err: String(fields.err) })) };`;
    writeFileSync(script, `import { runRole } from ${moduleUrl('./graceful.ts')}; ${log}\n${branches.join('\n')}`);
    return startSupervisor({
      roles: Object.keys(roles),
      script,
      env: process.env,
      logFolder: folder,
      pidFolder: folder,
      guard,
      onEvent: () => undefined,
      onLine: ({ role, text }) => lines.push(`${role}: ${text}`),
      readyTimeoutMs: 10_000,
    });
  };
  const WORKS = `await runRole(async () => ({ stop: async () => console.log('stopped in good order'), health: () => ({ lag: 7 }) }), { log, healthEveryMs: 20 }); setInterval(() => {}, 1000);`;

  test('runs one process per role, shows what each says about itself, and stops them in good order', async () => {
    const supervisor = await supervise({ ledger: WORKS, sink: WORKS });
    await vi.waitUntil(() => supervisor.status().every(({ status }) => status !== null), { timeout: 5000 });
    expect(supervisor.status()).toMatchObject([
      { name: 'ledger', state: 'ready', restarts: 0, status: { lag: 7 } },
      { name: 'sink', state: 'ready', restarts: 0, status: { lag: 7 } },
    ]);
    const pids = supervisor.status().map(({ pid }) => pid ?? 0);
    await supervisor.stop();
    expect(pids.map(isGone)).toEqual([true, true]);
    expect(tailLogFile(join(folder, 'ledger.log')).join('\n')).toContain('stopped in good order');
  });

  test('starts a role again that ends by a defect, and shows the line that says so', async () => {
    const lines: string[] = [];
    const once = `import('node:fs').then((fs) => { if (!fs.existsSync('${folder}/thrown')) setTimeout(() => { fs.writeFileSync('${folder}/thrown', ''); throw new Error('balance below zero'); }, 50); });`;
    const supervisor = await supervise({ ledger: `${WORKS} ${once}` }, lines);
    const first = supervisor.status()[0]?.pid;
    await vi.waitUntil(() => supervisor.status()[0]?.restarts === 1 && supervisor.status()[0]?.state === 'ready', {
      timeout: 10_000,
    });
    expect(supervisor.status()[0]?.pid).not.toBe(first);
    expect(lines).toContain('ledger: fatal: A defect: the process ends and is started again from what is committed.');
    await supervisor.stop();
  });

  test('stops every role again when one cannot start, and gives its reason', async () => {
    const started = supervise({
      ledger: WORKS,
      sink: `await runRole(async () => { throw new Error('no such table funds'); }, { log });`,
    });
    await expect(started).rejects.toThrow(/sink did not start: it ended with exit code 1[\s\S]*no such table funds/);
    expect(readdirSync(folder).filter((file) => file.endsWith('.pid.json'))).toEqual([]);
  });

  test('loses no role to a stop that hangs: it is ended after its deadline', async () => {
    const hangs = `await runRole(async () => ({ stop: () => new Promise(() => {}) }), { log, stopDeadlineMs: 100 }); setInterval(() => {}, 1000);`;
    const supervisor = await supervise({ ledger: hangs });
    const pid = supervisor.status()[0]?.pid ?? 0;
    await supervisor.stop();
    expect(isGone(pid)).toBe(true);
    expect(tailLogFile(join(folder, 'ledger.log')).join('\n')).toContain('did not stop within 100 ms');
  });

  test('whose process is gone leaves no role behind: it stops in good order by itself', async () => {
    const script = join(folder, 'role.mjs');
    writeFileSync(
      script,
      `import { runRole } from ${moduleUrl('./graceful.ts')}; const log = { info() {}, fatal() {} }; ${WORKS.replace("console.log('stopped in good order')", `(await import('node:fs')).writeFileSync('${folder}/stopped', '')`)}`,
    );
    const parent = runNode(
      `import { spawn } from 'node:child_process'; import fs from 'node:fs';
       const child = spawn(process.execPath, [${JSON.stringify(script)}], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
       child.on('message', () => fs.writeFileSync('${folder}/pid', String(child.pid)));`,
    );
    await vi.waitUntil(() => existsSync(join(folder, 'pid')) && readFileSync(join(folder, 'pid'), 'utf8') !== '', {
      timeout: 10_000,
    });
    const role = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    parent.kill('SIGKILL');
    await vi.waitUntil(() => isGone(role), { timeout: 10_000 });
    expect(existsSync(join(folder, 'stopped'))).toBe(true);
  });
});
