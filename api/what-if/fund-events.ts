// The events of a fund as the domain knows them, read back from the event store: amounts are decimal text there and bigint hundredths here.
import { z } from 'zod';
import type { AnyEvent, EventEnvelope } from '#domain/messages.ts';
import { parseMoney } from '#domain/money/money.ts';
import { loadMessageSchemas } from '#schemas/load.ts';
import type { Snapshot } from '../database.ts';
import { dateText } from '../database.ts';

type Node = Readonly<Record<string, unknown>>;

let schemas: ReadonlyMap<string, Node> | null = null;
/** Schemas of the events by record name, read once. */
const eventSchemas = (): ReadonlyMap<string, Node> =>
  (schemas ??= new Map(
    [...loadMessageSchemas().values()]
      .filter(({ folder }) => folder === 'events')
      .map(({ schema }) => [String(schema['name']), schema]),
  ));

/** Named types of a schema: a later use stands as the name alone. */
const namesIn = (schema: unknown, known = new Map<string, Node>()): ReadonlyMap<string, Node> => {
  if (Array.isArray(schema)) for (const branch of schema) namesIn(branch, known);
  else if (typeof schema === 'object' && schema !== null) {
    const node = schema as Node;
    if (typeof node['name'] === 'string' && 'type' in node && typeof node['type'] === 'string')
      known.set(`${String(node['namespace'])}.${node['name']}`, node);
    for (const inner of [node['type'], node['items'], node['fields']]) if (typeof inner === 'object') namesIn(inner, known);
  }
  return known;
};

const minor = (text: unknown): bigint => {
  const parsed = parseMoney(String(text));
  if (parsed.kind === 'error') throw new Error(`the event store has ${String(text)} where money stands: ${parsed.reason}`);
  return parsed.minor;
};

const fromJson = (schema: unknown, value: unknown, known: ReadonlyMap<string, Node>): unknown => {
  if (value === null || value === undefined) return null;
  if (typeof schema === 'string') {
    const named = known.get(schema);
    return named === undefined ? value : fromJson(named, value, known);
  }
  if (Array.isArray(schema))
    return fromJson(
      schema.find((branch) => branch !== 'null'),
      value,
      known,
    );
  const node = schema as Node;
  if (node['logicalType'] === 'decimal') return minor(value);
  if (node['type'] === 'array') return (value as readonly unknown[]).map((item) => fromJson(node['items'], item, known));
  if (node['type'] !== 'record') return value;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    (node['fields'] as readonly Node[])
      .filter(({ name }) => name !== 'envelope')
      .map(({ name, type }) => [String(name), fromJson(type, fields[String(name)], known)]),
  );
};

const row = z.object({
  event_id: z.string(),
  event_type: z.string(),
  aggregate_type: z.string(),
  aggregate_id: z.string(),
  event_version: z.number().int(),
  tenant_id: z.string(),
  effective_date: z.string(),
  recorded_at: z.coerce.number(),
  causation_id: z.string(),
  correlation_id: z.string(),
  event_data: z.unknown(),
  metadata: z.looseObject({}),
});

const toEvent = ({ event_type, event_data, metadata, ...rest }: z.output<typeof row>): AnyEvent => {
  const schema = eventSchemas().get(event_type);
  if (schema === undefined) throw new Error(`the event store has ${event_type}, which this version does not know`);
  const envelope = { ...rest, ...metadata, chain_hash: new Uint8Array(32) } as unknown as EventEnvelope;
  const body = fromJson(schema, event_data, namesIn(schema)) as object;
  return { type: event_type, value: { ...body, envelope } } as unknown as AnyEvent;
};

/** All events of a fund and of what is in it, in the order of the log. */
export const eventsOfFund = async (snapshot: Snapshot, fundId: string): Promise<readonly AnyEvent[]> => {
  const rows = await snapshot.rows(
    row,
    `SELECT e.event_id, e.event_type, e.aggregate_type, e.aggregate_id, e.event_version, e.tenant_id, ${dateText('e.effective_date')} AS effective_date,
            (extract(epoch FROM e.occurred_at) * 1000000)::bigint::text AS recorded_at, e.causation_id, e.correlation_id, e.event_data, e.metadata
       FROM event_store e WHERE e.aggregate_id = ANY (ARRAY(
              SELECT $1::uuid UNION SELECT commitment_id FROM commitments WHERE fund_id = $1 UNION SELECT call_id FROM capital_calls WHERE fund_id = $1
              UNION SELECT distribution_id FROM distributions WHERE fund_id = $1 UNION SELECT investment_id FROM investments WHERE fund_id = $1))
      ORDER BY e.partition, e.log_offset`,
    [fundId],
  );
  return rows.map(toEvent);
};
