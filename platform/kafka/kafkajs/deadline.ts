// A bound on how long one call waits. What is waited for goes on by itself: the caller abandons its session.
import { KafkaError } from '../port.ts';

/** Resolves or rejects as `work` does. @throws KafkaError `unavailable` when it takes longer than `patienceMs`, with the last `trouble`. */
export const withDeadline = async <Result>(
  work: Promise<Result>,
  patienceMs: number,
  what: string,
  trouble: () => string | null,
): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new KafkaError(
            'unavailable',
            `${what}: not done within ${patienceMs} ms; last trouble: ${trouble() ?? 'no answer from Kafka'}`,
          ),
        ),
      patienceMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
