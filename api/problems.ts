// Errors of the query API as RFC 9457 problem details: one closed list of kinds, one place that turns a thrown error into a reply.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { isPostgresUnavailable } from '#platform/postgres/errors.ts';

/** Every kind of problem with its status and title; the kind ends the `type` URI and never changes its meaning. */
export const problemKinds = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'invalid-cursor': { status: 400, title: 'The cursor is not valid' },
  'invalid-position': { status: 400, title: 'The position is not valid' },
  'foreign-origin': { status: 403, title: 'The request comes from another origin' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'position-of-another-log': { status: 409, title: 'The position belongs to another log' },
  'unknown-host': { status: 421, title: 'The request is meant for another host' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  'store-unavailable': { status: 503, title: 'The store does not answer' },
  'store-timeout': { status: 504, title: 'The store took too long' },
  'position-not-reached': { status: 504, title: 'The position has not been reached yet' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

export type ProblemKind = keyof typeof problemKinds;

/** One thing that is wrong with one part of the request; `pointer` is a JSON pointer into it. */
export interface ProblemPart {
  readonly pointer: string;
  readonly detail: string;
}

/** The body of an error reply. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly request_id: string;
  readonly errors?: readonly ProblemPart[];
  readonly [extension: string]: unknown;
}

/** A failure that the client may read: `detail` says what happened to which value and what to do. Never put SQL into it. */
export class ProblemError extends Error {
  readonly kind: ProblemKind;
  readonly extension: Readonly<Record<string, unknown>>;
  constructor(kind: ProblemKind, detail: string, extension: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'ProblemError';
    this.kind = kind;
    this.extension = extension;
  }
}

const contentType = 'application/problem+json; charset=utf-8';

const bodyOf = (
  kind: ProblemKind,
  detail: string,
  request: FastifyRequest,
  extension: Readonly<Record<string, unknown>> = {},
): ProblemBody => ({
  type: `urn:stratcap:problem:${kind}`,
  title: problemKinds[kind].title,
  status: problemKinds[kind].status,
  detail,
  instance: request.url.split('?')[0] ?? '/',
  request_id: request.id,
  ...extension,
});

/** The problem that a failure of Postgres is for a client; null when the error is not one of a store. Its own words are never repeated. */
const storeProblem = (error: unknown): 'store-timeout' | 'store-unavailable' | null => {
  if (error !== null && typeof error === 'object' && 'code' in error && error.code === '57014') return 'store-timeout';
  return isPostgresUnavailable(error) ? 'store-unavailable' : null;
};

const storeDetails = {
  'store-timeout': 'Postgres stopped the query at its time limit. Ask for less, or try again when the system is less busy.',
  'store-unavailable': 'Postgres cannot be reached. Nothing is lost: try again in a moment; `stratcap status` says what is down.',
} as const;

/** The problem of any thrown error. Details of defects stay in the log under the request id. */
export const toProblem = (error: unknown, request: FastifyRequest): ProblemBody => {
  if (error instanceof ProblemError) return bodyOf(error.kind, error.message, request, error.extension);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = (error as FastifyError).validationContext ?? 'request';
    const errors = error.validation.map((part) => ({
      pointer: `/${where}${part.instancePath}`,
      detail: part.message ?? 'is not valid',
    }));
    return bodyOf('invalid-request', errors.map((part) => `${part.pointer}: ${part.detail}`).join('; '), request, { errors });
  }
  if (!isResponseSerializationError(error) && error !== null && typeof error === 'object') {
    const failure = error as FastifyError;
    const store = storeProblem(error);
    if (store !== null) return bodyOf(store, storeDetails[store], request);
    const status = failure.statusCode;
    if (typeof status === 'number' && status >= 400 && status < 500) {
      return {
        ...bodyOf('invalid-request', failure.message, request),
        type: 'about:blank',
        title: status === 429 ? 'Too many requests' : 'The request is not valid',
        status,
      };
    }
  }
  return bodyOf('internal', `The request could not be answered. The log has the cause under request id ${request.id}.`, request);
};

/** Sends a problem; the body is text, so that no response schema is applied to it. */
export const sendProblem = (reply: FastifyReply, problem: ProblemBody): FastifyReply => {
  if (problem.status === 503) reply.header('retry-after', '2');
  return reply.code(problem.status).type(contentType).header('cache-control', 'no-store').send(JSON.stringify(problem));
};

/** Whether a person looks at the answer: a browser that asks for a page, not a program that asks for data. */
const wantsPage = ({ method, url, headers }: FastifyRequest): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  headers.accept?.includes('text/html') === true &&
  !/^\/(?:v1|assets|docs)(?:\/|\?|$)/.test(url);

/** Installs the one error handler and the answer for unknown routes: a problem for programs, the page for people. */
export const installProblems = (app: FastifyInstance, page: string): void => {
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, request);
    if (problem.status >= 500) request.log.error({ err: error, problem: problem.type }, 'request failed');
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    if (wantsPage(request))
      return reply.code(404).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page);
    return sendProblem(
      reply,
      bodyOf(
        'not-found',
        `${request.method} ${request.url.split('?')[0] ?? ''} is not an address of this service. /openapi.json lists them.`,
        request,
      ),
    );
  });
};
