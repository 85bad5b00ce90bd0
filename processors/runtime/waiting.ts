// Waits that end when a task is told to stop.
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for the work, or returns at once when the task is told to stop. */
export const orAborted = async (work: Promise<void>, signal: AbortSignal): Promise<void> => {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) resolve();
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

/** Sleeps, or wakes at once when the task is told to stop. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
};
