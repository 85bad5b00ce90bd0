// Who is calling: user and password, and by which name the server was addressed.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { authenticationFailed, ServerError } from './errors.ts';
import type { ServerConfiguration } from './configuration.ts';
import type { Role } from './gate.ts';

/** The user that a request proved to be. */
export interface Caller {
  readonly user: string;
  readonly role: Role;
}

/**
 * A function that names the caller of a request, from Basic authentication, X-ClickHouse-User/-Key or ?user= and ?password=.
 * Passwords are compared as HMACs under a key of this process, in constant time; nothing of them is kept in clear.
 */
export function createAuthentication(
  users: ServerConfiguration['users'],
): (request: IncomingMessage, address: URLSearchParams) => Caller {
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const known = (['ingest', 'analyst'] as const).map((role) => ({
    role,
    user: users[role].user,
    digest: digest(users[role].password),
  }));
  return (request, address) => {
    const { user, password } = credentials(request, address);
    const given = digest(password);
    const entry = known.find((candidate) => candidate.user === user);
    // An unknown user costs the same comparison as a known one.
    const equal = timingSafeEqual(given, entry?.digest ?? digest(''));
    if (entry === undefined || !equal) throw authenticationFailed(user);
    return { user, role: entry.role };
  };
}

function credentials(request: IncomingMessage, address: URLSearchParams): { readonly user: string; readonly password: string } {
  const basic = /^Basic\s+([A-Za-z\d+/=]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return { user: colon === -1 ? text : text.slice(0, colon), password: colon === -1 ? '' : text.slice(colon + 1) };
  }
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    user: header('x-clickhouse-user') ?? address.get('user') ?? 'default',
    password: header('x-clickhouse-key') ?? address.get('password') ?? '',
  };
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/**
 * Refuses requests whose Host or Origin is not a name of this server: a page elsewhere that lets its own name point to this
 * address (DNS rebinding) is stopped here, before any password is looked at.
 * @throws ServerError 497 (403)
 */
export function checkAddressedName(
  request: IncomingMessage,
  configuration: Pick<ServerConfiguration, 'host' | 'allowedHosts'>,
): void {
  const allowed = (name: string): boolean =>
    LOOPBACK.has(name) || name === configuration.host.toLowerCase() || configuration.allowedHosts.includes(name);
  const host = hostName(request.headers.host ?? '');
  if (!allowed(host))
    throw new ServerError(
      497,
      'ACCESS_DENIED',
      `Host ${JSON.stringify(host)} is not a name of this server; use 127.0.0.1 or localhost, or add it to CLICKHOUSE_SERVER_ALLOWED_HOSTS`,
    );
  const origin = request.headers.origin;
  if (origin !== undefined && !allowed(hostName(origin.replace(/^\w+:\/\//, ''))))
    throw new ServerError(497, 'ACCESS_DENIED', `Origin ${JSON.stringify(origin)} may not call this server`);
}

/** `name:port` without the port, in lower case. */
function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
