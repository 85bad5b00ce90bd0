// What a request of our own looks like to the connection that carries it.

/** A request of the Kafka protocol: `encode` gives what follows the client id in the header, `decode` gets what follows the correlation id. */
export interface WireRequest<Result extends object> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly name: string;
  readonly encode: () => Buffer;
  readonly decode: (bytes: Buffer) => Result;
}
