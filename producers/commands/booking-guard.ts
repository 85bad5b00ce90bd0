// Who may book: the bearer token of programs or the signed cookie that our own page got, from our own host and origin.
// `actor` of a command comes from here and never from a body.
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '#domain/messages.ts';
import { IntakeProblem, sendProblem } from './problems.ts';
import { stableId } from '../stable-ids.ts';

/** Who sends a request that may book. */
export interface Booker {
  readonly actor: Actor;
  readonly channel: 'API' | 'PAGE';
  readonly sessionId: string | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `bookingGuard` when the request may book, else null. */
    booker: Booker | null;
  }
}

export interface BookingGuardOptions {
  readonly token: string;
  /** Signs the page's cookie. */
  readonly cookieSecret: string;
  /** Host names served besides the loopback names, without port. */
  readonly hosts?: readonly string[];
  /** Paths of pages whose answer carries the cookie. */
  readonly pagePaths?: readonly string[];
  readonly tokenActor?: Actor;
  readonly pageActor?: Actor;
  readonly nowMs?: () => number;
}

const people = '6d1f0c2e-5b7a-5c0d-8a8e-1f0b6f6f9a05';
/** Who books by the token, unless the deployment says otherwise. */
export const defaultTokenActor: Actor = { user_id: stableId(people, 'booking-token'), user_role: 'fund-accountant' };
/** Who books on the page, unless the deployment says otherwise. */
export const defaultPageActor: Actor = { user_id: stableId(people, 'page'), user_role: 'fund-accountant' };

const cookieLifeMs = 12 * 3_600_000;
const loopback = ['127.0.0.1', 'localhost', '[::1]'];
const readMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Compares in constant time, whatever the lengths: both sides are hashed first. */
const equalSecret = (given: string, expected: string): boolean =>
  timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(expected).digest());

const authorityOf = (host: string): { readonly name: string; readonly port: string } | null => {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(host);
  return match === null ? null : { name: (match[1] ?? '').toLowerCase(), port: match[2] ?? '80' };
};

/** Cookies are shared by all ports of a host: the port in the name keeps two stacks on one machine apart. */
const cookieNameOf = (host: string): string => `stratcap_booking_${authorityOf(host)?.port ?? '80'}`;

const signatureOf = (payload: string, secret: string): string => createHmac('sha256', secret).update(payload).digest('base64url');

/** The value of a page cookie for a session that ends at `untilMs`. */
export const signCookie = (sessionId: string, untilMs: number, secret: string): string => {
  const payload = Buffer.from(JSON.stringify([sessionId, untilMs])).toString('base64url');
  return `${payload}.${signatureOf(payload, secret)}`;
};

/** The session of a cookie value, null when the signature is wrong or its time is over. */
export const openCookie = (value: string, nowMs: number, secret: string): string | null => {
  const [payload = '', signature = ''] = value.split('.');
  if (!equalSecret(signature, signatureOf(payload, secret))) return null;
  const [sessionId, untilMs] = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as [string, number];
  return untilMs > nowMs ? sessionId : null;
};

const cookieOf = (request: FastifyRequest, name: string): string | null => {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
};

const refusalOf = (request: FastifyRequest, hosts: readonly string[]): IntakeProblem | null => {
  const { host = '', origin } = request.headers;
  const authority = authorityOf(host);
  if (authority === null || ![...loopback, ...hosts].includes(authority.name)) {
    return new IntakeProblem('unknown-host', `Host "${host}" is not served here; use 127.0.0.1, localhost or a configured host.`);
  }
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return new IntakeProblem(
      'foreign-origin',
      `Origin "${origin}" may not use this service; only its own page may, and programs send no Origin.`,
    );
  }
  return null;
};

/** Who the request comes from, null when nobody who may book. @throws nothing. */
const bookerOf = (request: FastifyRequest, options: BookingGuardOptions, nowMs: number): Booker | null => {
  const [scheme, given] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() === 'bearer' && given !== undefined) {
    return equalSecret(given, options.token)
      ? { actor: options.tokenActor ?? defaultTokenActor, channel: 'API', sessionId: null }
      : null;
  }
  const cookie = cookieOf(request, cookieNameOf(request.headers.host ?? ''));
  if (cookie === null) return null;
  const sessionId = openCookie(cookie, nowMs, options.cookieSecret);
  // A browser names the origin of every write; without it the cookie could be the work of another site.
  if (sessionId === null || request.headers.origin === undefined) return null;
  return { actor: options.pageActor ?? defaultPageActor, channel: 'PAGE', sessionId };
};

const setCookie = (request: FastifyRequest, reply: FastifyReply, options: BookingGuardOptions, nowMs: number): void => {
  const name = cookieNameOf(request.headers.host ?? '');
  const known = cookieOf(request, name);
  const sessionId = (known === null ? null : openCookie(known, nowMs, options.cookieSecret)) ?? randomUUID();
  const value = signCookie(sessionId, nowMs + cookieLifeMs, options.cookieSecret);
  reply.header('set-cookie', `${name}=${value}; Path=/; Max-Age=${cookieLifeMs / 1000}; HttpOnly; SameSite=Strict`);
};

const guard: FastifyPluginCallback<BookingGuardOptions> = (app: FastifyInstance, options, done) => {
  const now = options.nowMs ?? Date.now;
  app.decorateRequest('booker', null);
  app.addHook('onRequest', async (request, reply) => {
    const refusal = refusalOf(request, options.hosts ?? []);
    if (refusal !== null) return sendProblem(request, reply, refusal);
    if (readMethods.has(request.method)) {
      if ((options.pagePaths ?? []).includes(request.url.split('?')[0] ?? '')) setCookie(request, reply, options, now());
      return undefined;
    }
    request.booker = bookerOf(request, options, now());
    if (request.booker !== null) return undefined;
    return sendProblem(
      request,
      reply,
      new IntakeProblem(
        'not-authenticated',
        'Send the booking token as "Authorization: Bearer …" (bookingToken in .stratcap/secrets.json), or book on the page.',
      ),
    );
  });
  done();
};

/**
 * Fastify plugin for the whole server: refuses foreign hosts and origins, lets only bookers write, sets `request.booker`, and
 * gives the answer of a page its cookie (HttpOnly, SameSite=Strict, signed). Reads stay open: the ports are loopback.
 */
export const bookingGuard: FastifyPluginCallback<BookingGuardOptions> = Object.assign(guard, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'bookingGuard',
});
