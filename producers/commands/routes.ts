// The HTTP intake: POST /v1/commands/<name>. It checks the form, seals, sends, waits for the outcome and says what it was.
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import type { CommandOutcome } from '#domain/messages.ts';
import type { KeyStore } from '#platform/keys/key-store.ts';
import { uuidPattern } from './avro-zod.ts';
import { loadCommandForms, type CommandForm } from './command-form.ts';
import { IntakeError, type Intake, type Submission } from './intake.ts';
import { IntakeProblem, sendProblem } from './problems.ts';
import { belongsToAnother, reusedKey, type ReadBooked } from './reused-key.ts';
import { acceptedReply, pendingReply, problemReply, previewQuery } from './reply-shapes.ts';
import './booking-guard.ts';

export interface CommandRoutesOptions {
  readonly intake: Intake;
  readonly keyStore: KeyStore;
  /** Microseconds since the epoch. */
  readonly clock: () => number;
  /** A new command id, for a request without Idempotency-Key. */
  readonly ids: () => string;
  readonly tenantId: string;
  /** How long a request waits for its outcome before it is answered by 202; 10 s unless given. */
  readonly timeoutMs?: number;
  /** What was booked under a command id, to say what differs when a key is used again; without it the refusal names no fields. */
  readonly readBooked?: ReadBooked;
}

const bodyBytesMax = 1_048_576;

