// The kill test: while the shipped positions are imported, every process is killed with -9 at seeded moments, at least
// twice each. After the restarts nothing is missing, nothing is there twice, and verify has nothing to say.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { shippedFile } from '../../cli/commands/import.ts';
import { join } from 'node:path';
import { removeStackFolder, runCommand, startCommand, startOwnStack, type OwnStack } from '#tests/support/own-stack.ts';

const seed = Number(process.env['STRATCAP_KILL_SEED'] ?? '20261124');
/** A small generator of numbers between 0 and 1 that a seed repeats (mulberry32). */
const random = (() => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
})();
const shuffled = <Item>(items: readonly Item[]): Item[] =>
  items
    .map((item) => ({ item, at: random() }))
    .sort((left, right) => left.at - right.at)
    .map(({ item }) => item);

const processes = [
  'ledger',
  'capital-accounts',
  'sink-postgres',
  'sink-clickhouse',
  'api',
  'import',
  'kafka',
  'postgres',
  'clickhouse',
] as const;
type Victim = (typeof processes)[number];
/** Every process twice, the ledger and the sinks once more: they commit most. */
const victims: readonly Victim[] = shuffled([
  ...processes,
  ...processes,
  'ledger',
  'ledger',
  'sink-postgres',
  'sink-clickhouse',
  'capital-accounts',
]);

describe('kill -9 of every process during the import', () => {
  let stack: OwnStack;
  beforeAll(async () => {
    stack = await startOwnStack();
  });
  afterAll(async () => {
    await stack.stop();
    removeStackFolder(stack.dataFolder);
  });

  const pidOf = async (victim: Exclude<Victim, 'import'>): Promise<number | null> => {
    const status = await stack.status();
    const part = [...(status?.engines ?? []), ...(status?.roles ?? [])].find(({ name }) => name === victim);
    return part?.state === 'ready' ? part.pid : null;
  };

  it(`loses nothing and books nothing twice (seed ${seed}, ${victims.length} kills)`, async () => {
    const rejects = join(stack.dataFolder, 'rejects.csv');
    const startImport = () => startCommand(stack.dataFolder, ['import', shippedFile, '--rejects', rejects, '--json']);
    const killed = new Map<Victim, number>();
    let running = startImport();
    let finished = false;
    const follow = (): void => {
      const mine = running;
      void mine.end.then(({ code }) => {
        if (mine === running && code === 0) finished = true;
      });
    };
    follow();
    for (const victim of victims) {
      await sleep(200 + random() * 1300);
      if (finished) {
        // The import went through meanwhile; the same file again keeps every process busy.
        finished = false;
        running = startImport();
        follow();
        await sleep(300 + random() * 700);
      }
      if (victim === 'import') {
        running.child.kill('SIGKILL');
        await running.end;
        running = startImport();
        follow();
      } else {
        const until = Date.now() + 60_000;
        let pid = await pidOf(victim);
        while (pid === null && Date.now() < until) {
          await sleep(50);
          pid = await pidOf(victim);
        }
        if (pid === null) throw new Error(`${victim} did not come back within a minute:\n${stack.output()}`);
        process.kill(pid, 'SIGKILL');
      }
      killed.set(victim, (killed.get(victim) ?? 0) + 1);
      if (running.child.exitCode !== null && running.child.exitCode !== 0) {
        running = startImport();
        follow();
      }
    }
    await stack.untilReady();
    await running.end;
    const last = await runCommand(stack.dataFolder, ['import', shippedFile, '--rejects', rejects, '--json']);
    expect(last.code, last.stderr).toBe(0);
    expect(JSON.parse(last.stdout)).toMatchObject({ rows: 1300, rejected: 0 });

    for (const name of processes) expect(killed.get(name), name).toBeGreaterThanOrEqual(2);
    expect([...killed.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(20);
    const verified = await runCommand(stack.dataFolder, ['verify', '--json']);
    const result = JSON.parse(verified.stdout) as Record<string, unknown>;
    expect(result['differences']).toEqual([]);
    // 1,113 funds, 3 investors, 1,300 commitments and their opening balances: one event each, and no more.
    expect(result).toMatchObject({ funds: 1113, investors: 3, commitments: 1300, events: 1113 + 3 + 1300 + 1300 });
    expect(result['committedByCurrency']).toEqual({ USD: '27285419481100' });
    expect(verified.code).toBe(0);
  });
});
