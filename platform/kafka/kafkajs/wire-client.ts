// A shared connection for single requests (admin, committed offsets, outcome of a transaction): each is retried with fresh
// metadata, on a new session when the old one is in doubt, until it succeeds, fails for good, or the time is up.
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaError } from '../port.ts';
import { isPassing, protocolErrorType, toKafkaError } from './errors.ts';
import type { KafkajsCluster } from './internals.ts';
import { ONE_RETRY, openSession } from './session.ts';
import type { Session, SessionSettings } from './session.ts';

export interface WireClient {
  /**
   * Runs `use` with a connected cluster; `use` must be safe to repeat. `what` begins the message of the error.
   * @throws KafkaError `unavailable` when it still fails for a passing reason after `patienceMs`; the mapped error for other reasons.
   */
  run<Result>(what: string, use: (cluster: KafkajsCluster) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

const FIRST_PAUSE_MS = 5;
const PAUSE_MAX_MS = 500;
/** A topic that was just created may be unknown to a broker for a moment; one that stays unknown is a mistake of the caller. */
const UNKNOWN_TOPIC_PATIENCE_MS = 3_000;

export const createWireClient = (settings: SessionSettings, patienceMs: number): WireClient => {
  let session: Session | null = null;
  let closed = false;

  const discard = (used: Session): void => {
    if (session === used) session = null;
    used.abandon();
  };

  const attempt = async <Result>(use: (cluster: KafkajsCluster) => Promise<Result>): Promise<Result> => {
    session ??= openSession(settings, ONE_RETRY);
    const used = session;
    try {
      await used.cluster.connect();
      await used.cluster.refreshMetadataIfNecessary();
      return await use(used.cluster);
    } catch (error) {
      // A refusal by a living broker leaves the connection good, but its metadata may be old.
      if (protocolErrorType(error) === null && !(error instanceof KafkaError)) discard(used);
      else if (isPassing(error)) {
        used.forgetCoordinators();
        await used.cluster.refreshMetadata().catch(() => discard(used));
      }
      throw error;
    }
  };

  return {
    run: async (what, use) => {
      const startedAt = Date.now();
      for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
        if (closed) throw new KafkaError('unavailable', `${what}: the connection to Kafka was closed by this process`);
        try {
          return await attempt(use);
        } catch (error) {
          if (!isPassing(error)) throw toKafkaError(error, what);
          const isUnknownTopic = protocolErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
          const until = startedAt + (isUnknownTopic ? Math.min(UNKNOWN_TOPIC_PATIENCE_MS, patienceMs) : patienceMs);
          if (Date.now() + pause > until)
            throw new KafkaError('unavailable', toKafkaError(error, what).message, { cause: error });
        }
        await sleep(pause);
      }
    },
    close: async () => {
      closed = true;
      await session?.close();
      session = null;
    },
  };
};
