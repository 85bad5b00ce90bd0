// Every environment variable of the system in one table: its meaning, its default, what it accepts. The configuration is
// parsed by it and `.env.example` is printed from it, so that neither can say what the other does not.
import { z } from 'zod';
import { LISTENERS } from '#platform/stack/ports.ts';

/** One variable. `fix` ends the sentence "Set it to …" of an error message. */
export interface Variable {
  readonly group: string;
  readonly doc: string;
  readonly schema: z.ZodType;
  readonly fix: string;
  /** Shown in `.env.example` where there is no default. */
  readonly example?: string;
  /** Text of the default for `.env.example`; none means optional without one, or set by the embedded stack. */
  readonly default?: string;
  readonly secret?: true;
}

const text = z.string().min(1);
const port = z.coerce.number().int().min(1).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/ });
const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const brokers = z.string().regex(/^[^:,\s]+:\d+(,[^:,\s]+:\d+)*$/);

const ENGINES = 'Engines. Each is embedded unless its variable names a server of yours';
const PORTS = 'Ports of the embedded stack, all on 127.0.0.1';
const SYSTEM = 'The system';
const SECRETS = 'Secrets. Made at random at the first start and kept in secrets.json of the data folder';

const listener = (name: keyof typeof LISTENERS) => ({
  group: PORTS,
  doc: `Port of ${LISTENERS[name].title}.`,
  schema: port.default(LISTENERS[name].port),
  fix: 'a number from 1 to 65535',
  default: String(LISTENERS[name].port),
});

