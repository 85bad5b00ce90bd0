// The role alerts: posts every finding of the quality checks to a webhook. A receiver that does not answer makes it wait and lag; what was
// posted is remembered as a committed offset of the topic, so that nothing is left out. A finding may come twice after a kill: the
// receiver knows it again by its Idempotency-Key.
import { setTimeout as sleep } from 'node:timers/promises';
import type { QualityFinding } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import type { InboundRecord, KafkaPort } from '#platform/kafka/port.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { Codec } from '#schemas/codec.ts';
import { topicName } from '#schemas/topics.ts';

export interface AlertsDeps {
  readonly kafka: KafkaPort;
  readonly codec: Codec;
  readonly topicPrefix: string;
  readonly partitions: number;
  /** Where findings are posted as JSON. */
  readonly webhookUrl: string;
  readonly logger: Logger;
  /** How long one post may take; 10 s unless given. */
  readonly timeoutMs?: number;
}

export interface AlertsHealth {
  readonly state: 'running' | 'waiting' | 'stopped';
  readonly posted: number;
  /** Why it waits. */
  readonly detail: string | null;
}

export interface AlertsSink {
  stop(): Promise<void>;
  health(): AlertsHealth;
}

const pollMs = 500;
const backOffMs = { first: 200, max: 30_000 };

/** Body of a post: the finding in the words of the schema. */
const bodyOf = ({ position, source_event, recorded_at, ...finding }: QualityFinding): string =>
  JSON.stringify(
    { ...finding, source_event, position, recorded_at: new Date(recorded_at / 1000).toISOString() },
    (_key, value: unknown) => (typeof value === 'bigint' ? formatMoney(value) : value),
  );

/** Starts posting where the last run ended. */
export const startAlerts = async (deps: AlertsDeps): Promise<AlertsSink> => {
  const { kafka, codec, webhookUrl, logger, timeoutMs = 10_000 } = deps;
  const topic = topicName(deps.topicPrefix, 'quality');
  const group = `${deps.topicPrefix}alerts`;
  const stopping = new AbortController();
  const { signal } = stopping;
  let health: AlertsHealth = { state: 'running', posted: 0, detail: null };

  const committed = await kafka.admin.committedOffsets(group, topic);
  const lows = await kafka.admin.watermarks(topic);
  const reader = kafka.reader({
    // Findings are kept for 90 days: what fell out of the log before it was posted cannot be posted any more.
    positions: lows.map(({ partition, low }) => {
      const offset = committed.get(partition) ?? low;
      return { topic, partition, offset: offset < low ? low : offset };
    }),
    minBytes: 1,
  });

  const post = async (finding: QualityFinding): Promise<void> => {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      let problem: string;
      try {
        const reply = await fetch(webhookUrl, {
          method: 'POST',
          redirect: 'error',
          headers: {
            'content-type': 'application/json',
            'idempotency-key': `${finding.finding_id}:${finding.position.partition}:${finding.position.offset}`,
          },
          body: bodyOf(finding),
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
        await reply.body?.cancel();
        if (reply.ok) {
          health = { state: 'running', posted: health.posted + 1, detail: null };
          return;
        }
        problem = `the webhook answered ${reply.status}`;
      } catch (error) {
        problem = `the webhook cannot be reached: ${error instanceof Error ? error.message : String(error)}`;
      }
      if (signal.aborted) return;
      const waitMs = Math.min(backOffMs.first * 2 ** attempt, backOffMs.max);
      health = { ...health, state: 'waiting', detail: problem };
      logger.warn({ finding: finding.finding_id, problem, waitMs }, 'an alert waits for its webhook');
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  };

  const handle = async (records: readonly InboundRecord[], partition: number, nextOffset: bigint): Promise<void> => {
    for (const record of records) {
      const { type, value } = codec.decode(record.value);
      if (type === 'QualityFinding') await post(value as QualityFinding);
      if (signal.aborted) return;
    }
    await kafka.admin.setOffsets(group, [{ topic, partition, offset: nextOffset }]);
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        for (const { records, partition, nextOffset } of await reader.poll(pollMs)) {
          await handle(records, partition, nextOffset);
          if (signal.aborted) return;
        }
      } catch (error) {
        health = { ...health, state: 'waiting', detail: error instanceof Error ? error.message : String(error) };
        logger.warn({ err: error }, 'alerts wait for the log');
        await sleep(backOffMs.first * 5, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  const done = run();
  return {
    health: () => health,
    stop: async () => {
      stopping.abort();
      await done;
      await reader.close();
      health = { ...health, state: 'stopped' };
    },
  };
};
