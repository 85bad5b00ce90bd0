// What every route of the query API is given.
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { AnswerDeps } from './answer.ts';
import type { CursorKeeper } from './cursor.ts';
import type { WarehouseAnswerDeps } from './warehouse-answer.ts';

/** A Fastify instance whose routes are typed by their zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface RouteDeps extends AnswerDeps, WarehouseAnswerDeps {
  readonly cursors: CursorKeeper;
}
