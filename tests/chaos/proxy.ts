// A TCP proxy on loopback between one process and one server: it delays, loses requests or answers, cuts connections, and calls at
// each Kafka frame, so that the process can be killed or frozen exactly there.
import net from 'node:net';

/** `request`: before the broker has it; `answer`: the broker has done it, the process does not know. */
export type Side = 'request' | 'answer';
/** What becomes of a frame; `cut` loses it and its connection. */
export type Fate = 'pass' | 'cut';

/** What is done to all connections of a process; several proxies share one. */
export interface Weather {
  /** Added to each frame or chunk, in both directions. */
  delayMs: number;
  /** Asked at each Kafka frame. */
  decide: (side: Side, apiKey: number) => Fate;
}

export interface Proxy {
  readonly port: number;
  cutAll(): void;
  close(): Promise<void>;
}

export const fairWeather = (): Weather => ({ delayMs: 0, decide: () => 'pass' });

/** Calls `take` with each whole frame of the Kafka protocol, length prefix included. */
const frames = (take: (frame: Buffer) => void): ((chunk: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  };
};

/** Writes in order, each after the delay of the moment at which it came. */
const delayed = (socket: net.Socket, weather: Weather): ((bytes: Buffer) => void) => {
  let free = 0;
  return (bytes) => {
    const now = Date.now();
    free = Math.max(free, now + weather.delayMs);
    if (free <= now) socket.write(bytes);
    else setTimeout(() => socket.destroyed || socket.write(bytes), free - now);
  };
};

/** Starts a proxy to a port of loopback on a free port. `kafka` cuts the stream into frames; `plain` passes bytes as they come. */
export const startProxy = async (target: number, protocol: 'kafka' | 'plain', weather: Weather): Promise<Proxy> => {
  const parts = new Set<() => void>();
  const server = net.createServer({ noDelay: true }, (client) => {
    const broker = net.connect({ host: '127.0.0.1', port: target, noDelay: true });
    const part = (): void => {
      parts.delete(part);
      client.destroy();
      broker.destroy();
    };
    parts.add(part);
    for (const socket of [client, broker]) socket.on('error', part).on('close', part);
    const toBroker = delayed(broker, weather);
    const toClient = delayed(client, weather);
    if (protocol === 'plain') {
      client.on('data', toBroker);
      broker.on('data', toClient);
      return;
    }
    const asked = new Map<number, number>();
    client.on(
      'data',
      frames((frame) => {
        const apiKey = frame.readInt16BE(4);
        if (client.destroyed || weather.decide('request', apiKey) === 'cut') return part();
        asked.set(frame.readInt32BE(8), apiKey);
        toBroker(frame);
      }),
    );
    broker.on(
      'data',
      frames((frame) => {
        const id = frame.readInt32BE(4);
        const apiKey = asked.get(id) ?? -1;
        asked.delete(id);
        if (client.destroyed || weather.decide('answer', apiKey) === 'cut') return part();
        toClient(frame);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const cutAll = (): void => {
    for (const part of parts) part();
  };
  return {
    port,
    cutAll,
    close: async () => {
      cutAll();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
