// A listener that remembers what a worker was told, and waits for it.
import type { KafkaPort, Worker, WorkerListener, WorkerOptions } from '../port.ts';

export interface WorkerLog {
  readonly worker: Worker;
  /** For example `assigned 0,1`, `revoked 1`, `lost 0`, in order. */
  readonly told: readonly string[];
  readonly held: ReadonlySet<number>;
  /** Runs before a revocation is acknowledged. */
  onRevoked: (partitions: readonly number[]) => Promise<void>;
  /** Resolves when `holds` is true after something was told. @throws Error after 20 s, with what was told. */
  until(holds: (log: WorkerLog) => boolean): Promise<void>;
}

/** Starts a worker and logs what it is told. */
export const startWorkerLog = async (kafka: KafkaPort, options: WorkerOptions): Promise<WorkerLog> => {
  const told: string[] = [];
  const held = new Set<number>();
  const log: WorkerLog = {
    worker: kafka.worker(options),
    told,
    held,
    onRevoked: () => Promise.resolve(),
    until: async (holds) => {
      for (const end = Date.now() + 20_000; !holds(log); await new Promise((resolve) => setTimeout(resolve, 5)))
        if (Date.now() > end) throw new Error(`not so after 20 s; told: ${told.join('; ')}; held: ${[...held].join(',')}`);
    },
  };
  const listener: WorkerListener = {
    assigned: (partitions) => {
      told.push(`assigned ${partitions.join(',')}`);
      for (const partition of partitions) held.add(partition);
    },
    revoked: async (partitions) => {
      await log.onRevoked(partitions);
      told.push(`revoked ${partitions.join(',')}`);
      for (const partition of partitions) held.delete(partition);
    },
    lost: (partitions, cause) => {
      told.push(`lost ${partitions.join(',')}: ${(cause as { code?: string }).code ?? cause.name}`);
      for (const partition of partitions) held.delete(partition);
    },
  };
  await log.worker.start(listener);
  return log;
};
