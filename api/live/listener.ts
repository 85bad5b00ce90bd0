// The one LISTEN connection of the process: hears every commit of the sink, reconnects by itself, and says so, since changes may have been missed.
import type { Logger } from 'pino';
import pg from 'pg';

export const changesChannel = 'stratcap_changes';

export interface ListenerHandlers {
  /** A commit of the sink. */
  readonly onPayload: (payload: string) => void;
  /** Connected, at first or again: what happened before was not heard. */
  readonly onConnected: () => void;
}

export interface Listener {
  readonly connected: () => boolean;
  stop(): Promise<void>;
}

const delayMsMax = 5_000;

/** Starts listening at once and keeps trying; it never throws, since reads work without it. */
export const startListener = (config: pg.ClientConfig, logger: Logger, handlers: ListenerHandlers): Listener => {
  let client: pg.Client | null = null;
  let connected = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let delayMs = 100;

  const retry = (reason: string): void => {
    connected = false;
    const lost = client;
    client = null;
    lost?.removeAllListeners();
    // An ended connection may still give an error; without a listener that would end the process.
    lost?.on('error', () => undefined);
    lost?.end().catch(() => undefined);
    if (stopped || timer !== undefined) return;
    logger.warn({ reason, delayMs }, 'live updates lost Postgres, trying again');
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, delayMs);
    delayMs = Math.min(delayMs * 2, delayMsMax);
  };

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ ...config, application_name: 'stratcap-api-live', keepAlive: true });
    client = next;
    next.on('error', (error) => retry(error.message));
    next.on('end', () => {
      if (client === next) retry('connection ended');
    });
    next.on('notification', (message) => {
      handlers.onPayload(message.payload ?? '');
    });
    try {
      await next.connect();
      await next.query(`LISTEN ${changesChannel}`);
      if (client !== next) return;
      connected = true;
      delayMs = 100;
      handlers.onConnected();
    } catch (error) {
      if (client === next) retry(error instanceof Error ? error.message : String(error));
    }
  };
  void connect();

  return {
    connected: () => connected,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      const open = client;
      client = null;
      connected = false;
      open?.removeAllListeners();
      open?.on('error', () => undefined);
      await open?.end().catch(() => undefined);
    },
  };
};