const headerOf = (request: FastifyRequest, name: string): string | null => {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

const commandIdOf = (request: FastifyRequest, ids: () => string): string => {
  const given = headerOf(request, 'idempotency-key');
  if (given === null) return ids();
  const id = given.replaceAll('"', '').toLowerCase();
  if (!uuidPattern.test(id))
    throw new IntakeProblem(
      'invalid-header',
      `Idempotency-Key ${JSON.stringify(given)} is not a uuid; it becomes the command id, so send a new uuid for each booking and the same one to repeat it.`,
    );
  return id;
};

const expectedVersionOf = (request: FastifyRequest): number | null => {
  const given = headerOf(request, 'if-match');
  if (given === null || given === '*') return null;
  const version = /^(?:W\/)?"?(\d{1,9})"?$/.exec(given)?.[1];
  if (version === undefined)
    throw new IntakeProblem(
      'invalid-header',
      `If-Match ${JSON.stringify(given)} is not a version; send the event_version that you have seen, for example "3".`,
    );
  return Number(version);
};

const previewOf = (request: FastifyRequest): boolean => {
  const { preview, ...others } = request.query as { readonly preview?: unknown };
  const [unknown] = Object.keys(others);
  // A misspelt preview would book.
  if (unknown !== undefined)
    throw new IntakeProblem(
      'invalid-command',
      `The address has the parameter ${JSON.stringify(unknown)}, which a booking does not know; only preview=true or preview=false may stand there. Nothing was booked.`,
    );
  if (preview === undefined || preview === 'false') return false;
  if (preview === 'true') return true;
  // Never guessed: the other reading would book.
  throw new IntakeProblem('invalid-command', `preview ${JSON.stringify(preview)} is neither true nor false; nothing was booked.`);
};

const toApiOutcome = (outcome: CommandOutcome, position: string | null): object => ({
  command_id: outcome.command_id,
  command_type: outcome.command_type,
  status: outcome.kind,
  replayed: outcome.replayed,
  events: outcome.events,
  rule_results: outcome.rule_results,
  decided_at: new Date(outcome.decided_at / 1000).toISOString(),
  position,
  ...(outcome.preview_events === null ? {} : { preview_events: JSON.parse(outcome.preview_events) as unknown }),
  ...(outcome.preview_basis === null ? {} : { preview_basis: outcome.preview_basis }),
});

const addressOf = (commandId: string): string => `/v1/commands/${commandId}`;

const rejection = (outcome: CommandOutcome, position: string | null): IntakeProblem => {
  const errors = outcome.rule_results.filter(({ severity }) => severity === 'ERROR');
  const detail = errors.map(({ message }) => message).join('; ');
  const conflict = errors.some(({ rule }) => rule === 'version-conflict');
  return new IntakeProblem(conflict ? 'version-conflict' : 'command-rejected', detail, {
    ...toApiOutcome(outcome, position),
    outcome: 'REJECTED',
    status: conflict ? 409 : 422,
  });
};

const answer = (reply: FastifyReply, submission: Submission): FastifyReply => {
  if (submission.kind === 'pending') {
    const address = addressOf(submission.commandId);
    return reply
      .code(202)
      .header('location', address)
      .header('retry-after', '1')
      .send({ command_id: submission.commandId, status: 'PENDING', location: address });
  }
  const { outcome, position } = submission;
  if (outcome.kind === 'REJECTED') throw rejection(outcome, position);
  const isNew = outcome.kind === 'ACCEPTED' && !outcome.replayed && outcome.events[0]?.event_version === 1;
  return reply
    .code(isNew ? 201 : 200)
    .header('location', addressOf(outcome.command_id))
    .send(toApiOutcome(outcome, position));
};

const toProblem = (error: unknown): IntakeProblem => {
  if (error instanceof IntakeProblem) return error;
  if (error instanceof IntakeError) return new IntakeProblem('log-unavailable', error.message);
  const { statusCode, message } = error as { readonly statusCode?: number; readonly message?: string };
  if (statusCode === 413)
    return new IntakeProblem('body-too-large', `The body has more than ${bodyBytesMax} bytes; import large data as a file.`);
  if (statusCode === 415) return new IntakeProblem('unsupported-media-type', 'Send the body as application/json.');
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new IntakeProblem('invalid-command', message ?? 'The request is not valid.');
  return new IntakeProblem('internal', 'The command could not be taken. The log has the cause under the request id.');
};

const addForm = (
  app: FastifyInstance,
  form: CommandForm,
  { intake, keyStore, clock, ids, tenantId, timeoutMs, readBooked }: CommandRoutesOptions,
): void => {
  const schema: FastifySchema & Record<string, unknown> = {
    summary: form.doc,
    description:
      'Idempotency-Key (a uuid) becomes the command id: the same key with the same content again has no second effect, with another content it is refused (422). If-Match or expected_version: the version that you have seen.',
    tags: ['commands'],
    operationId: form.type,
    body: form.body,
    querystring: previewQuery,
    response: {
      200: acceptedReply,
      201: acceptedReply,
      202: pendingReply,
      400: problemReply,
      401: problemReply,
      409: problemReply,
      422: problemReply,
      503: problemReply,
    },
  };
  app.post(`/v1/commands/${form.name}`, { schema, bodyLimit: bodyBytesMax }, async (request, reply) => {
    const { booker } = request;
    if (booker === null)
      throw new IntakeProblem('not-authenticated', 'Send the booking token as "Authorization: Bearer …", or book on the page.');
    const context = {
      commandId: commandIdOf(request, ids),
      tenantId,
      actor: booker.actor,
      origin: {
        channel: booker.channel,
        ip: request.ip,
        user_agent: headerOf(request, 'user-agent')?.slice(0, 300) ?? null,
        session_id: booker.sessionId,
      },
      issuedAt: clock(),
      preview: previewOf(request),
      expectedVersion: expectedVersionOf(request),
    };
    const read = await form.read(request.body, context, keyStore);
    if (read.kind === 'erased') throw new IntakeProblem('investor-erased', read.message);
    if (read.kind === 'invalid')
      throw new IntakeProblem('invalid-command', read.errors.map(({ message }) => message).join('; '), {
        command_id: context.commandId,
        errors: read.errors,
      });
    const { command, contentDigest } = read;
    const submission = await intake.submit(command, { contentDigest, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    if (submission.kind === 'decided' && belongsToAnother(submission.outcome, context.commandId, contentDigest))
      throw await reusedKey(command, submission.outcome, readBooked);
    return answer(reply, submission);
  });
};

/**
 * Fastify plugin with one route per command and a clear answer for any other name. Register `bookingGuard` on the server first:
 * it says who books. Bodies are checked here and not by the server's validator, so that errors name field, value and fix.
 */
export const commandRoutes: FastifyPluginCallback<CommandRoutesOptions> = (app, options, done) => {
  if (!app.hasRequestDecorator('booker')) throw new Error('register bookingGuard on the server before commandRoutes');
  app.setValidatorCompiler(() => (value: unknown) => ({ value }));
  app.setSerializerCompiler(() => (value: unknown) => JSON.stringify(value));
  app.setErrorHandler((error, request, reply) => {
    // A problem of the server around the intake (an unknown host, a foreign origin) is told by its own handler.
    if (error instanceof Error && error.name === 'ProblemError') throw error;
    const problem = toProblem(error);
    if (problem.kind === 'internal' || problem.kind === 'log-unavailable')
      request.log.error({ err: error, problem: problem.kind }, 'a command could not be taken');
    return sendProblem(request, reply, problem);
  });
  const forms = loadCommandForms();
  for (const form of forms.values()) addForm(app, form, options);
  app.post('/v1/commands/:type', { schema: { hide: true } as FastifySchema }, async (request) => {
    const { type } = request.params as { readonly type: string };
    throw new IntakeProblem(
      'unknown-command',
      `There is no command ${JSON.stringify(type)}; the commands are ${[...forms.keys()].join(', ')}.`,
    );
  });
  done();
};
