// A broker that misbehaves as told, for what the real one cannot be made to do: silence, nonsense, throttling.
import net from 'node:net';
import { FrameReader } from '../client/frames.ts';
import { ByteWriter } from '../wire/byte-writer.ts';

export interface FakeRequest {
  readonly apiKey: number;
  readonly correlationId: number;
  readonly arrivedAt: number;
  /** Answers with a body behind the correlation id. */
  reply(body: Buffer): void;
  /** Writes bytes as they are. */
  raw(bytes: Buffer): void;
}

export interface FakeBroker {
  readonly port: number;
  readonly requests: readonly FakeRequest[];
  /** Called for everything but ApiVersions, which is answered as Kafka 4.3 does; does nothing until it is set. */
  handle: (request: FakeRequest) => void;
  close(): Promise<void>;
}

const API_VERSIONS = 18;

const versions = (): Buffer => {
  const writer = new ByteWriter().int16(0);
  const keys = Array.from({ length: 92 }, (_, key) => key);
  writer.compactArray(keys, (key) => writer.int16(key).int16(0).int16(30).noTags());
  const feature = new ByteWriter().unsignedVarint(2).compactString('transaction.version').int16(2).int16(0).noTags().bytes();
  return writer.int32(0).unsignedVarint(1).unsignedVarint(2).unsignedVarint(feature.length).raw(feature).bytes();
};

export const startFakeBroker = async (): Promise<FakeBroker> => {
  const requests: FakeRequest[] = [];
  const sockets = new Set<net.Socket>();
  const broker: { handle: FakeBroker['handle'] } = { handle: () => undefined };
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const frames = new FrameReader((frame) => {
      const [apiKey, correlationId] = [frame.readInt16BE(0), frame.readInt32BE(4)];
      const reply = (body: Buffer): void => {
        const head = Buffer.alloc(8);
        head.writeInt32BE(body.length + 4, 0);
        head.writeInt32BE(correlationId, 4);
        socket.write(Buffer.concat([head, body]));
      };
      if (apiKey === API_VERSIONS) return reply(versions());
      const request = { apiKey, correlationId, arrivedAt: Date.now(), reply, raw: (bytes: Buffer) => void socket.write(bytes) };
      requests.push(request);
      broker.handle(request);
    });
    socket.on('data', (chunk: Buffer) => frames.push(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(broker, {
    port: (server.address() as net.AddressInfo).port,
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
};
