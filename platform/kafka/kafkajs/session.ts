// One kafkajs cluster object with the sockets it opened. It is thrown away at the first doubt: state of kafkajs is never mended.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { protocolErrorType, SESSION_ABANDONED } from './errors.ts';
import { Cluster, createKafkajsLogger, KAFKAJS_LOG_LEVELS, KafkaJSError } from './internals.ts';
import type { KafkajsBroker, KafkajsCluster, KafkajsLogEntry, KafkajsRetry } from './internals.ts';

/** The part of a structured logger that is used here; a pino logger fits. */
export interface KafkaLogger {
  debug(context: object, message: string): void;
  warn(context: object, message: string): void;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where to connect for an address that a broker advertises: the same, unless there is a tunnel or a test's proxy between. */
export type Route = (advertised: Address) => Address;

export interface SessionSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: KafkaLogger;
  /** How long one request may take before its connection is given up. */
  readonly requestTimeoutMs: number;
  readonly route: Route;
}

export interface Session {
  readonly cluster: KafkajsCluster;
  /** kafkajs wants it beside the cluster when a producer is made. */
  readonly logger: object;
  /** What kafkajs last complained of while it retried; null when it did not. */
  readonly lastTrouble: () => string | null;
  /** Call it when a coordinator refuses: another broker may have become it. */
  forgetCoordinators(): void;
  /** Ends every socket at once and makes whatever still retries inside kafkajs fail for good. */
  abandon(): void;
  /** Lets requests under way finish for a moment, then abandons. */
  close(): Promise<void>;
}

/** kafkajs waits 300 ms after a first error; Kafka's own short refusals (CONCURRENT_TRANSACTIONS) pass within a few milliseconds. */
export const SHORT_RETRY: KafkajsRetry = {
  initialRetryTime: 3,
  multiplier: 1.5,
  factor: 0.2,
  maxRetryTime: 250,
  retries: 100_000,
};
/** For callers with a retry loop of their own around the session. */
export const ONE_RETRY: KafkajsRetry = { ...SHORT_RETRY, retries: 1 };

const CONNECT_TIMEOUT_MS = 3_000;
const METADATA_MAX_AGE_MS = 300_000;
const COORDINATOR_MAX_AGE_MS = 2_000;
const CLOSE_PATIENCE_MS = 1_000;
const CONCURRENT_PAUSE_MS = 1;
const CONCURRENT_ATTEMPTS = 200;

const openSockets = (
  route: Route,
): { sockets: Set<net.Socket>; factory: (target: { host: string; port: number; onConnect: () => void }) => net.Socket } => {
  const sockets = new Set<net.Socket>();
  return {
    sockets,
    factory: ({ host, port, onConnect }) => {
      const socket = net.connect({ ...route({ host, port }), noDelay: true }, onConnect);
      socket.setKeepAlive(true, 60_000);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
  };
};

/** Kafka refuses the first step of a transaction with CONCURRENT_TRANSACTIONS until the markers of the last one are written, a few ms. */
const repeatWhileConcurrent = (broker: KafkajsBroker): void => {
  for (const step of ['addPartitionsToTxn', 'addOffsetsToTxn'] as const) {
    const once = broker[step].bind(broker);
    broker[step] = async (input) => {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await once(input);
        } catch (error) {
          if (protocolErrorType(error) !== 'CONCURRENT_TRANSACTIONS' || attempt >= CONCURRENT_ATTEMPTS) throw error;
        }
        await sleep(CONCURRENT_PAUSE_MS);
      }
    };
  }
};

/** kafkajs asks for the coordinator before each step of a transaction; the answer is good until an error, and at most 2 s here. */
const rememberCoordinators = (cluster: KafkajsCluster): (() => void) => {
  const find = cluster.findGroupCoordinator.bind(cluster);
  const known = new Map<string, { broker: KafkajsBroker; until: number }>();
  const repaired = new WeakSet<KafkajsBroker>();
  cluster.findGroupCoordinator = async (input) => {
    const key = `${input.coordinatorType ?? 0} ${input.groupId}`;
    const entry = known.get(key);
    if (entry !== undefined && entry.until > Date.now()) return entry.broker;
    const broker = await find(input);
    if (!repaired.has(broker)) repeatWhileConcurrent(broker);
    repaired.add(broker);
    known.set(key, { broker, until: Date.now() + COORDINATOR_MAX_AGE_MS });
    return broker;
  };
  return () => known.clear();
};

const refuseEverything = (cluster: KafkajsCluster): void => {
  const refuse = (): Promise<never> =>
    Promise.reject(
      Object.assign(new KafkaJSError('this session was abandoned', { retriable: false }), { name: SESSION_ABANDONED }),
    );
  cluster.connect = refuse;
  cluster.refreshMetadata = refuse;
  cluster.refreshMetadataIfNecessary = refuse;
  cluster.addMultipleTargetTopics = refuse;
  cluster.findBroker = refuse;
  cluster.findGroupCoordinator = refuse;
  cluster.brokerPool.createSeedBroker = refuse;
};

/** A session that connects on first use. kafkajs's own log lines are debug lines here: what matters is thrown. */
export const openSession = (settings: SessionSettings, retry: KafkajsRetry): Session => {
  const { sockets, factory } = openSockets(settings.route);
  let trouble: string | null = null;
  const logger = createKafkajsLogger({
    level: KAFKAJS_LOG_LEVELS.WARN,
    logCreator: () => (entry: KafkajsLogEntry) => {
      trouble = typeof entry.log['error'] === 'string' ? entry.log['error'] : entry.log.message;
      settings.logger.debug(
        { namespace: entry.namespace, level: entry.label, error: entry.log['error'] },
        `kafkajs: ${entry.log.message}`,
      );
    },
  });
  const cluster = new Cluster({
    logger,
    socketFactory: factory,
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: settings.requestTimeoutMs,
    enforceRequestTimeout: true,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    retry,
    allowAutoTopicCreation: false,
    maxInFlightRequests: null,
  });
  cluster.retry = retry; // read by kafkajs's transaction code, which falls back to 300 ms without it
  const forgetCoordinators = rememberCoordinators(cluster);
  let abandoned = false;
  const abandon = (): void => {
    if (abandoned) return;
    abandoned = true;
    refuseEverything(cluster);
    for (const socket of sockets) socket.destroy(new Error('session abandoned'));
  };
  const close = async (): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_PATIENCE_MS);
    });
    await Promise.race([cluster.disconnect().catch(() => undefined), patience]);
    clearTimeout(timer);
    abandon();
  };
  return { cluster, logger, lastTrouble: () => trouble, forgetCoordinators, abandon, close };
};
