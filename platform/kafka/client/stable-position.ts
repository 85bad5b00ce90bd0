// The committed position of a partition that a worker holds: stable, read as the member that it is, orphans out of the way.
import { offsetFetchRequest } from '../wire/offset-fetch.ts';
import type { Cluster } from './cluster.ts';
import { CODE, codeOf, ProtocolError } from './errors.ts';
import { persist } from './persist.ts';
import { forgettingCoordinator } from './transaction.ts';

/** Who asks, as far as the group knows it; null without membership. */
export type Member = { readonly id: string; readonly epoch: number } | null;

/** Answers that mean: our idea of the member epoch is old. A fresh heartbeat tells whether the partitions are still ours. */
const OUT_OF_DATE = new Set<number>([
  CODE.ILLEGAL_GENERATION,
  CODE.STALE_MEMBER_EPOCH,
  CODE.UNKNOWN_MEMBER_ID,
  CODE.FENCED_MEMBER_EPOCH,
]);
const HEARTBEATS_MAX = 20;

/** Runs `ask`, with a fresh heartbeat before the next attempt when `isOld` says that the epoch was old. */
export const withFreshEpoch = async <Result>(
  fresh: (() => Promise<void>) | null,
  isOld: (code: number) => boolean,
  ask: () => Promise<Result>,
): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (fresh === null || attempt >= HEARTBEATS_MAX || !isOld(codeOf(error) ?? 0)) throw error;
      await fresh();
    }
  }
};

export interface StablePositionInput {
  readonly what: string;
  readonly cluster: Cluster;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly member: () => Member;
  /** A heartbeat sent from now on was accepted; null without membership. */
  readonly fresh: (() => Promise<void>) | null;
  /** Throws when the partition was lost meanwhile. */
  readonly assertHeld: () => void;
  readonly fenceOrphans: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Waits for undecided transactions; null when nothing was ever committed. @throws KafkaError, what `assertHeld` throws */
export const readStablePosition = async (input: StablePositionInput): Promise<bigint | null> => {
  const { what, cluster, group, topic, partition, signal } = input;
  const fetchOffset = async (): Promise<bigint> => {
    input.assertHeld();
    const request = offsetFetchRequest({ group, member: input.member(), topics: [{ topic, partitions: [partition] }] });
    const answer = await cluster.send(await cluster.coordinator('group', group), 'group', request);
    const [found] = answer.partitions;
    const refused = answer.errorCode === 0 ? (found?.errorCode ?? CODE.UNKNOWN_TOPIC_OR_PARTITION) : answer.errorCode;
    if (refused !== 0) throw new ProtocolError(refused, `${topic}/${partition}`);
    return found?.offset ?? -1n;
  };
  const mend = async (error: unknown): Promise<void> => {
    forgettingCoordinator(cluster, 'group', group)(error);
    if (codeOf(error) === CODE.UNSTABLE_OFFSET_COMMIT) await input.fenceOrphans();
  };
  const offset = await persist({ what, patienceMs: cluster.settings.patienceMs, signal, mend }, () =>
    withFreshEpoch(input.fresh, (code) => OUT_OF_DATE.has(code), fetchOffset),
  );
  input.assertHeld();
  return offset < 0n ? null : offset;
};
