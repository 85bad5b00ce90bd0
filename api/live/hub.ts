// Hands the changes of the store to every open page: at once when it is quiet, gathered when it is not, with the position they lead to,
// and remembers the last ones so that a page that was away for a moment hears only what it missed.
import type { Change } from './change.ts';
import { anythingChanged, mergeChanges, nothingChanged, parseNotification } from './change.ts';

export interface LiveMessage {
  /** Rises by one; with the run of the hub it is the event id. */
  readonly id: string;
  readonly change: Change;
  readonly position: string | null;
}

export interface Hub {
  /** A NOTIFY payload of the sink. */
  readonly heard: (payload: string) => void;
  /** Something may have been missed: everybody fetches again. */
  readonly missed: () => void;
  /** Adds a reader and tells what it missed since `lastEventId`; gives the way to take it out. */
  subscribe(lastEventId: string | undefined, deliver: (message: LiveMessage) => void): () => void;
  /** Resolves at the next commit of the sink or after the time given. */
  readonly nextChange: (timeoutMs: number) => Promise<void>;
  readonly readers: () => number;
  stop(): void;
}

export interface HubDeps {
  /** Names one run of the hub, so that ids of an earlier process are never taken for ours. */
  readonly run: string;
  /** The position of all sources, read after the change. */
  readonly position: () => Promise<string | null>;
  /** How long changes are gathered after one was told. */
  readonly gatherMs: number;
  readonly onError: (error: unknown) => void;
}

const remembered = 500;

export const createHub = (deps: HubDeps): Hub => {
  const readers = new Set<(message: LiveMessage) => void>();
  const waiting = new Set<() => void>();
  const past: LiveMessage[] = [];
  let sequence = 0;
  let pending: Change | null = null;
  let timer: NodeJS.Timeout | undefined;
  let telling = false;

  const tell = async (): Promise<void> => {
    if (pending === null || telling) return;
    telling = true;
    const change = pending;
    pending = null;
    let waitMs = deps.gatherMs;
    try {
      const position = await deps.position();
      const message = { id: `${deps.run}.${(sequence += 1)}`, change, position };
      past.push(message);
      if (past.length > remembered) past.shift();
      for (const deliver of readers) deliver(message);
    } catch (error) {
      // Without a position there is nothing true to say; the change stays pending and is told with the next try.
      pending = mergeChanges(change, pending ?? nothingChanged);
      waitMs = deps.gatherMs * 10;
      deps.onError(error);
    } finally {
      telling = false;
    }
    timer ??= setTimeout(() => {
      timer = undefined;
      void tell();
    }, waitMs);
  };

  const add = (change: Change): void => {
    pending = pending === null ? change : mergeChanges(pending, change);
    for (const wake of waiting) wake();
    if (timer === undefined) void tell();
  };

  return {
    heard: (payload) => {
      const heard = parseNotification(payload);
      add(mergeChanges(nothingChanged, { all: heard.all ?? false, funds: heard.funds, investors: heard.investors }));
    },
    missed: () => {
      add(anythingChanged);
    },
    subscribe: (lastEventId, deliver) => {
      readers.add(deliver);
      if (lastEventId !== undefined) {
        const place = past.findIndex((message) => message.id === lastEventId);
        const latest = past.at(-1);
        if (place >= 0) for (const message of past.slice(place + 1)) deliver(message);
        else deliver({ id: latest?.id ?? `${deps.run}.0`, change: anythingChanged, position: latest?.position ?? null });
      }
      return () => {
        readers.delete(deliver);
      };
    },
    nextChange: (timeoutMs) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(limit);
          waiting.delete(wake);
          resolve();
        };
        const limit = setTimeout(wake, timeoutMs);
        waiting.add(wake);
      }),
    readers: () => readers.size,
    stop: () => {
      clearTimeout(timer);
      for (const wake of waiting) wake();
      readers.clear();
    },
  };
};
