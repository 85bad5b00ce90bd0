// `npm run -s bench -- import`: generated commitments through `stratcap import` into both stores, on a stack of its own: rows a
// second until both stores have everything, and what each process needs of memory and processor.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { runCommand, startCommand, startOwnStack, removeStackFolder, type OwnStack } from '#tests/support/own-stack.ts';
import { inWarehouse, warehouseOf } from './stores.ts';
import { writePositions } from './positions.ts';
import { useOf, type ProcessUse } from './processes.ts';
import { quantile, surroundings, tenth } from './report.ts';

export interface ImportBenchOptions {
  readonly rows: number;
  readonly seed: number;
  readonly balances: boolean;
  readonly say: (text: string) => void;
}

interface Sample {
  readonly atMs: number;
  readonly rows: number;
  readonly use: ReadonlyMap<string, ProcessUse>;
}

const sampleMs = 500;
/** A memory figure is the median around its row count: a single sample would show the moment of a collection. */
const shareAround = 0.25;

const rootsOf = async (stack: OwnStack, importPid: number | undefined): Promise<ReadonlyMap<string, number>> => {
  const status = await stack.status();
  const parts = [...(status?.engines ?? []), ...(status?.roles ?? [])].flatMap(({ name, pid }) =>
    pid === null ? [] : [[name, pid] as const],
  );
  return new Map([...parts, ...(importPid === undefined ? [] : [['import', importPid] as const])]);
};

const rssAround = (samples: readonly Sample[], rows: number, name: string): number | null => {
  const near = samples
    .filter((sample) => Math.abs(sample.rows - rows) <= rows * shareAround)
    .flatMap(({ use }) => use.get(name)?.rssMb ?? []);
  const median = quantile(near, 0.5);
  return median === null ? null : tenth(median);
};

/** Milliseconds of processor per row over the second half of the rows, when everything is warm. */
const cpuPerRow = (samples: readonly Sample[], name: string): number | null => {
  const last = samples.findLast(({ use }) => use.has(name));
  const middle = samples.find((sample) => last !== undefined && sample.rows >= last.rows / 2);
  const [from, to] = [middle?.use.get(name), last?.use.get(name)];
  if (from === undefined || to === undefined || middle === undefined || last === undefined || last.rows === middle.rows)
    return null;
  return Math.round(((to.cpuSeconds - from.cpuSeconds) * 1_000_000) / (last.rows - middle.rows)) / 1_000;
};

/** Records that each sink has still to write, as the sinks themselves see it; null while one does not say. */
const sinkLag = async (stack: OwnStack): Promise<number | null> => {
  const lags = ((await stack.status())?.roles ?? [])
    .filter(({ name }) => name.startsWith('sink-'))
    .map(({ status }) => (typeof status === 'object' && status !== null && 'lag' in status ? Number(status.lag) : null));
  return lags.length < 2 || lags.includes(null) ? null : lags.reduce<number>((sum, lag) => sum + (lag ?? 0), 0);
};

/** Runs the measurement and returns the report. */
export const measureImport = async ({ rows, seed, balances, say }: ImportBenchOptions): Promise<object> => {
  const folder = mkdtempSync(join(tmpdir(), 'stratcap-bench-'));
  const file = join(folder, 'positions.csv');
  writePositions(file, { rows, seed, balances });
  const before = surroundings();
  say(
    `Starting a stack; then ${rows} rows ${balances ? 'with opening balances (two bookings a row)' : 'of commitments (one booking a row)'}.`,
  );
  const stack = await startOwnStack();
  const db = new Client({ connectionString: stack.env()['DATABASE_URL'], application_name: 'stratcap-bench' });
  const warehouse = warehouseOf(stack);
  try {
    await db.connect();
    const samples: Sample[] = [];
    const started = performance.now();
    const importing = startCommand(stack.dataFolder, ['import', file, '--json']);
    const roots = await rootsOf(stack, importing.child.pid);
    let decidedMs: number | null = null;
    let ended: Awaited<typeof importing.end> | null = null;
    void importing.end.then((end) => {
      decidedMs = performance.now() - started;
      ended = end;
    });
    const useAtStart = useOf(roots);
    let shownMs = 0;
    for (;;) {
      const { rows: found } = await db.query<{ n: string }>('SELECT count(*) AS n FROM commitments');
      const sample = { atMs: performance.now() - started, rows: Number(found[0]?.n ?? 0), use: useOf(roots) };
      samples.push(sample);
      if (sample.atMs - shownMs > 5_000) {
        shownMs = sample.atMs;
        say(`${tenth(sample.atMs / 1000)} s: ${sample.rows} commitments in Postgres`);
      }
      if (sample.rows >= rows && ended !== null) break;
      if (ended !== null && (ended as { readonly code: number | null }).code !== 0)
        throw new Error(`the import failed: ${importing.output()}`);
      await sleep(sampleMs);
    }
    while ((await inWarehouse(warehouse)) < rows || (await sinkLag(stack)) !== 0) await sleep(100);
    const bothMs = performance.now() - started;
    const useAtEnd = useOf(roots);
    const verified = await runCommand(stack.dataFolder, ['verify', '--json']);
    const { differences, commitments, events } = JSON.parse(verified.stdout) as {
      readonly differences: readonly unknown[];
      readonly commitments: number;
      readonly events: number;
    };
    const early = Math.min(10_000, rows);
    const names = [...roots.keys()];
    const seconds = {
      decided: tenth((decidedMs ?? 0) / 1000),
      inPostgres: tenth((samples.find((sample) => sample.rows >= rows)?.atMs ?? 0) / 1000),
      inBothStores: tenth(bothMs / 1000),
    };
    return {
      bench: 'import',
      rows,
      seed,
      balances,
      bookings: balances ? rows * 2 : rows,
      seconds,
      rowsPerSecond: { decided: Math.round(rows / seconds.decided), inBothStores: Math.round(rows / seconds.inBothStores) },
      processes: Object.fromEntries(
        names.map((name) => {
          const [small, large] = [rssAround(samples, early, name), rssAround(samples, rows, name)];
          return [
            name,
            {
              rssMbAt: { [early]: small, [rows]: large },
              growthPercent: small === null || large === null || early === rows ? null : tenth((large / small - 1) * 100),
              cpuMsPerRow: cpuPerRow(samples, name),
              cpuSeconds: tenth(
                (useAtEnd.get(name)?.cpuSeconds ?? samples.findLast(({ use }) => use.has(name))?.use.get(name)?.cpuSeconds ?? 0) -
                  (useAtStart.get(name)?.cpuSeconds ?? 0),
              ),
            },
          ];
        }),
      ),
      verify: { differences: differences.length, commitments, events },
      ...before,
    };
  } finally {
    await db.end().catch(() => undefined);
    await warehouse.close();
    await stack.stop();
    removeStackFolder(stack.dataFolder);
    rmSync(folder, { recursive: true, force: true });
  }
};
