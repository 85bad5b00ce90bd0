// Waits of the runtime: all of them end when somebody says stop.
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for the work, or returns at once when the signal is given. */
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

/** Sleeps, or wakes at once when the signal is given. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
};

/** Wakes a loop that has nothing to do; a ring while it works is not lost. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at once when it rang since the last one, or after `ms` where given. */
  heard(ms?: number): Promise<void>;
}

export const createBell = (): Bell => {
  let rang = false;
  let wake: (() => void) | null = null;
  return {
    ring: () => {
      rang = true;
      wake?.();
    },
    heard: async (ms) => {
      if (!rang) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = ms === undefined ? null : setTimeout(resolve, ms);
        await promise;
        if (timer !== null) clearTimeout(timer);
        wake = null;
      }
      rang = false;
    },
  };
};

/** Work that waits until something holds; whoever changes the state calls `look`. */
export interface Conditions {
  until(holds: () => boolean): Promise<void>;
  look(): void;
}

export const createConditions = (): Conditions => {
  let waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  return {
    until: async (holds) => {
      if (holds()) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ holds, resolve });
      await promise;
    },
    look: () => {
      const ready = waiting.filter(({ holds }) => holds());
      waiting = waiting.filter((entry) => !ready.includes(entry));
      for (const { resolve } of ready) resolve();
    },
  };
};
