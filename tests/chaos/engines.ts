// The engines of a chaos run, on free ports in a folder of their own: one broker as the product starts and keeps it, or three of the test
// cluster; the stores of the product where they are wanted. What is killed comes back by itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestCluster } from '#platform/kafka/testing/kafka-cluster.ts';
import { startEngines, type RunningEngines } from '#platform/stack/engines.ts';
import type { EngineHandle, EngineName } from '#platform/stack/engine.ts';
import { ownEnvironment } from '#tests/support/environment.ts';

export interface ChaosEngines {
  readonly brokers: string;
  readonly brokerCount: number;
  /** kill -9, and the wait until it is back. One broker at a time: while one is away nothing happens. @returns whether it was done. */
  killBroker(index: number): Promise<boolean>;
  freezeBroker(index: number, ms: number): Promise<boolean>;
  /** Null where only brokers run. */
  readonly engines: RunningEngines | null;
  /** kill -9 of a store; false when it is not there, or still on its way back. */
  killStore(name: 'postgres' | 'clickhouse'): boolean;
  stop(): Promise<void>;
}

const BACK_MS_MAX = 180_000;

const untilBack = async (handle: EngineHandle, formerPid: number): Promise<void> => {
  for (const until = Date.now() + BACK_MS_MAX; handle.state !== 'ready' || handle.pid === formerPid; await sleep(50))
    if (Date.now() > until)
      throw new Error(`${handle.name} did not come back within ${BACK_MS_MAX / 1000} s; see ${handle.logFile}`);
};

/** Starts them; `stop` ends them and removes their folder. */
export const startChaosEngines = async ({
  nodes,
  stores,
}: {
  readonly nodes: 1 | 3;
  readonly stores: boolean;
}): Promise<ChaosEngines> => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'stratcap-chaos-'));
  const cluster = nodes === 3 ? await startTestCluster({ nodes }) : null;
  const own = ownEnvironment(process.env);
  const storeNames: readonly EngineName[] = stores ? ['postgres', 'clickhouse', 'registry'] : [];
  let engines: RunningEngines | null = null;
  const stop = async (): Promise<void> => {
    await engines?.stop();
    await cluster?.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  };
  try {
    if (cluster === null || stores)
      engines = await startEngines({
        dataFolder,
        ports: 'free',
        env: cluster === null ? own : { ...own, KAFKA_BROKERS: cluster.brokers },
        only: ['kafka', ...storeNames],
        onProgress: () => undefined,
      });
  } catch (error) {
    await stop();
    throw error;
  }
  const handleOf = (name: EngineName): EngineHandle | null => engines?.engines.find((handle) => handle.name === name) ?? null;
  let isAway = false;
  const whileAway = async (work: () => Promise<void>): Promise<boolean> => {
    if (isAway) return false;
    isAway = true;
    try {
      await work();
      return true;
    } finally {
      isAway = false;
    }
  };
  const signal = (index: number, name: NodeJS.Signals): void => {
    const pid = handleOf('kafka')?.pid ?? null;
    if (cluster !== null) cluster.signal(index, name);
    else if (pid !== null) process.kill(pid, name);
  };
  return {
    brokers: cluster?.brokers ?? engines?.addresses.kafkaBrokers ?? '',
    brokerCount: nodes,
    engines: stores ? engines : null,
    killBroker: (index) =>
      whileAway(async () => {
        const handle = handleOf('kafka');
        const pid = handle?.pid ?? 0;
        signal(index, 'SIGKILL');
        if (cluster !== null) await cluster.restart(index);
        else if (handle !== null) await untilBack(handle, pid);
      }),
    freezeBroker: (index, ms) =>
      whileAway(async () => {
        signal(index, 'SIGSTOP');
        await sleep(ms);
        signal(index, 'SIGCONT');
      }),
    killStore: (name) => {
      const handle = handleOf(name);
      if (handle === null || handle.state !== 'ready' || handle.pid === null) return false;
      process.kill(handle.pid, 'SIGKILL');
      return true;
    },
    stop,
  };
};
