// One connection to one broker: requests are written as they come and answered in that order, each with a time limit. A connection
// that breaks, is late or answers nonsense is given up as a whole; what was under way ends as ConnectionLost.
import net from 'node:net';
import tls from 'node:tls';
import { apiVersionsRequest } from '../wire/api-versions.ts';
import type { ApiVersions } from '../wire/api-versions.ts';
import type { WireRequest } from '../wire/request.ts';
import { ConnectionLost, ProtocolError } from './errors.ts';
import { FrameReader } from './frames.ts';
import { authenticate } from './sasl.ts';
import type { Address, ClientSettings } from './settings.ts';

interface Pending {
  readonly id: number;
  readonly settle: (frame: Buffer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export type ConnectionSettings = Pick<ClientSettings, 'clientId' | 'requestTimeoutMs' | 'route' | 'security'>;

const CONNECT_TIMEOUT_MS = 3_000;
const ID_MAX = 0x7fffffff;

const openSocket = ({ host, port }: Address, { route, security }: ConnectionSettings): Promise<net.Socket> =>
  new Promise((resolve, reject) => {
    const target = route({ host, port });
    const socket =
      security.tls === undefined
        ? net.connect({ ...target, noDelay: true })
        : tls.connect({
            ...target,
            ...(net.isIP(host) === 0 ? { servername: host } : {}), // the advertised name is what the certificate must say
            ...security.tls,
          });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ConnectionLost(`no connection to ${target.host}:${target.port}: ${error.message}`, { cause: error }));
    };
    const timer = setTimeout(() => fail(new Error(`not there within ${CONNECT_TIMEOUT_MS} ms`)), CONNECT_TIMEOUT_MS);
    socket.once('error', fail);
    socket.once(security.tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      socket.setNoDelay(true).setKeepAlive(true, 60_000);
      resolve(socket);
    });
  });

export class Connection {
  readonly address: Address;
  /** When the broker wants to see the credentials again; a new connection takes over before. */
  expiresAt = Number.POSITIVE_INFINITY;
  /** What the broker said it can do. */
  versions: ApiVersions | null = null;
  private readonly socket: net.Socket;
  private readonly clientId: Buffer;
  private readonly requestTimeoutMs: number;
  private readonly pending: Pending[] = [];
  private nextId = 0;
  private failure: ConnectionLost | null = null;
  /** The broker wants to hear nothing before that (KIP-219). */
  private readyAt = 0;
  private readonly held: (() => void)[] = [];
  onClose: () => void = () => undefined;

  private constructor(address: Address, socket: net.Socket, settings: ConnectionSettings) {
    this.address = address;
    this.socket = socket;
    this.clientId = Buffer.from(settings.clientId);
    this.requestTimeoutMs = settings.requestTimeoutMs;
    const frames = new FrameReader((frame) => this.answered(frame));
    socket.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk);
      } catch (error) {
        this.destroy(error as Error);
      }
    });
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy(new Error('the broker closed it')));
  }

  /** Connects, learns what the broker can do, and proves who we are. @throws ConnectionLost | ProtocolError */
  static async open(address: Address, settings: ConnectionSettings): Promise<Connection> {
    const connection = new Connection(address, await openSocket(address, settings), settings);
    try {
      connection.versions = await connection.send(apiVersionsRequest());
      if (connection.versions.errorCode !== 0) throw new ProtocolError(connection.versions.errorCode);
      if (settings.security.sasl !== undefined) {
        const lifetimeMs = await authenticate(connection, settings.security.sasl);
        if (lifetimeMs > 0) connection.expiresAt = Date.now() + lifetimeMs * 0.8;
      }
      return connection;
    } catch (error) {
      connection.destroy(error as Error);
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.failure === null;
  }

  get isIdle(): boolean {
    return this.pending.length === 0 && this.held.length === 0;
  }

  /** Sends a request now; its answer comes after those of the requests before it. @throws ConnectionLost, or what `decode` throws. */
  send<Result extends object>(request: WireRequest<Result>, timeoutMs = this.requestTimeoutMs): Promise<Result> {
    return new Promise((resolve, reject) => {
      const write = (): void => {
        if (this.failure !== null) return reject(this.failure);
        const id = (this.nextId = this.nextId === ID_MAX ? 1 : this.nextId + 1);
        const late = (): void => this.destroy(new Error(`${request.name} was not answered within ${timeoutMs} ms`));
        const settle = (frame: Buffer): void => {
          try {
            const result = request.decode(frame.subarray(4));
            this.heed((result as { readonly throttleMs?: number }).throttleMs ?? 0);
            resolve(result);
          } catch (error) {
            reject(error as Error);
            this.destroy(error as Error);
          }
        };
        this.pending.push({ id, settle, reject, timer: setTimeout(late, timeoutMs) });
        this.write(id, request);
      };
      if (this.held.length === 0 && (this.readyAt === 0 || Date.now() >= this.readyAt)) write();
      else this.hold(write);
    });
  }

  /** Gives the connection up. */
  destroy(cause: Error): void {
    if (this.failure !== null) return;
    const { host, port } = this.address;
    const failure =
      cause instanceof ConnectionLost ? cause : new ConnectionLost(`connection to ${host}:${port}: ${cause.message}`, { cause });
    this.failure = failure;
    this.socket.destroy();
    for (const { reject, timer } of this.pending.splice(0)) {
      clearTimeout(timer);
      reject(failure);
    }
    for (const write of this.held.splice(0)) write();
    this.onClose();
  }

  private write(id: number, request: WireRequest<object>): void {
    const parts = request.encodeParts?.() ?? [request.encode()];
    const header = Buffer.allocUnsafe(14 + this.clientId.length);
    header.writeInt32BE(10 + this.clientId.length + parts.reduce((sum, part) => sum + part.length, 0), 0);
    header.writeInt16BE(request.apiKey, 4);
    header.writeInt16BE(request.apiVersion, 6);
    header.writeInt32BE(id, 8);
    header.writeInt16BE(this.clientId.length, 12);
    this.clientId.copy(header, 14);
    this.socket.cork();
    this.socket.write(header);
    for (const part of parts) this.socket.write(part);
    this.socket.uncork();
  }

  private answered(frame: Buffer): void {
    const first = this.pending.shift();
    const id = frame.length < 4 ? -1 : frame.readInt32BE(0);
    if (first === undefined || first.id !== id) {
      first?.reject(new ConnectionLost(`answer ${id} came where ${first.id} was awaited`));
      if (first !== undefined) clearTimeout(first.timer);
      return this.destroy(new Error(`answer ${id} came where ${first?.id ?? 'none'} was awaited`));
    }
    clearTimeout(first.timer);
    first.settle(frame);
  }

  private heed(throttleMs: number): void {
    if (throttleMs > 0) this.readyAt = Math.max(this.readyAt, Date.now() + Math.min(throttleMs, 60_000));
  }

  private hold(write: () => void): void {
    this.held.push(write);
    if (this.held.length > 1) return;
    const release = (): void => {
      const left = this.readyAt - Date.now();
      if (left > 0 && this.failure === null) return void setTimeout(release, left);
      for (const held of this.held.splice(0)) held();
    };
    setTimeout(release, Math.max(1, this.readyAt - Date.now()));
  }
}
