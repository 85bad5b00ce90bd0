// One fetch on its way to one leader, over all partitions of a reader that it leads and that want more.
import type { TopicPartition } from '../port.ts';
import { fetchRequest } from '../wire/fetch.ts';
import type { FetchedRecordSet, FetchInput, FetchResult } from '../wire/fetch.ts';
import { inRequestOrder } from '../wire/fetch-plan.ts';
import type { RecordSetStep } from '../wire/partition-decoder.ts';
import type { Cluster } from './cluster.ts';

/** What one answer brought for one partition, decoded step by step. */
export interface Landed {
  readonly answer: FetchedRecordSet;
  readonly next: () => RecordSetStep;
}

/** A partition of a reader. */
export interface Assigned extends TopicPartition {
  /** What the caller has. */
  position: bigint;
  /** Where the next fetch begins: behind what has landed. */
  fetchAt: bigint;
  /** Landed, but not yet delivered, in order. */
  readonly landed: Landed[];
  /** Bytes to ask for: grows while answers come full, so that a backlog is read in large pieces. */
  bytesMax: number;
  failingSince: number | null;
}

/** What was asked of one leader: the position of each partition then, in request order. */
export interface Flight {
  readonly asked: readonly { readonly assigned: Assigned; readonly from: bigint }[];
  outcome: FetchResult | Error | null;
}

export interface FlightPlan {
  readonly cluster: Cluster;
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
    asked: ordered.flatMap(([, members]) => members).map((assigned) => ({ assigned, from: assigned.fetchAt })),
    outcome: null,
  };
  const topics = ordered.map(([topic, members]) => ({
    topic,
    positions: members.map(({ partition, fetchAt, bytesMax }) => ({ partition, offset: fetchAt, bytesMax })),
  }));
  void cluster
    .send(leader, 'fetch', fetchRequest({ topics, ...limits }), timeoutMs)
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    .then((outcome) => {
      flight.outcome = outcome;
      onLanding();
    });
  return flight;
};
