// Columns of a table as the API reads and shows them: one declaration gives the SELECT list and the shape of the reply.
import { z } from 'zod';
import { dateText, utcText } from './database.ts';
import { instant, localDate, money, moneyOrUnknown, multiple } from './shapes.ts';

/** How one column leaves the store, and what it is in a reply. */
export interface Column<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  readonly sql: (column: string) => string;
}

const plain = (column: string): string => column;
const asText = (column: string): string => `${column}::text`;
const column = <Schema extends z.ZodType>(schema: Schema, sql: Column['sql'] = plain): Column<Schema> => ({ schema, sql });

/** Kinds of columns; money and decimals leave the store as text. */
export const kinds = {
  id: column(z.string()),
  idOrNull: column(z.string().nullable()),
  ids: column(z.array(z.string())),
  text: column(z.string()),
  textOrNull: column(z.string().nullable()),
  integer: column(z.number().int()),
  integerOrNull: column(z.number().int().nullable()),
  boolean: column(z.boolean()),
  json: column(z.unknown()),
  money: column(money, asText),
  moneyOrNull: column(moneyOrUnknown, asText),
  decimal: column(z.string(), asText),
  decimalOrNull: column(multiple, asText),
  date: column(localDate, dateText),
  dateOrNull: column(localDate.nullable(), dateText),
  instant: column(instant, utcText),
  instantOrNull: column(instant.nullable(), utcText),
} as const;

/** A column with words for the API document. */
export const told = <Schema extends z.ZodType>({ schema, sql }: Column<Schema>, words: string): Column<Schema> => ({
  schema: schema.describe(words),
  sql,
});

type Shape<Columns extends Readonly<Record<string, Column>>> = { readonly [Name in keyof Columns]: Columns[Name]['schema'] };

export interface ColumnSet<Columns extends Readonly<Record<string, Column>> = Readonly<Record<string, Column>>> {
  readonly shape: z.ZodObject<Shape<Columns>>;
  /** SELECT list; a column is read from `alias` unless `from` names an expression for it. */
  readonly select: (alias: string, from?: Readonly<Record<string, string>>) => string;
}

/** Columns by name. */
export const columnSet = <Columns extends Readonly<Record<string, Column>>>(columns: Columns): ColumnSet<Columns> => ({
  shape: z.object(
    Object.fromEntries(Object.entries(columns).map(([name, { schema }]) => [name, schema])),
  ) as unknown as z.ZodObject<Shape<Columns>>,
  select: (alias, from = {}) =>
    Object.entries(columns)
      .map(([name, { sql }]) => `${sql(from[name] ?? `${alias}.${name}`)} AS ${name}`)
      .join(', '),
});
