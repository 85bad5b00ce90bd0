// GET /v1/live: server-sent events that tell an open page what to fetch again. Written by hand: sixty lines, and the one place that holds a socket open.
import type { FastifyInstance } from 'fastify';
import type { Hub, LiveMessage } from './hub.ts';

export interface LiveDeps {
  readonly hub: Hub;
  readonly position: () => Promise<string | null>;
  readonly heartbeatMs: number;
}

/** One event in the text/event-stream format; the data is one line of JSON. */
export const eventText = (event: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

const changeText = (message: LiveMessage): string =>
  eventText('change', { ...message.change, position: message.position }, message.id);

// A reader that does not drain this much is cut off; its EventSource comes back with Last-Event-ID and hears what it missed.
const bufferedBytesMax = 1_000_000;

export const registerLive = (app: FastifyInstance, deps: LiveDeps): void => {
  const open = new Set<() => void>();
  app.get(
    '/v1/live',
    {
      schema: {
        tags: ['live'],
        summary: 'Changes as server-sent events',
        operationId: 'live',
        description:
          'Event `hello` {position} at first; event `change` {all, funds, investors, position} after each commit of the store: fetch again what you show of it. ' +
          'A comment every few seconds keeps the line open. Reconnect with Last-Event-ID to hear what was missed.',
      },
    },
    async (request, reply) => {
      const position = await deps.position();
      const lastEventId = request.headers['last-event-id'];
      reply.hijack();
      const response = reply.raw;
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) response.setHeader(name, value);
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const write = (text: string): void => {
        response.write(text);
        if (response.writableLength > bufferedBytesMax) response.destroy();
      };
      write(`retry: 1000\n\n${eventText('hello', { position })}`);
      const unsubscribe = deps.hub.subscribe(typeof lastEventId === 'string' ? lastEventId : undefined, (message) => {
        write(changeText(message));
      });
      const heartbeat = setInterval(() => {
        write(': still here\n\n');
      }, deps.heartbeatMs);
      const close = (): void => {
        clearInterval(heartbeat);
        unsubscribe();
        open.delete(close);
        response.end();
      };
      open.add(close);
      request.raw.on('close', close);
      response.on('error', close);
    },
  );
  // Fastify waits for open requests when it closes; these would never end by themselves.
  app.addHook('preClose', async () => {
    for (const close of Array.from(open)) close();
  });
};
