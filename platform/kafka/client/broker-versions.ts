// Whether a broker speaks what we need: Kafka 4.0 or newer, in the versions of the requests that wire/ writes.
import { KafkaError } from '../port.ts';
import type { ApiVersions } from '../wire/api-versions.ts';

/** API key, version and name of what every part needs. */
const NEEDED: readonly (readonly [number, number, string])[] = [
  [0, 12, 'Produce'],
  [1, 11, 'Fetch'],
  [2, 7, 'ListOffsets'],
  [3, 12, 'Metadata'],
  [9, 9, 'OffsetFetch'],
  [10, 4, 'FindCoordinator'],
  [22, 4, 'InitProducerId'],
  [26, 5, 'EndTxn'],
  [28, 5, 'TxnOffsetCommit'],
];

/** @throws KafkaError `unsupported` when a broker is too old, or so new that it has dropped a version of ours. */
export const checkVersions = ({ versions }: ApiVersions, broker: string): void => {
  for (const [key, version, name] of NEEDED) {
    const [low, high] = versions.get(key) ?? [-1, -1];
    if (version >= low && version <= high) continue;
    throw new KafkaError(
      'unsupported',
      `Broker ${broker} speaks ${name} ${low} to ${high}, but ${version} is needed; use Kafka 4.0 or newer, checked with 4.3.1`,
    );
  }
};

/** @throws KafkaError `unsupported` when transactions are still of the old kind, in which partitions do not join by themselves. */
export const checkTransactionVersion = ({ features }: ApiVersions, broker: string): void => {
  const level = features.get('transaction.version') ?? 0;
  if (level >= 2) return;
  throw new KafkaError(
    'unsupported',
    `Broker ${broker} has transaction.version ${level}, but 2 is needed; run kafka-features.sh upgrade --feature transaction.version=2`,
  );
};
