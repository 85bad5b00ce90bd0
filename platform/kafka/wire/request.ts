// What a request of our own looks like to the connection that carries it.

/** A request of the Kafka protocol: `encode` gives what follows the client id in the header, `decode` gets what follows the correlation id. */
export interface WireRequest<Result extends object> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly name: string;
  readonly encode: () => Buffer;
  /** In place of `encode` where megabytes travel: the same bytes in pieces, so that they are not copied together. */
  readonly encodeParts?: () => readonly Buffer[];
  /** A result may carry `throttleMs`: how long the broker wants to hear nothing more on this connection. */
  readonly decode: (bytes: Buffer) => Result;
}
