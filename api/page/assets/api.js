// Reads of the API with the validators of what is here already: an unchanged answer costs an empty 304. Booking goes through the page's cookie.

/** @typedef {import('../../problems.ts').ProblemBody} ProblemBody */

/** An answer that is not one: the problem details of the service, or that it could not be reached. */
export class ApiError extends Error {
  /** @param {ProblemBody} problem */
  constructor(problem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** @type {Map<string, { readonly etag: string, readonly body: unknown }>} */
const known = new Map();
const knownMax = 60;

/** @param {string} path @param {unknown} cause @returns {ApiError} */
const unreachable = (path, cause) =>
  new ApiError({
    type: 'about:blank',
    title: 'The service does not answer',
    status: 0,
    instance: path,
    request_id: '',
    detail: `StratCap did not answer (${cause instanceof Error ? cause.message : String(cause)}). The figures on the page may be old; it keeps trying.`,
  });

/**
 * Reads an address of the API.
 * @template Body
 * @param {string} path @param {{ readonly signal?: AbortSignal }} [options] @returns {Promise<Body>}
 */
export const read = async (path, options = {}) => {
  const before = known.get(path);
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, {
      headers: { accept: 'application/json', ...(before ? { 'if-none-match': before.etag } : {}) },
      cache: 'no-store',
      ...options,
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw unreachable(path, cause);
  }
  if (response.status === 304 && before) return /** @type {Body} */ (before.body);
  if (!response.ok) throw new ApiError(await problemOf(response, path));
  const body = await response.json();
  const etag = response.headers.get('etag');
  if (etag) {
    known.delete(path);
    known.set(path, { etag, body });
    const oldest = known.keys().next();
    if (known.size > knownMax && !oldest.done) known.delete(oldest.value);
  }
  return body;
};

/** @param {Response} response @param {string} path @returns {Promise<ProblemBody>} */
const problemOf = async (response, path) => {
  const body = await response.json().catch(() => null);
  if (body !== null && typeof body === 'object' && 'detail' in body) return /** @type {ProblemBody} */ (body);
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    detail: `${path} answered ${response.status}.`,
    instance: path,
    request_id: response.headers.get('x-request-id') ?? '',
  };
};

/**
 * Gives a command. The reply is the outcome, also when a rule rejected it.
 * @param {string} path @param {unknown} command @param {string} commandId The same id again has one effect. @returns {Promise<{ readonly status: number, readonly body: Record<string, unknown> }>}
 */
export const send = async (path, command, commandId) => {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'idempotency-key': commandId },
      body: JSON.stringify(command),
      credentials: 'same-origin',
    });
    const body = await response.json().catch(() => ({}));
    return { status: response.status, body };
  } catch (cause) {
    throw unreachable(path, cause);
  }
};

/** An address with its parameters; those without a value are left out. @param {string} path @param {Record<string, string | number | null | undefined>} parameters */
export const address = (path, parameters) => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
};
