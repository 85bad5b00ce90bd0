// Which failures of Postgres are worth waiting for: the server is away, busy or full, and nothing is wrong with the statement.

const waitCodes = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '57014', // query_canceled: the statement timeout
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '25P03', // idle_in_transaction_session_timeout
]);
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);
const clientMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Query read timeout',
];

const codeOf = (error: unknown): string => {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
};

/**
 * Whether trying again later can succeed: connection lost or refused (class 08 and socket errors), server starting or stopping,
 * out of connections, memory or disk (class 53), system error (class 58), timeout or deadlock. Everything else is a defect.
 */
export const isPostgresUnavailable = (error: unknown): boolean => {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isPostgresUnavailable);
  const code = codeOf(error);
  if (waitCodes.has(code) || socketCodes.has(code) || /^(08|53|58)/.test(code)) return true;
  if (code !== '' || !(error instanceof Error)) return false;
  return clientMessages.some((message) => error.message.startsWith(message)) || isPostgresUnavailable(error.cause);
};
