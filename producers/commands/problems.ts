// Errors of the intake as RFC 9457 problem details: a closed list of kinds, each with its status.
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Every kind of problem; the kind ends the `type` URI and never changes its meaning. */
export const problemKinds = {
  'invalid-command': { status: 400, title: 'The command is not valid' },
  'invalid-header': { status: 400, title: 'A header is not valid' },
  'not-authenticated': { status: 401, title: 'Booking needs a token or the page' },
  'foreign-origin': { status: 403, title: 'The request comes from another origin' },
  'clock-only': { status: 403, title: 'Only the clock moves business dates' },
  'unknown-command': { status: 404, title: 'There is no such command' },
  'version-conflict': { status: 409, title: 'The version has changed' },
  'preview-state-moved': { status: 409, title: 'The fund has moved since the preview' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not JSON' },
  'unknown-host': { status: 421, title: 'The request is meant for another host' },
  'command-rejected': { status: 422, title: 'The command breaks a rule' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key belongs to another command' },
  'investor-erased': { status: 422, title: 'The investor was erased' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  'log-unavailable': { status: 503, title: 'The log does not take commands' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

export type ProblemKind = keyof typeof problemKinds;

/** A refusal that the client reads: `detail` names the value and the fix. */
export class IntakeProblem extends Error {
  readonly kind: ProblemKind;
  readonly extension: Readonly<Record<string, unknown>>;
  constructor(kind: ProblemKind, detail: string, extension: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.name = 'IntakeProblem';
    this.kind = kind;
    this.extension = extension;
  }
}

/** Sends a problem as application/problem+json. */
export const sendProblem = (
  request: FastifyRequest,
  reply: FastifyReply,
  { kind, message, extension }: IntakeProblem,
): FastifyReply => {
  const { status, title } = problemKinds[kind];
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="stratcap"');
  if (status === 503) reply.header('retry-after', '2');
  const body = {
    type: `urn:stratcap:problem:${kind}`,
    title,
    status,
    detail: message,
    instance: request.url.split('?')[0] ?? '/',
    request_id: request.id,
    ...extension,
  };
  return reply
    .code(status)
    .type('application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(body));
};
