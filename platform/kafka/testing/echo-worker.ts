// The smallest processor there is: every record of its partitions once more on an output topic, exactly once, through faults. Tests
// compare input and output one by one.
import type { FetchedPartition, KafkaPort, PartitionReader, Worker, WorkerListener, WorkerOptions } from '../port.ts';

export interface EchoWorker {
  readonly worker: Worker;
  readonly ready: ReadonlySet<number>;
  /** What it was told beside assignments, and what its commits ended with. */
  readonly troubles: readonly string[];
  /** Times in milliseconds between two commits of a partition, the longest. */
  pauseMsMax(): number;
  stop(): Promise<void>;
}

/** Copies `options.topic` to `output`, partition by partition; the value is the offset of the record copied. */
export const startEchoWorker = async (kafka: KafkaPort, output: string, options: WorkerOptions): Promise<EchoWorker> => {
  const worker = kafka.worker(options);
  const reader: PartitionReader = kafka.reader({ positions: [] });
  const ready = new Set<number>();
  const troubles: string[] = [];
  const committedAt = new Map<number, number>();
  let pauseMsMax = 0;
  let stopped = false;
  let committing: Promise<void> = Promise.resolve();
  const { topic } = options;

  const begin = async (partition: number): Promise<void> => {
    try {
      const offset = (await worker.committed(partition)) ?? 0n;
      reader.seek({ topic, partition, offset });
      ready.add(partition);
    } catch (error) {
      troubles.push(`begin ${partition}: ${(error as { code?: string }).code ?? String(error)}`);
      if (!stopped && (error as { code?: string }).code === 'unavailable') return begin(partition);
    }
  };
  const end = (partitions: readonly number[]): void => {
    for (const partition of partitions) {
      ready.delete(partition);
      committedAt.delete(partition);
      reader.remove({ topic, partition });
    }
  };
  const listener: WorkerListener = {
    assigned: (partitions) => {
      for (const partition of partitions) void begin(partition);
    },
    revoked: async (partitions) => {
      end(partitions);
      await committing;
    },
    lost: (partitions, cause) => {
      troubles.push(`lost ${partitions.join(',')}: ${cause.message}`);
      end(partitions);
    },
  };
  const commit = async (fetched: readonly FetchedPartition[]): Promise<void> => {
    const draft = worker.draft();
    const positions = new Map<number, bigint>();
    for (const { partition, records, nextOffset } of fetched) {
      if (!ready.has(partition)) continue;
      for (const { offset, key } of records) draft.append(output, partition, key, Buffer.from(offset.toString()));
      positions.set(partition, nextOffset);
    }
    try {
      await worker.commit(draft, positions);
      const now = Date.now();
      for (const partition of positions.keys()) {
        pauseMsMax = Math.max(pauseMsMax, now - (committedAt.get(partition) ?? now));
        committedAt.set(partition, now);
      }
    } catch (error) {
      troubles.push(`commit: ${(error as { code?: string }).code ?? String(error)}`);
      end([...positions.keys()]);
    }
  };
  await worker.start(listener);
  const running = (async () => {
    while (!stopped) {
      try {
        const fetched = await reader.poll(200);
        committing = commit(fetched);
        await committing;
      } catch (error) {
        troubles.push(`poll: ${(error as { code?: string }).code ?? String(error)}`);
      }
    }
  })();
  return {
    worker,
    ready,
    troubles,
    pauseMsMax: () => pauseMsMax,
    stop: async () => {
      stopped = true;
      await running;
      await worker.leave();
      await reader.close();
    },
  };
};
