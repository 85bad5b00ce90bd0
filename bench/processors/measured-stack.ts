// A stack of its own for a measurement: started by the product's command without roles, with the older schemas pinned beside the released.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeStackFolder, startOwnStack } from '#tests/support/own-stack.ts';
import { useOf } from '../processes.ts';
import { openLog, type BenchLog } from './log.ts';
import { writeReleasedFolder } from './older-schemas.ts';

export interface MeasuredStack {
  readonly log: BenchLog;
  readonly env: Readonly<Record<string, string>>;
  /** For state and logs of what is measured. */
  readonly folder: string;
  brokerCpu(): Promise<number | null>;
  brokerRssMb(): Promise<number | null>;
  stop(): Promise<void>;
}

/** Heap of the broker, as in the comparison that the product answers. */
const brokerHeap = '1g';

/** Starts it; nothing of it is left after `stop` but the folder when `keep` is set. */
export const startMeasuredStack = async (): Promise<MeasuredStack> => {
  const folder = mkdtempSync(join(tmpdir(), 'stratcap-bench-'));
  const pinned = join(folder, 'released');
  writeReleasedFolder(pinned);
  // The stack is a child of this process and takes its settings from it.
  process.env['STRATCAP_RELEASED_SCHEMAS'] = pinned;
  process.env['STRATCAP_KAFKA_HEAP'] ??= brokerHeap;
  const stack = await startOwnStack({ args: ['--no-import', '--roles', 'none'] });
  const env = stack.env();
  const log = await openLog(
    env['KAFKA_BROKERS'] ?? '',
    env['STRATCAP_TOPIC_PREFIX'] ?? 'stratcap.',
    Number(env['STRATCAP_PARTITIONS'] ?? '8'),
  );
  const broker = async (): Promise<ReturnType<typeof useOf> extends ReadonlyMap<string, infer Use> ? Use | undefined : never> => {
    const pid = (await stack.status())?.engines.find(({ name }) => name === 'kafka')?.pid;
    return pid === undefined || pid === null ? undefined : useOf(new Map([['kafka', pid]])).get('kafka');
  };
  return {
    log,
    env,
    folder,
    brokerCpu: async () => (await broker())?.cpuSeconds ?? null,
    brokerRssMb: async () => (await broker())?.rssMb ?? null,
    stop: async () => {
      await log.close();
      await stack.stop();
      removeStackFolder(stack.dataFolder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
