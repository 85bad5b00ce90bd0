// `npm run -s bench -- generated`: generated fund lives through the whole pipeline, then verify: rates and the number of differences.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { DatedAmount } from '#domain/performance/xirr.ts';
import { removeStackFolder, runCommand, startOwnStack } from '#tests/support/own-stack.ts';
import { ratesOfPyxirr } from './domain/pyxirr.ts';
import { surroundings } from './report.ts';

export interface GeneratedBenchOptions {
  readonly funds: number;
  readonly investors: number;
  readonly years: number;
  readonly seed: string;
  readonly say: (text: string) => void;
}

const dayOf = (date: string): number => Date.parse(date) / 86_400_000;

/**
 * Every net rate of an investor with status OK against pyxirr on the flows of the warehouse's own table. Investors to or from whom a
 * commitment was transferred are left out: their history moved with its dates, which single flows do not tell.
 */
const compareRates = async (databaseUrl: string, say: (text: string) => void): Promise<object> => {
  const db = new Client({ connectionString: databaseUrl, application_name: 'stratcap-bench' });
  await db.connect();
  try {
    const flows = (
      await db.query<{ key: string; date: string; net: string; transfer: boolean }>(
        "SELECT fund_id || '|' || investor_id AS key, flow_date::text AS date, net_cash_flow AS net, cash_flow_type = 'TRANSFER' AS transfer FROM cash_flows WHERE investor_id IS NOT NULL",
      )
    ).rows;
    const moved = new Set(flows.filter(({ transfer }) => transfer).map(({ key }) => key));
    const byKey = new Map<string, DatedAmount[]>();
    for (const { key, date, net } of flows) {
      const list = byKey.get(key) ?? [];
      byKey.set(key, list);
      list.push({ epochDay: dayOf(date), amount: BigInt(net.replace('.', '')) });
    }
    const rows = (
      await db.query<{ key: string; date: string; nav: string; irr: string }>(
        "SELECT fund_id || '|' || investor_id AS key, as_of_date::text AS date, nav, irr FROM fund_performance WHERE investor_id IS NOT NULL AND irr_status = 'OK'",
      )
    ).rows.filter(({ key }) => !moved.has(key));
    const series = rows.map(({ key, date, nav }) => [
      ...(byKey.get(key) ?? []).filter(({ epochDay }) => epochDay <= dayOf(date)),
      { epochDay: dayOf(date), amount: BigInt(nav.replace('.', '')) },
    ]);
    const theirs = await ratesOfPyxirr(series, { rounds: 1, say });
    if (typeof theirs === 'string') return { rows: rows.length, reason: theirs };
    let worst = 0;
    const apart: string[] = [];
    rows.forEach(({ key, date, irr }, index) => {
      const other = theirs.rates[index];
      const difference =
        other === null || other === undefined ? Number.NaN : Math.abs(Number(irr) - other) / Math.max(1, Math.abs(Number(irr)));
      if (difference <= 1e-7) worst = Math.max(worst, difference);
      else apart.push(`${key} ${date}: ${irr} and ${String(other)}`);
    });
    return {
      rows: rows.length,
      version: theirs.version,
      largestDifference: worst,
      apart: apart.length,
      examples: apart.slice(0, 5),
    };
  } finally {
    await db.end();
  }
};

/** Runs the measurement and returns the report. */
export const measureGenerated = async ({ funds, investors, years, seed, say }: GeneratedBenchOptions): Promise<object> => {
  const folder = mkdtempSync(join(tmpdir(), 'stratcap-bench-'));
  const before = surroundings();
  say('Starting a stack.');
  const stack = await startOwnStack();
  const timed = async (
    args: readonly string[],
  ): Promise<{ readonly seconds: number; readonly report: Record<string, unknown>; readonly code: number | null }> => {
    const started = Date.now();
    const end = await runCommand(stack.dataFolder, args);
    const line = end.stdout.trim().split('\n').at(-1) ?? '{}';
    return { seconds: (Date.now() - started) / 1000, report: JSON.parse(line) as Record<string, unknown>, code: end.code };
  };
  try {
    const file = join(folder, 'funds.jsonl');
    say(`Generating ${funds} funds.`);
    const generated = await timed([
      'generate',
      '--funds',
      String(funds),
      '--investors',
      String(investors),
      '--years',
      String(years),
      '--seed',
      seed,
      '--out',
      file,
      '--json',
    ]);
    say(`Booking ${String(generated.report['commands'])} commands.`);
    const imported = await timed(['import', file, '--json']);
    const started = Date.now();
    for (;;) {
      const { report } = await timed(['status', '--json']);
      const lag = Number(report['lag']);
      say(`${lag} records behind.`);
      if (lag === 0) break;
      await sleep(2_000);
    }
    const secondsUntilLevel = (Date.now() - started) / 1000;
    say('Verifying.');
    const verified = await timed(['verify', '--json']);
    say('Comparing the rates with pyxirr.');
    const agreement = await compareRates(stack.env()['DATABASE_URL'] ?? '', say);
    const commands = Number(generated.report['commands']);
    return {
      bench: 'generated',
      funds,
      investors,
      years,
      commands,
      shortfalls: generated.report['shortfalls'],
      generateSeconds: generated.seconds,
      importSeconds: imported.seconds,
      commandsPerSecond: Math.round(commands / imported.seconds),
      rejected: imported.report['rejected'],
      secondsUntilLevel,
      events: verified.report['events'],
      verifySeconds: verified.seconds,
      pyxirr: agreement,
      differences: (verified.report['differences'] as readonly unknown[]).length,
      ...before,
    };
  } finally {
    await stack.stop();
    removeStackFolder(stack.dataFolder);
    rmSync(folder, { recursive: true, force: true });
  }
};
