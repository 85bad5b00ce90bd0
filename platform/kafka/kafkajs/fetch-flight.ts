// One fetch on its way to one leader, over all partitions of a reader that it leads.
import type { TopicPartition } from '../port.ts';
import { fetchRequest } from '../wire/fetch.ts';
import type { FetchedRecordSet, FetchInput, FetchResult } from '../wire/fetch.ts';
import { inRequestOrder } from '../wire/fetch-plan.ts';
import type { RecordSetStep } from '../wire/partition-decoder.ts';
import { sendWire } from './internals.ts';
import type { KafkajsCluster } from './internals.ts';

/** A partition of a reader. */
export interface Assigned extends TopicPartition {
  position: bigint;
  /** Bytes that were fetched but not yet delivered. */
  rest: { readonly answer: FetchedRecordSet; readonly next: () => RecordSetStep } | null;
  failingSince: number | null;
}

/** What was asked of one leader: the position of each partition then, in request order. */
export interface Flight {
  readonly asked: readonly { readonly assigned: Assigned; readonly position: bigint }[];
  outcome: FetchResult | Error | null;
}

/** Partitions by the broker that leads them; -1 where none does or the topic is unknown. */
export const byLeader = (cluster: KafkajsCluster, partitions: readonly Assigned[]): ReadonlyMap<number, readonly Assigned[]> => {
  const leaders = new Map<string, ReadonlyMap<number, number>>();
  const leadersOf = (topic: string): ReadonlyMap<number, number> => {
    const known = leaders.get(topic);
    if (known !== undefined) return known;
    const found = new Map(cluster.findTopicPartitionMetadata(topic).map(({ partitionId, leader }) => [partitionId, leader]));
    leaders.set(topic, found);
    return found;
  };
  return Map.groupBy(partitions, ({ topic, partition }) => leadersOf(topic).get(partition) ?? -1);
};

export interface FlightPlan {
  readonly cluster: KafkajsCluster;
  readonly leader: number;
  readonly partitions: readonly Assigned[];
  /** Rotates the order of partitions from fetch to fetch. */
  readonly turn: number;
  readonly limits: Omit<FetchInput, 'topics'>;
  readonly timeoutMs: number;
  readonly onLanding: () => void;
}

/** Sends the fetch; its outcome, also an error, is put into the flight before `onLanding` is called. */
export const launchFlight = ({ cluster, leader, partitions, turn, limits, timeoutMs, onLanding }: FlightPlan): Flight => {
  const ordered = inRequestOrder(partitions, turn);
  const flight: Flight = {
    asked: ordered.flatMap(([, members]) => members).map((assigned) => ({ assigned, position: assigned.position })),
    outcome: null,
  };
  const topics = ordered.map(([topic, members]) => ({
    topic,
    positions: members.map(({ partition, position }) => ({ partition, offset: position })),
  }));
  void cluster
    .findBroker({ nodeId: leader })
    .then((broker) => sendWire(broker, fetchRequest({ topics, ...limits }), timeoutMs))
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    .then((outcome) => {
      flight.outcome = outcome;
      onLanding();
    });
  return flight;
};