/** The table. The order is that of `.env.example`. */
export const VARIABLES = {
  KAFKA_BROKERS: {
    group: ENGINES,
    doc: 'Kafka brokers, host:port separated by commas.',
    schema: brokers,
    fix: 'host:port[,host:port]',
    example: 'localhost:9092',
  },
  KAFKA_TLS: {
    group: ENGINES,
    doc: 'on: connections to your Kafka are encrypted, and its certificate is checked.',
    schema: z.enum(['on', 'off']).default('off'),
    fix: 'on or off',
    default: 'off',
  },
  KAFKA_TLS_CA: {
    group: ENGINES,
    doc: 'File with the certificates that are trusted, PEM; without it those that Node trusts.',
    schema: text.optional(),
    fix: 'the path of a file',
    example: '/etc/stratcap/kafka-ca.pem',
  },
  KAFKA_TLS_CERT: {
    group: ENGINES,
    doc: 'File with the certificate that we show, PEM, where your Kafka asks for one.',
    schema: text.optional(),
    fix: 'the path of a file',
    example: '/etc/stratcap/kafka-client.pem',
  },
  KAFKA_TLS_KEY: {
    group: ENGINES,
    doc: 'File with its private key, PEM.',
    schema: text.optional(),
    fix: 'the path of a file',
    example: '/etc/stratcap/kafka-client-key.pem',
  },
  KAFKA_SASL_MECHANISM: {
    group: ENGINES,
    doc: 'How we sign in to your Kafka: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; not at all unless set.',
    schema: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']).optional(),
    fix: 'PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512',
    example: 'SCRAM-SHA-512',
  },
  KAFKA_SASL_USER: { group: ENGINES, doc: 'Its user.', schema: text.optional(), fix: 'a user name', example: 'stratcap' },
  KAFKA_SASL_PASSWORD: { group: ENGINES, doc: 'Its password.', schema: text.optional(), fix: 'the password', secret: true },
  SCHEMA_REGISTRY_URL: {
    group: ENGINES,
    doc: 'Confluent-compatible schema registry.',
    schema: httpUrl,
    fix: 'an http(s) URL',
    example: 'http://localhost:8081/apis/ccompat/v7',
  },
  DATABASE_URL: {
    group: ENGINES,
    doc: 'Postgres 18 with wal_level=logical. Holds the password.',
    schema: z.url({ protocol: /^postgres(ql)?$/ }),
    fix: 'postgres://user:password@host:port/database',
    example: 'postgres://stratcap:secret@localhost:5432/stratcap',
    secret: true,
  },
  CLICKHOUSE_URL: {
    group: ENGINES,
    doc: 'ClickHouse by its HTTP interface.',
    schema: httpUrl,
    fix: 'an http(s) URL',
    example: 'http://localhost:8123',
  },
  CLICKHOUSE_USER: {
    group: ENGINES,
    doc: 'ClickHouse user that writes: the sink and the migrations.',
    schema: text,
    fix: 'a user name',
    example: 'default',
  },
  CLICKHOUSE_PASSWORD: { group: ENGINES, doc: 'Its password.', schema: z.string(), fix: 'the password', secret: true },
  CLICKHOUSE_ANALYST_USER: {
    group: ENGINES,
    doc: 'ClickHouse user that reads: the query API and the dashboards.',
    schema: text,
    fix: 'a user name',
    example: 'default',
  },
  CLICKHOUSE_ANALYST_PASSWORD: { group: ENGINES, doc: 'Its password.', schema: z.string(), fix: 'the password', secret: true },
  STRATCAP_HTTP_PORT: listener('http'),
  STRATCAP_CLICKHOUSE_PORT: listener('clickhouse'),
  STRATCAP_POSTGRES_PORT: listener('postgres'),
  STRATCAP_KAFKA_PORT: listener('kafka'),
  STRATCAP_REGISTRY_PORT: listener('registry'),
  STRATCAP_HTTP_HOST: {
    group: SYSTEM,
    doc: 'Address that the page and API listen on. Anything but loopback needs a reverse proxy with TLS and sign-in.',
    schema: text.default('127.0.0.1'),
    fix: 'an address of this machine',
    default: '127.0.0.1',
  },
  STRATCAP_DATA: {
    group: SYSTEM,
    doc: 'Folder of all data, secrets and logs of the embedded stack.',
    schema: text.default('.stratcap'),
    fix: 'a folder',
    default: '.stratcap',
  },
  STRATCAP_CACHE: {
    group: SYSTEM,
    doc: 'Folder of the downloaded engines, shared by all stacks of the user.',
    schema: text,
    fix: 'a folder',
    example: '~/.cache/stratcap',
  },
  STRATCAP_TOPIC_PREFIX: {
    group: SYSTEM,
    doc: 'Prefix of all topics, consumer groups and transactional ids.',
    schema: z
      .string()
      .regex(/^[a-zA-Z0-9._-]+[._-]$/)
      .default('stratcap.'),
    fix: 'letters, digits, dots, dashes, ending in a dot or a dash',
    default: 'stratcap.',
  },
  STRATCAP_PARTITIONS: {
    group: SYSTEM,
    doc: 'Partitions of the log. Fixed when the log is made: a change needs a new epoch.',
    schema: z.coerce.number().int().min(1).max(1024).default(8),
    fix: 'a whole number from 1 to 1024',
    default: '8',
  },
  STRATCAP_CLICKHOUSE_DATABASE: {
    group: SYSTEM,
    doc: 'ClickHouse database of the star schema. On the embedded engine its name begins with stratcap.',
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]*$/)
      .default('stratcap'),
    fix: 'lower-case letters, digits and underscores',
    default: 'stratcap',
  },
  STRATCAP_TENANT_ID: {
    group: SYSTEM,
    doc: 'Tenant of what is booked here, a UUID.',
    schema: z.uuid().default('00000000-0000-4000-8000-000000000001'),
    fix: 'a UUID',
    default: '00000000-0000-4000-8000-000000000001',
  },
  STRATCAP_RELEASED_SCHEMAS: {
    group: SYSTEM,
    doc: 'Folder of the pinned schemas: for a log on which versions of your own have written, too. It holds all of schemas/released and yours.',
    schema: text,
    fix: 'a folder',
    example: 'schemas/released',
  },
  STRATCAP_KEY_STORE: {
    group: SYSTEM,
    doc: 'Folder of the key store (mode 0700); keys in the data folder if not set.',
    schema: text,
    fix: 'a folder',
    example: '/secure/stratcap/keys',
  },
  STRATCAP_LOG_LEVEL: {
    group: SYSTEM,
    doc: 'Lowest level that is logged.',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    fix: 'one of trace, debug, info, warn, error, fatal, silent',
    default: 'info',
  },
  STRATCAP_WORKER_ID: {
    group: SYSTEM,
    doc: 'Tells the processes of one processor apart when more than one shares its partitions: the same over restarts, never two at once.',
    schema: z
      .string()
      .regex(/^[a-zA-Z0-9-]{1,32}$/)
      .default('0'),
    fix: 'up to 32 letters, digits or dashes',
    default: '0',
  },
  STRATCAP_METRICS_PORT: {
    group: SYSTEM,
    doc: 'Port on which a role in a container of its own shows /metrics, /healthz and /readyz; beside `npm start` the API shows them for all roles.',
    schema: port,
    fix: 'a number from 1 to 65535',
    example: '9464',
  },
  STRATCAP_ALERT_WEBHOOK_URL: {
    group: SYSTEM,
    doc: 'Where findings of the quality checks are posted as JSON; the role alerts runs when it is set.',
    schema: httpUrl,
    fix: 'an http(s) URL',
    example: 'https://alerts.example.org/stratcap',
  },
  STRATCAP_KAFKA_HEAP: {
    group: SYSTEM,
    doc: 'Java heap of the embedded Kafka.',
    schema: z
      .string()
      .regex(/^\d+[mg]$/)
      .default('512m'),
    fix: 'a size such as 512m or 2g',
    default: '512m',
  },
  STRATCAP_REGISTRY_HEAP: {
    group: SYSTEM,
    doc: 'Java heap of the embedded registry.',
    schema: z
      .string()
      .regex(/^\d+[mg]$/)
      .default('384m'),
    fix: 'a size such as 384m or 1g',
    default: '384m',
  },
  STRATCAP_BOOKING_TOKEN: {
    group: SECRETS,
    doc: 'Token with which a program may book.',
    schema: z.string().min(16),
    fix: 'at least 16 characters',
    secret: true,
  },
  STRATCAP_COOKIE_SECRET: {
    group: SECRETS,
    doc: 'Signs the cookie of the page: 32 bytes in hex.',
    schema: hex32,
    fix: '64 hex digits (openssl rand -hex 32)',
    secret: true,
  },
  STRATCAP_KEY_STORE_KEY: {
    group: SECRETS,
    doc: 'Master key of the key store: 32 bytes in hex. Lost, sealed personal data is lost.',
    schema: hex32,
    fix: '64 hex digits (openssl rand -hex 32)',
    secret: true,
  },
  STRATCAP_COMPOSE_PASSWORD: {
    group: 'Docker. Only for docker compose, which runs server images instead of the embedded engines',
    doc: 'Password of all stores in docker-compose.yml.',
    schema: z.string().min(16),
    fix: 'at least 16 characters (openssl rand -hex 24)',
    secret: true,
  },
} as const satisfies Readonly<Record<string, Variable>>;

export type VariableName = keyof typeof VARIABLES;

/** The text of `.env.example`: every variable with its meaning and default, commented out. */
export const envExample = (): string => {
  const lines: string[] = [
    '# All settings. Each line shows the default or an example; copy the file to .env and uncomment what you change.',
  ];
  let group = '';
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    if (variable.group !== group) lines.push('', `# --- ${variable.group}`);
    group = variable.group;
    lines.push(`# ${variable.doc}`, `#${name}=${variable.default ?? variable.example ?? ''}`);
  }
  return `${lines.join('\n')}\n`;
};
