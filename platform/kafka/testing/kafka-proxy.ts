// A TCP proxy on loopback that knows the frames of the Kafka protocol, for tests that lose a request or its answer.
import net from 'node:net';
import type { Address } from '../client/settings.ts';

/** What becomes of one request: `lose-answer` lets the broker do it, `lose-request` does not; the connection breaks in both. */
export type Fate = 'pass' | 'lose-answer' | 'lose-request';

export interface KafkaProxy {
  readonly address: Address;
  /** Decides by API key (26 is EndTxn); everything passes until it is set. */
  decide: (apiKey: number) => Fate;
  close(): Promise<void>;
}

/** Calls `take` with each whole frame, length prefix included. */
const frames = (take: (frame: Buffer) => void): ((chunk: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  };
};

const join = (client: net.Socket, broker: net.Socket, decide: (apiKey: number) => Fate): void => {
  const unanswered = new Set<number>();
  const part = (): void => {
    client.destroy();
    broker.destroy();
  };
  client.on(
    'data',
    frames((frame) => {
      const fate = decide(frame.readInt16BE(4));
      if (fate === 'lose-request') return part();
      if (fate === 'lose-answer') unanswered.add(frame.readInt32BE(8));
      broker.write(frame);
    }),
  );
  broker.on(
    'data',
    frames((frame) => {
      if (unanswered.has(frame.readInt32BE(4))) part();
      else client.write(frame);
    }),
  );
  for (const socket of [client, broker]) socket.on('error', part).on('close', part);
};

/** Starts a proxy to `target` on a free port of loopback. */
export const startKafkaProxy = async (target: Address): Promise<KafkaProxy> => {
  const sockets = new Set<net.Socket>();
  const proxy: Pick<KafkaProxy, 'decide'> = { decide: () => 'pass' };
  const server = net.createServer({ noDelay: true }, (client) => {
    const broker = net.connect({ ...target, noDelay: true });
    sockets.add(client).add(broker);
    join(client, broker, (apiKey) => proxy.decide(apiKey));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  return Object.assign(proxy, {
    address: { host: '127.0.0.1', port },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
};
