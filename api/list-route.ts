// A list of the API from a declaration: rows of one table below a parent or filtered, by keyset, with the position that they are true for.
import { z } from 'zod';
import { answer } from './answer.ts';
import type { Snapshot } from './database.ts';
import { createParameters } from './database.ts';
import type { Api, RouteDeps } from './deps.ts';
import { afterRow, orderBy } from './keyset.ts';
import type { KeysetOrder } from './keyset.ts';
import { toPage } from './list.ts';
import type { Source } from './position/reached.ts';
import { ProblemError } from './problems.ts';
import { dateRange, meta, pageParameters, uuid, waitParameters } from './shapes.ts';

/** What a list lies below in its address, `/v1/funds/:fund_id/…`. */
export interface Parent {
  readonly parameter: string;
  readonly table: string;
  /** In words, for the answer that there is none. */
  readonly what: string;
}
export const parents = {
  fund: { parameter: 'fund_id', table: 'funds', what: 'fund' },
  commitment: { parameter: 'commitment_id', table: 'commitments', what: 'commitment' },
  call: { parameter: 'call_id', table: 'capital_calls', what: 'capital call' },
  distribution: { parameter: 'distribution_id', table: 'distributions', what: 'distribution' },
  investment: { parameter: 'investment_id', table: 'investments', what: 'investment' },
} as const satisfies Readonly<Record<string, Parent>>;

/** A parameter that narrows a list; `where` is given its placeholder. */
export interface Filter {
  readonly schema: z.ZodType;
  readonly where: (place: string) => string;
}

export interface List<Row extends z.ZodObject = z.ZodObject> {
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Field of the reply that holds the rows. */
  readonly name: string;
  readonly sources: readonly Source[];
  readonly row: Row;
  /** SELECT list and FROM; the table stands under the alias r. */
  readonly select: string;
  readonly from: string;
  readonly parent?: Parent;
  readonly filters?: Readonly<Record<string, Filter>>;
  readonly order: KeysetOrder;
  /** Fields that the order stands in. */
  readonly key: readonly [value: string, id: string];
  /** Field with the date of a row's figures. */
  readonly date?: string;
}

export interface ListQuestion {
  readonly parentId?: string | undefined;
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface ListPage<Row> {
  readonly items: readonly Row[];
  readonly next_cursor: string | null;
}

/** One page of a list; its cursor goes on at the address of the list. */
export const readList = async <Row extends z.ZodObject>(
  snapshot: Snapshot,
  { cursors }: Pick<RouteDeps, 'cursors'>,
  list: List<Row>,
  { parentId, filter = {}, limit, cursor }: ListQuestion,
): Promise<ListPage<z.output<Row>>> => {
  const question = { list: list.path, parent: parentId ?? null, filter };
  const after = cursor === undefined ? null : cursors.open(question, cursor);
  const { add, values } = createParameters();
  const conditions = [
    ...(list.parent === undefined ? [] : [`r.${list.parent.parameter} = ${add(parentId)}`]),
    ...Object.entries(list.filters ?? {}).flatMap(([name, { where }]) =>
      filter[name] === undefined ? [] : [where(add(filter[name]))],
    ),
    ...(after === null ? [] : [afterRow(list.order, after, add)]),
  ];
  const rows = await snapshot.rows(
    list.row,
    `SELECT ${list.select} FROM ${list.from} ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
      ORDER BY ${orderBy(list.order)} LIMIT ${add(limit + 1)}`,
    values,
  );
  const [value, id] = list.key;
  const page = toPage(
    rows,
    limit,
    question,
    (row) => {
      const fields = row as Readonly<Record<string, string | number | null>>;
      return [fields[value] ?? null, fields[id] ?? null];
    },
    cursors,
  );
  return page;
};

/** @throws ProblemError not-found when the parent of a list is not there. */
export const demandParent = async (snapshot: Snapshot, { parameter, table, what }: Parent, id: string): Promise<void> => {
  const found = await snapshot.row(
    z.object({ found: z.boolean() }),
    `SELECT true AS found FROM ${table} WHERE ${parameter} = $1`,
    [id],
  );
  if (found === null)
    throw new ProblemError('not-found', `There is no ${what} ${id}. After a booking, pass its position as wait_for.`);
};

/** Registers a list. */
export const registerList = (app: Api, deps: RouteDeps, list: List): void => {
  const filters = Object.fromEntries(Object.entries(list.filters ?? {}).map(([name, { schema }]) => [name, schema.optional()]));
  app.get(
    list.path,
    {
      schema: {
        tags: [list.tag],
        summary: list.summary,
        operationId: list.operationId,
        ...(list.description === undefined ? {} : { description: list.description }),
        ...(list.parent === undefined ? {} : { params: z.object({ [list.parent.parameter]: uuid }) }),
        querystring: z.object({ ...filters, ...pageParameters, ...waitParameters }),
        response: { 200: z.object({ [list.name]: z.array(list.row), next_cursor: z.string().nullable(), meta }) },
      },
    },
    (request, reply) => {
      const { limit, cursor, wait_for, wait_timeout_ms, ...filter } = request.query as {
        readonly limit: number;
        readonly cursor?: string;
        readonly wait_for?: string;
        readonly wait_timeout_ms: number;
      };
      const { parent } = list;
      const parentId = parent === undefined ? undefined : (request.params as Readonly<Record<string, string>>)[parent.parameter];
      return answer(deps, request, reply, {
        sources: list.sources,
        wait: { wait_for, wait_timeout_ms },
        body: async (snapshot) => {
          if (parent !== undefined && parentId !== undefined) await demandParent(snapshot, parent, parentId);
          const { items, next_cursor } = await readList(snapshot, deps, list, { parentId, filter, limit, cursor });
          const dates = items.map((row) =>
            list.date === undefined ? null : ((row as Record<string, string | null>)[list.date] ?? null),
          );
          return { data: { [list.name]: [...items], next_cursor }, dates: dateRange(dates) };
        },
      });
    },
  );
};
