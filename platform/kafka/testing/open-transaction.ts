// A transaction step by step, which a test may leave open, abort or commit: what the port's writers do not let anybody do.
import { appendBatches } from '../client/append.ts';
import { Cluster } from '../client/cluster.ts';
import { Draft } from '../client/draft.ts';
import { persist } from '../client/persist.ts';
import type { ClientSettings } from '../client/settings.ts';
import { addOffsets, endTransaction, initProducerId } from '../client/transaction.ts';

export interface OpenTransaction {
  send(input: {
    readonly topic: string;
    readonly messages: readonly {
      readonly partition: number;
      readonly key?: string | Buffer | null;
      readonly value: string | Buffer | null;
    }[];
  }): Promise<void>;
  sendOffsets(input: {
    readonly consumerGroupId: string;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[];
  }): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

const bytesOf = (text: string | Buffer | null | undefined): Buffer | null =>
  typeof text === 'string' ? Buffer.from(text) : (text ?? null);

export const testSettings = (brokers: string, changes: Partial<ClientSettings> = {}): ClientSettings => ({
  brokers: brokers.split(','),
  clientId: 'test',
  logger: { debug: () => undefined, warn: () => undefined },
  requestTimeoutMs: 10_000,
  patienceMs: 30_000,
  batchBytesMax: 700_000,
  compression: { codec: 'none', fromBytes: 0 },
  route: (address) => address,
  security: {},
  ...changes,
});

/** Opens a transaction, fencing whoever has the id. `close` ends the connections and leaves the transaction as it is. */
export const openTransaction = async (
  brokers: string,
  transactionalId: string,
): Promise<{ readonly transaction: OpenTransaction; readonly close: () => Promise<void> }> => {
  const cluster = new Cluster(testSettings(brokers));
  const identity = await initProducerId(cluster, { transactionalId, transactionTimeoutMs: 60_000 });
  const sequences = new Map<number, number>();
  const end = async (outcome: 'commit' | 'abort'): Promise<void> => {
    await endTransaction(cluster, { transactionalId }, identity, outcome);
  };
  const transaction: OpenTransaction = {
    send: async ({ topic, messages }) => {
      const draft = new Draft({ batchBytesMax: () => 700_000, codecOf: () => 'none' });
      for (const { partition, key, value } of messages) draft.append(topic, partition, bytesOf(key), bytesOf(value));
      const sequenceOf = (_: string, partition: number): number => sequences.get(partition) ?? 0;
      const partitions = await draft.pack();
      for (const entry of await appendBatches({ what: 'test', cluster, transactionalId, identity, partitions, sequenceOf }))
        sequences.set(entry.partition, entry.nextSequence);
    },
    sendOffsets: async ({ consumerGroupId: group, topics }) => {
      const positions = topics.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) })),
      );
      await persist({ what: 'test', patienceMs: 10_000, mend: () => cluster.forgetCoordinator('group', group) }, () =>
        addOffsets(cluster, { transactionalId, group, identity, member: null, positions }),
      );
    },
    commit: () => end('commit'),
    abort: () => end('abort'),
  };
  const close = (): Promise<void> => {
    cluster.close();
    return Promise.resolve();
  };
  return { transaction, close };
};
