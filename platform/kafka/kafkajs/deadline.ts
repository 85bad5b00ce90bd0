// A bound on how long one call waits. What is waited for goes on by itself: the caller abandons its session.
import { KafkaError } from '../port.ts';

/** Resolves or rejects as `work` does. @throws KafkaError `unavailable` when it takes longer than `patienceMs`. */
export const withDeadline = async <Result>(work: Promise<Result>, patienceMs: number, what: string): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new KafkaError('unavailable', `${what}: no answer from Kafka within ${patienceMs} ms`)), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
