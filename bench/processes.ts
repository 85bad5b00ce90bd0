// Memory and processor time of processes with their children, from /proc. On other systems there are no such figures.
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessUse {
  /** Resident memory with children, in MiB. What they share (the buffers of Postgres, code) counts once, as the largest share of one. */
  readonly rssMb: number;
  /** Processor time since the start with children that still run, in seconds. */
  readonly cpuSeconds: number;
}

const ticksPerSecond = 100;

interface Entry {
  readonly parent: number;
  readonly ownMb: number;
  readonly sharedMb: number;
  readonly cpuSeconds: number;
}

const readEntry = (pid: number): Entry | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? '0') / 1024;
    return {
      parent: Number(fields[1]),
      ownMb: mb('RssAnon'),
      sharedMb: mb('RssFile') + mb('RssShmem'),
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    };
  } catch {
    return null;
  }
};

/** Use of each root with everything below it; other roots below a root count for themselves only. */
export const useOf = (roots: ReadonlyMap<string, number>): ReadonlyMap<string, ProcessUse> => {
  let pids: number[];
  try {
    pids = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return new Map();
  }
  const entries = new Map<number, Entry>();
  for (const pid of pids) {
    const entry = readEntry(pid);
    if (entry !== null) entries.set(pid, entry);
  }
  const owners = new Map([...roots].map(([name, pid]) => [pid, name] as const));
  const sums = new Map<string, { ownMb: number; sharedMb: number; cpuSeconds: number }>();
  for (const [pid, entry] of entries) {
    let at: number | undefined = pid;
    while (at !== undefined && !owners.has(at)) at = entries.get(at)?.parent;
    const owner = at === undefined ? undefined : owners.get(at);
    if (owner === undefined) continue;
    const sum = sums.get(owner) ?? { ownMb: 0, sharedMb: 0, cpuSeconds: 0 };
    sum.ownMb += entry.ownMb;
    sum.sharedMb = Math.max(sum.sharedMb, entry.sharedMb);
    sum.cpuSeconds += entry.cpuSeconds;
    sums.set(owner, sum);
  }
  return new Map([...sums].map(([name, { ownMb, sharedMb, cpuSeconds }]) => [name, { rssMb: ownMb + sharedMb, cpuSeconds }]));
};
