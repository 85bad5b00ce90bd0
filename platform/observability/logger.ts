// Structured logs: one JSON object a line on standard output, which the supervisor appends to `logs/ROLE.log`.
import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Keys whose values never reach a log line, at the top of a logged object or up to two levels below. */
const SECRET_KEYS = [
  'password',
  'databaseUrl',
  'bookingToken',
  'cookieSecret',
  'masterKey',
  'token',
  'authorization',
  'cookie',
  'secret',
] as const;

const REDACT_PATHS = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/**
 * The logger of one process. Lines carry `role`, an ISO time, and the error with its cause. Written synchronously: the
 * last line before a crash is the one that is needed.
 */
export const createLogger = (
  { role, level }: { readonly role: string; readonly level: string },
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger =>
  pino(
    {
      level,
      base: { role, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.errWithCause, error: pino.stdSerializers.errWithCause },
      redact: { paths: REDACT_PATHS, censor: '[redacted]' },
    },
    destination,
  );
