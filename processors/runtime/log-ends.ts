// Ends of topics for many partitions at once: at a hand-over every partition asks for the same topics, and one answer holds them all.
import type { KafkaAdmin, Watermarks } from '#platform/kafka/port.ts';

/** Both ends of all partitions of a topic, read after the call. */
export type LogEnds = (topic: string) => Promise<readonly Watermarks[]>;

interface Asked {
  running: Promise<unknown> | null;
  next: Promise<readonly Watermarks[]> | null;
}

/** Calls that come while a request is under way share the one that is sent after it: an answer is never older than the question. */
export const createLogEnds = (admin: Pick<KafkaAdmin, 'watermarks'>): LogEnds => {
  const byTopic = new Map<string, Asked>();
  const send = (topic: string, asked: Asked): Promise<readonly Watermarks[]> => {
    const request = admin.watermarks(topic);
    const settled = request.then(
      () => undefined,
      () => undefined,
    );
    asked.running = settled;
    void settled.then(() => {
      if (asked.running === settled) asked.running = null;
    });
    return request;
  };
  return (topic) => {
    const asked = byTopic.get(topic) ?? { running: null, next: null };
    byTopic.set(topic, asked);
    if (asked.running === null && asked.next === null) return send(topic, asked);
    asked.next ??= (asked.running ?? Promise.resolve()).then(() => {
      asked.next = null;
      return send(topic, asked);
    });
    return asked.next;
  };
};
