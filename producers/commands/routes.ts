// The HTTP intake: POST /v1/commands/<name>. It checks the form, seals, sends, waits for the outcome and says what it was.
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { z } from 'zod';
import type { CommandOutcome } from '#domain/messages.ts';
import type { KeyStore } from '#platform/keys/key-store.ts';
import { uuidPattern } from './avro-zod.ts';
import { loadCommandForms, type CommandForm } from './command-form.ts';
import { IntakeError, type Intake, type Submission } from './intake.ts';
import { IntakeProblem, problemKinds, sendProblem } from './problems.ts';
import { belongsToAnother, reusedKey, type ReadBooked } from './reused-key.ts';
import { acceptedReply, pendingReply, previewQuery, problemReplies } from './reply-shapes.ts';
import { previewCommandBody, toApiWaterfallPreview, waterfallPreviewBody, waterfallPreviewReply } from './waterfall-preview.ts';
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

const toApiOutcome = (
  outcome: CommandOutcome,
  position: string | null,
  ids: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> => ({
  command_id: outcome.command_id,
  command_type: outcome.command_type,
  status: outcome.kind,
  replayed: outcome.replayed,
  events: outcome.events,
  ids,
  rule_results: outcome.rule_results,
  decided_at: new Date(outcome.decided_at / 1000).toISOString(),
  position,
  ...(outcome.preview_events === null ? {} : { preview_events: JSON.parse(outcome.preview_events) as unknown }),
  ...(outcome.preview_basis === null ? {} : { preview_basis: outcome.preview_basis }),
});

const addressOf = (commandId: string): string => `/v1/commands/${commandId}`;

/** What was sent and what became of it. */
interface Taken {
  readonly submission: Submission;
  readonly ids: Readonly<Record<string, string>>;
}

/** Rules whose breach says that the sender has not seen the present state. */
const conflicts: ReadonlySet<string> = new Set(['version-conflict', 'preview-state-moved']);

const rejection = (outcome: CommandOutcome, position: string | null, ids: Taken['ids']): IntakeProblem => {
  const errors = outcome.rule_results.filter(({ severity }) => severity === 'ERROR');
  const detail = errors.map(({ message }) => message).join('; ');
  const conflict = errors.find(({ rule }) => conflicts.has(rule))?.rule;
  const kind = conflict === undefined ? 'command-rejected' : (conflict as 'version-conflict' | 'preview-state-moved');
  return new IntakeProblem(kind, detail, {
    ...toApiOutcome(outcome, position, ids),
    outcome: 'REJECTED',
    status: problemKinds[kind].status,
  });
};

/** The outcome of a decided command. @throws IntakeProblem when it was rejected. */
const acceptedOutcome = (
  { outcome, position }: Extract<Submission, { readonly kind: 'decided' }>,
  ids: Taken['ids'],
): Readonly<Record<string, unknown>> => {
  if (outcome.kind === 'REJECTED') throw rejection(outcome, position, ids);
  return toApiOutcome(outcome, position, ids);
};

const answerPending = (reply: FastifyReply, commandId: string): FastifyReply => {
  const address = addressOf(commandId);
  return reply
    .code(202)
    .header('location', address)
    .header('retry-after', '1')
    .send({ command_id: commandId, status: 'PENDING', location: address });
};

const answer = (reply: FastifyReply, { submission, ids }: Taken): FastifyReply => {
  if (submission.kind === 'pending') return answerPending(reply, submission.commandId);
  const { outcome } = submission;
  const body = acceptedOutcome(submission, ids);
  const isNew = outcome.kind === 'ACCEPTED' && !outcome.replayed && outcome.events[0]?.event_version === 1;
  return reply
    .code(isNew ? 201 : 200)
    .header('location', addressOf(outcome.command_id))
    .send(body);
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

/** Checks a body against a form, sends the command and waits for its outcome. */
const take = async (
  form: CommandForm,
  request: FastifyRequest,
  { body, preview }: { readonly body: unknown; readonly preview: boolean },
  { intake, keyStore, clock, ids, tenantId, timeoutMs, readBooked }: CommandRoutesOptions,
): Promise<Taken> => {
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
    preview,
    expectedVersion: expectedVersionOf(request),
  };
  const read = await form.read(body, context, keyStore);
  if (read.kind === 'erased') throw new IntakeProblem('investor-erased', read.message);
  if (read.kind === 'invalid')
    throw new IntakeProblem('invalid-command', read.errors.map(({ message }) => message).join('; '), {
      command_id: context.commandId,
      errors: read.errors,
    });
  const { command, contentDigest, derivedIds } = read;
  const submission = await intake.submit(command, { contentDigest, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  if (submission.kind === 'decided' && belongsToAnother(submission.outcome, context.commandId, contentDigest))
    throw await reusedKey(command, submission.outcome, readBooked);
  return { submission, ids: derivedIds };
};

const addForm = (app: FastifyInstance, form: CommandForm, options: CommandRoutesOptions): void => {
  const schema: FastifySchema & Record<string, unknown> = {
    summary: form.doc,
    description:
      'Idempotency-Key (a uuid) becomes the command id: the same key with the same content again has no second effect, with another content it is refused (422). If-Match or expected_version: the version that you have seen.',
    tags: ['commands'],
    operationId: form.type,
    body: form.body,
    querystring: previewQuery,
    response: { 200: acceptedReply, 201: acceptedReply, 202: pendingReply, ...problemReplies },
  };
  app.post(`/v1/commands/${form.name}`, { schema, bodyLimit: bodyBytesMax }, async (request, reply) =>
    answer(reply, await take(form, request, { body: request.body, preview: previewOf(request) }, options)),
  );
};

/** What if: a distribution decided over the live state and not booked, its waterfall by tier and its notices. */
const addWaterfallPreview = (app: FastifyInstance, form: CommandForm, options: CommandRoutesOptions): void => {
  const schema: FastifySchema & Record<string, unknown> = {
    summary: 'What if: the waterfall of a distribution over the live state',
    description:
      'Decided by the ledger as declare-distribution would be, with another amount, date or, in assumed_terms, other terms; nothing is booked. Book declare-distribution with the same fields and preview_basis: it is refused (409) when the fund has moved since.',
    tags: ['what-if'],
    operationId: 'previewWaterfall',
    params: z.object({ fund_id: z.string() }),
    body: waterfallPreviewBody(form),
    response: { 200: waterfallPreviewReply, 202: pendingReply, ...problemReplies },
  };
  app.post('/v1/funds/:fund_id/waterfall-preview', { schema, bodyLimit: bodyBytesMax }, async (request, reply) => {
    const { fund_id } = request.params as { readonly fund_id: string };
    const body = previewCommandBody(fund_id, request.body);
    const { submission, ids } = await take(form, request, { body, preview: true }, options);
    if (submission.kind === 'pending') return answerPending(reply, submission.commandId);
    return reply.send(toApiWaterfallPreview(acceptedOutcome(submission, ids), submission.outcome));
  });
};

const formOf = (forms: ReadonlyMap<string, CommandForm>, name: string): CommandForm => {
  const form = forms.get(name);
  if (form === undefined) throw new Error(`there is no command ${name} in schemas/commands`);
  return form;
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
  for (const form of forms.values()) if (form.type !== 'AdvanceBusinessDate') addForm(app, form, options);
  addWaterfallPreview(app, formOf(forms, 'declare-distribution'), options);
  app.post('/v1/commands/advance-business-date', { schema: { hide: true } as FastifySchema }, async () => {
    throw new IntakeProblem(
      'clock-only',
      'AdvanceBusinessDate moves the business date of a whole partition of the ledger, so only the clock sends it: run `stratcap clock advance`. Nothing was booked.',
    );
  });
  app.post('/v1/commands/:type', { schema: { hide: true } as FastifySchema }, async (request) => {
    const { type } = request.params as { readonly type: string };
    throw new IntakeProblem(
      'unknown-command',
      `There is no command ${JSON.stringify(type)}; the commands are ${[...forms.keys()].filter((name) => name !== 'advance-business-date').join(', ')}.`,
    );
  });
  done();
};
