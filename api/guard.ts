// The first check of every request: which host it is meant for, and which page sent it. It stops DNS rebinding and foreign pages.
import type { FastifyInstance } from 'fastify';
import { ProblemError } from './problems.ts';

export interface GuardConfig {
  /** Host names that the service answers to, without port; loopback names are always among them. */
  readonly hosts: readonly string[];
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** Host name of a `Host` header or an origin's authority, without its port; null when it is none. */
export const hostNameOf = (authority: string): string | null => {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(authority);
  return match?.[1]?.toLowerCase() ?? null;
};

/** Why a request must not be answered, or null when it may. An origin must be the very authority that the request is sent to. */
export const guardVerdict = (
  headers: { readonly host: string | undefined; readonly origin: string | undefined; readonly fetchSite: string | undefined },
  config: GuardConfig,
): { readonly kind: 'unknown-host' | 'foreign-origin'; readonly detail: string } | null => {
  const name = hostNameOf(headers.host ?? '');
  if (name === null || ![...loopback, ...config.hosts].includes(name)) {
    return {
      kind: 'unknown-host',
      detail: `Host "${headers.host ?? ''}" is not served here. Use 127.0.0.1 or localhost.`,
    };
  }
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${headers.host ?? ''}` && origin !== `https://${headers.host ?? ''}`) {
    return {
      kind: 'foreign-origin',
      detail: `Origin "${origin}" may not use this service. Only its own page may; programs send no Origin.`,
    };
  }
  if (headers.fetchSite === 'cross-site' && origin !== undefined) {
    return {
      kind: 'foreign-origin',
      detail: 'The request was sent by a page of another site. Only our own page may; programs send no Sec-Fetch-Site.',
    };
  }
  return null;
};

/** Checks Host and Origin of every request before anything else happens. */
export const installGuard = (app: FastifyInstance, config: GuardConfig): void => {
  app.addHook('onRequest', async (request) => {
    const site = request.headers['sec-fetch-site'];
    const verdict = guardVerdict(
      { host: request.headers.host, origin: request.headers.origin, fetchSite: typeof site === 'string' ? site : undefined },
      config,
    );
    if (verdict !== null) throw new ProblemError(verdict.kind, verdict.detail);
  });
};
