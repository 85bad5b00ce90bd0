// What we know of the brokers, and the connections to them: leaders and coordinators are looked up, remembered until an error
// makes them doubtful, and asked for at ANOTHER broker after a time-out (a broker that hangs would be asked for ever).
import { KafkaError } from '../port.ts';
import type { TopicPartition } from '../port.ts';
import { coordinatorRequest } from '../wire/coordinator.ts';
import type { CoordinatorKind } from '../wire/coordinator.ts';
import { metadataRequest } from '../wire/metadata.ts';
import type { ClusterMetadata } from '../wire/metadata.ts';
import type { WireRequest } from '../wire/request.ts';
import { checkTransactionVersion, checkVersions } from './broker-versions.ts';
import { Connection } from './connection.ts';
import { CODE, ConnectionLost, ProtocolError } from './errors.ts';
import { parseAddress } from './settings.ts';
import type { Address, ClientSettings } from './settings.ts';

/** Requests of one lane share a connection, where a slow one holds up those behind it; lanes do not hold up each other. */
export type Lane = 'control' | 'group' | 'data' | 'fetch';

export interface KnownTopic {
  readonly topicId: string;
  /** Leader by partition, -1 where there is none at the moment. */
  readonly leaders: readonly number[];
}

const METADATA_TIMEOUT_MS = 3_000;
const METADATA_PAUSE_MS = 10;
const SUSPECT_MS = 10_000;

export class Cluster {
  readonly settings: ClientSettings;
  private readonly bootstrap: readonly Address[];
  private brokers = new Map<number, Address>();
  private readonly wanted = new Set<string>();
  private readonly topics = new Map<string, KnownTopic>();
  private readonly coordinators = new Map<string, number>();
  private readonly connections = new Map<string, Promise<Connection>>();
  /** When a broker last failed to answer, by address: others are asked first for a while. */
  private readonly suspects = new Map<string, number>();
  private refreshing: Promise<void> | null = null;
  private refreshedAt = 0;
  private closed = false;

  constructor(settings: ClientSettings) {
    this.settings = settings;
    this.bootstrap = settings.brokers.map(parseAddress);
  }

  get brokerIds(): readonly number[] {
    return [...this.brokers.keys()];
  }

  /** What is known of a topic, asked for if nothing is. @throws ProtocolError UNKNOWN_TOPIC_OR_PARTITION when there is none. */
  async topic(name: string): Promise<KnownTopic> {
    this.wanted.add(name);
    if (!this.topics.has(name)) await this.refresh();
    const topic = this.topics.get(name);
    if (topic === undefined) throw new ProtocolError(CODE.UNKNOWN_TOPIC_OR_PARTITION, name);
    return topic;
  }

  /** Leader of each partition, from what is known or asked for; -1 where there is none. */
  async leadersOf<Entry extends TopicPartition>(partitions: readonly Entry[]): Promise<Map<number, Entry[]>> {
    for (const { topic } of partitions) this.wanted.add(topic);
    if (partitions.some(({ topic }) => !this.topics.has(topic))) await this.refresh();
    return this.byKnownLeader(partitions);
  }

  knows(topic: string): boolean {
    return this.topics.has(topic);
  }

  /** As `leadersOf`, from what is known. */
  byKnownLeader<Entry extends TopicPartition>(partitions: readonly Entry[]): Map<number, Entry[]> {
    return Map.groupBy(partitions, ({ topic, partition }) => this.topics.get(topic)?.leaders[partition] ?? -1);
  }

  /** Asks for brokers and leaders anew. Calls that come while it is under way share it. */
  refresh(): Promise<void> {
    this.refreshing ??= this.loadMetadata().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  /** Metadata of the topics named, fresh from a broker, without remembering it. */
  metadata(topics: readonly string[] | 'all'): Promise<ClusterMetadata> {
    return this.askAny(metadataRequest(topics));
  }

  /** The broker that keeps a group or a transactional id. */
  async coordinator(kind: CoordinatorKind, key: string): Promise<number> {
    const name = `${kind} ${key}`;
    const known = this.coordinators.get(name);
    if (known !== undefined) return known;
    const found = await this.askAny(coordinatorRequest(kind, key));
    if (found.errorCode !== 0) throw new ProtocolError(found.errorCode, `coordinator of ${name}`);
    this.brokers.set(found.nodeId, { host: found.host, port: found.port });
    this.coordinators.set(name, found.nodeId);
    return found.nodeId;
  }

  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.coordinators.delete(`${kind} ${key}`);
  }

