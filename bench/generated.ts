// `npm run -s bench -- generated`: generated fund lives through the whole pipeline, then verify: rates and the number of differences.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeStackFolder, runCommand, startOwnStack } from '#tests/support/own-stack.ts';
import { surroundings } from './report.ts';

export interface GeneratedBenchOptions {
  readonly funds: number;
  readonly investors: number;
  readonly years: number;
  readonly seed: string;
  readonly say: (text: string) => void;
}

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
      differences: (verified.report['differences'] as readonly unknown[]).length,
      ...before,
    };
  } finally {
    await stack.stop();
    removeStackFolder(stack.dataFolder);
    rmSync(folder, { recursive: true, force: true });
  }
};
