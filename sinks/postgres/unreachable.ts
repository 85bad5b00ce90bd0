// The end of every switch over a union.
import { SinkError } from './errors.ts';

/**
 * Never reached while the types hold; a record of a newer version makes it so.
 * @throws SinkError `undecodable`
 */
export const unreachable = (message: never): never => {
  const type: unknown = (message as { readonly type?: unknown }).type;
  throw new SinkError('undecodable', `no mapping for ${String(type)}; run a version of the sink that knows it`);
};