  /** Sends to a broker on the connection of a lane, which is opened if there is none. @throws ConnectionLost, what opening threw */
  async send<Result extends object>(
    nodeId: number,
    lane: Lane,
    request: WireRequest<Result>,
    timeoutMs?: number,
  ): Promise<Result> {
    const address = this.brokers.get(nodeId);
    if (address === undefined) throw new ConnectionLost(`broker ${nodeId} is not known at the moment`);
    return this.sendTo(address, lane, request, timeoutMs);
  }

  /** A connection to send several requests on in a fixed order, without waiting for the answers. @throws as `send` */
  async lane(nodeId: number, lane: Lane): Promise<Connection> {
    const address = this.brokers.get(nodeId);
    if (address === undefined) throw new ConnectionLost(`broker ${nodeId} is not known at the moment`);
    return this.connection(address, lane);
  }

  /** Asks any broker: those that answered lately first, one after another until one does. */
  async askAny<Result extends object>(
    request: WireRequest<Result>,
    timeoutMs = Math.min(METADATA_TIMEOUT_MS, this.settings.requestTimeoutMs),
  ): Promise<Result> {
    let failure: unknown = new ConnectionLost('no broker is configured');
    for (const address of this.candidates()) {
      try {
        return await this.sendTo(address, 'control', request, timeoutMs);
      } catch (error) {
        if (error instanceof KafkaError || this.closed) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** Ends every connection at once. */
  close(): void {
    this.closed = true;
    for (const opening of this.connections.values()) {
      opening.then(
        (connection) => connection.destroy(new Error('closed by this process')),
        () => undefined,
      );
    }
    this.connections.clear();
  }

  private candidates(): readonly Address[] {
    const all = new Map(
      [...this.brokers.values(), ...this.bootstrap].map((address) => [`${address.host}:${address.port}`, address]),
    );
    const doubt = (name: string): number => {
      const since = this.suspects.get(name) ?? 0;
      return Date.now() - since < SUSPECT_MS ? since : 0;
    };
    return [...all].toSorted(([a], [b]) => doubt(a) - doubt(b)).map(([, address]) => address);
  }

  private async loadMetadata(): Promise<void> {
    const pause = this.refreshedAt + METADATA_PAUSE_MS - Date.now();
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    const { brokers, topics } = await this.metadata([...this.wanted]);
    this.refreshedAt = Date.now();
    if (brokers.length > 0) this.brokers = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    for (const { name, errorCode, topicId, partitions } of topics) {
      if (errorCode === CODE.UNKNOWN_TOPIC_OR_PARTITION) this.topics.delete(name);
      if (errorCode !== 0) continue;
      const leaders = Array.from({ length: partitions.length }, () => -1);
      for (const { partition, leader } of partitions) leaders[partition] = leader;
      this.topics.set(name, { topicId, leaders });
    }
  }

  private async sendTo<Result extends object>(
    address: Address,
    lane: Lane,
    request: WireRequest<Result>,
    timeoutMs?: number,
  ): Promise<Result> {
    const name = `${address.host}:${address.port}`;
    try {
      const connection = await this.connection(address, lane);
      const result = await connection.send(request, timeoutMs);
      this.suspects.delete(name);
      return result;
    } catch (error) {
      if (error instanceof ConnectionLost) this.suspects.set(name, Date.now());
      throw error;
    }
  }

  private async connection(address: Address, lane: Lane): Promise<Connection> {
    if (this.closed) throw new KafkaError('unavailable', 'the connection to Kafka was closed by this process');
    const key = `${address.host}:${address.port} ${lane}`;
    const known = this.connections.get(key);
    if (known !== undefined) {
      const connection = await known;
      if (connection.isOpen && Date.now() < connection.expiresAt) return connection;
      if (this.connections.get(key) !== known) return this.connection(address, lane);
      this.connections.delete(key);
      retire(connection);
    }
    const opening = this.open(address, key);
    this.connections.set(key, opening);
    return opening;
  }

  private async open(address: Address, key: string): Promise<Connection> {
    try {
      const connection = await Connection.open(address, this.settings);
      connection.onClose = () => this.suspects.set(`${address.host}:${address.port}`, Date.now());
      const name = `${address.host}:${address.port}`;
      if (connection.versions !== null) {
        checkVersions(connection.versions, name);
        checkTransactionVersion(connection.versions, name);
      }
      if (this.closed) connection.destroy(new Error('closed by this process'));
      return connection;
    } catch (error) {
      this.connections.delete(key);
      throw error;
    }
  }
}

/** Lets requests under way end on a connection whose credentials run out, then closes it. */
const retire = (connection: Connection): void => {
  if (!connection.isOpen) return;
  const look = setInterval(() => {
    if (!connection.isIdle && connection.isOpen) return;
    clearInterval(look);
    connection.destroy(new Error('its credentials ran out'));
  }, 100);
};
