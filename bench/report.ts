// What every report says besides its figures: machine, versions, load; and the sums over samples.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The machine and what runs on it. */
export const surroundings = (): object => {
  const lock = JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8')) as {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const commit = (): string | null => {
    try {
      return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
        encoding: 'utf8',
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return null;
    }
  };
  const { chdb, pg, kafkajs } = lock.dependencies;
  return {
    machine: {
      cpu: cpus()[0]?.model ?? null,
      cores: availableParallelism(),
      memoryGb: Math.round(totalmem() / 2 ** 30),
      load: loadavg().map((value) => Math.round(value * 10) / 10),
    },
    versions: { stratcap: lock.version, commit: commit(), node: process.version, chdb, pg, kafkajs },
  };
};

/** The value below which a share of the samples lies (nearest rank); null without samples. */
export const quantile = (samples: readonly number[], share: number): number | null => {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
};

/** A figure with a decimal, for print. */
export const tenth = (value: number): number => Math.round(value * 10) / 10;

/** Median, p99 and largest of samples in milliseconds. */
export const spread = (
  samples: readonly number[],
): { readonly n: number; readonly median: number | null; readonly p99: number | null; readonly max: number | null } => {
  const at = (share: number): number | null => {
    const value = quantile(samples, share);
    return value === null ? null : tenth(value);
  };
  return { n: samples.length, median: at(0.5), p99: at(0.99), max: at(1) };
};
