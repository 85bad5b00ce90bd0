// Whole fund lives through the whole pipeline: generated, imported while the processors and the sinks are killed, compared with the log,
// rebuilt to the same content.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeStackFolder, runCommand, startCommand, startOwnStack, type OwnStack } from '#tests/support/own-stack.ts';

/** Killed one after the other while the import runs. */
const victims = ['accounting', 'sink-postgres', 'sink-clickhouse'] as const;

describe('generated funds', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'stratcap-funds-'));
  let stack: OwnStack;
  beforeAll(async () => {
    stack = await startOwnStack({ dataFolder });
  }, 300_000);
  afterAll(async () => {
    await stack.stop();
    removeStackFolder(dataFolder);
  });

  const generated = async (name: string, options: readonly string[]): Promise<string> => {
    const file = join(dataFolder, `${name}.jsonl`);
    const { code, stderr } = await runCommand(dataFolder, ['generate', '--small', '--out', file, ...options]);
    expect(code, stderr).toBe(0);
    return file;
  };
  const imported = async (file: string): Promise<void> => {
    const { code, stdout, stderr } = await runCommand(dataFolder, ['import', file, '--json']);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rejected: 0 });
  };
  const verified = async (): Promise<Record<string, unknown>> => {
    const { stdout, stderr } = await runCommand(dataFolder, ['verify', '--json']);
    const result = JSON.parse(stdout === '' ? '{}' : stdout) as Record<string, unknown>;
    expect(result['differences'], stderr).toEqual([]);
    return result;
  };
  const kill = async (name: string): Promise<void> => {
    const until = Date.now() + 60_000;
    for (;;) {
      const role = (await stack.status())?.roles.find((candidate) => candidate.name === name);
      if (role?.state === 'ready' && role.pid !== null) {
        process.kill(role.pid, 'SIGKILL');
        return;
      }
      if (Date.now() > until) throw new Error(`${name} was not ready within a minute:\n${stack.output()}`);
      await sleep(100);
    }
  };

  it('are imported once while the processors of figures and both sinks are killed, and tie out', async () => {
    const many = await generated('many', ['--funds', '21', '--investors', '4', '--years', '8']);
    const running = startCommand(dataFolder, ['import', many, '--json']);
    for (const victim of victims) {
      await sleep(1_500);
      await kill(victim);
    }
    const { code, stdout, stderr } = await running.end;
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rejected: 0 });
    await stack.untilReady();
    expect(await verified()).toMatchObject({ funds: 21 });
  }, 300_000);
  it('tie out with hundreds of investors in one of them', async () => {
    await imported(await generated('wide', ['--funds', '1', '--investors', '300', '--years', '5', '--seed', 'wide']));
    expect(await verified()).toMatchObject({ funds: 22 });
  }, 300_000);
  it.each(['postgres', 'clickhouse'])(
    'have the same content after a rebuild of %s',
    async (store) => {
      const { code, stdout, stderr } = await runCommand(dataFolder, ['rebuild', store, '--json']);
      expect(code, stderr).toBe(0);
      const { before, after } = JSON.parse(stdout) as { before: unknown; after: unknown };
      expect(after).toEqual(before);
      await stack.untilReady();
      await verified();
    },
    300_000,
  );
});
