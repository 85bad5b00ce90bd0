// The addresses of one running stack: what a role, a test or a person needs to reach every engine.

/** Addresses and credentials of the four engines. Passwords never reach a log line. */
export interface StackAddresses {
  /** `host:port[,host:port]` */
  readonly kafkaBrokers: string;
  /** Base URL of the Confluent-compatible API, `/apis/ccompat/v7` included. */
  readonly schemaRegistryUrl: string;
  /** `postgres://user:password@host:port/stratcap` */
  readonly databaseUrl: string;
  /** `http://host:port` */
  readonly clickhouseUrl: string;
  /** Writes: the sink and the migrations. */
  readonly clickhouseIngest: { readonly user: string; readonly password: string };
  /** Reads: the query API, analysts, dashboards. */
  readonly clickhouseAnalyst: { readonly user: string; readonly password: string };
  /** Token that booking needs, for programs; the page gets a cookie. */
  readonly bookingToken: string;
  /** Folder of the stack's data, secrets and logs. */
  readonly dataFolder: string;
}
