// SQL of the funds: a searchable, sortable list by keyset, totals of the same selection, and one fund with its parts.
import { z } from 'zod';
import { accountColumns, accountFigures } from '../capital-accounts/columns.ts';
import { totalColumns, totalRow } from '../capital-accounts/totals.ts';
import type { Snapshot } from '../database.ts';
import { createParameters, dateText, utcText } from '../database.ts';
import { finding, findingColumns } from '../findings/columns.ts';
import type { KeysetOrder } from '../keyset.ts';
import { afterRow, orderBy } from '../keyset.ts';
import { localDate, instant } from '../shapes.ts';

/** What the list can be sorted by: name in the API to column. */
export const fundSorts = {
  fund_name: { column: 'f.fund_name', type: 'text' },
  vintage_year: { column: 'f.vintage_year', type: 'int' },
  investment_strategy: { column: 'f.investment_strategy', type: 'text' },
  committed_amount: { column: 'a.committed_amount', type: 'numeric' },
  called_amount: { column: 'a.called_amount', type: 'numeric' },
  distributed_amount: { column: 'a.distributed_amount', type: 'numeric' },
  remaining_value: { column: 'a.remaining_value', type: 'numeric' },
  pic: { column: 'a.pic', type: 'numeric' },
  dpi: { column: 'a.dpi', type: 'numeric' },
  rvpi: { column: 'a.rvpi', type: 'numeric' },
  tvpi: { column: 'a.tvpi', type: 'numeric' },
  as_of_date: { column: 'a.as_of_date', type: 'date' },
} as const satisfies Readonly<Record<string, Pick<KeysetOrder, 'column' | 'type'>>>;
export type FundSort = keyof typeof fundSorts;

export interface FundFilter {
  readonly q?: string | undefined;
  readonly investment_strategy?: string | undefined;
  readonly vintage_year?: number | undefined;
  readonly fund_status?: string | undefined;
  readonly currency?: string | undefined;
}

const card = {
  fund_id: z.string(),
  fund_name: z.string(),
  fund_type: z.string(),
  fund_status: z.string(),
  base_currency: z.string(),
  vintage_year: z.number().int().nullable(),
  fund_manager: z.string().nullable(),
  investment_strategy: z.string().nullable(),
  sub_strategy: z.string().nullable(),
  geography: z.string().nullable(),
};
const cardColumns = Object.keys(card)
  .map((name) => `f.${name}`)
  .join(', ');

const noAccount = Object.fromEntries(Object.entries(accountFigures.shape).map(([name, shape]) => [name, shape.nullable()])) as {
  [Name in keyof typeof accountFigures.shape]: z.ZodNullable<(typeof accountFigures.shape)[Name]>;
};
export const fundRow = z.object({
  ...card,
  ...noAccount,
  investors: z.coerce.number().int(),
  findings: z.coerce.number().int(),
  warnings: z.coerce.number().int(),
  sort_value: z.union([z.string(), z.number()]).nullable(),
});
export type FundRow = z.output<typeof fundRow>;

/** Text as it stands anywhere in a column. */
export const likeText = (words: string): string => `%${words.replace(/[\\%_]/g, '\\$&')}%`;
/** Words as a prefix query of Postgres, for example `kkr:* & asia:*`; null when there is no word in it. */
export const prefixQuery = (words: string): string | null => {
  const parts = words.match(/[\p{L}\p{N}]+/gu);
  return parts === null ? null : parts.map((part) => `${part}:*`).join(' & ');
};

const conditions = (filter: FundFilter, add: (value: unknown) => string): readonly string[] => {
  const found: string[] = [];
  const words = filter.q === undefined ? null : prefixQuery(filter.q);
  if (filter.q !== undefined) {
    const like = add(likeText(filter.q.trim()));
    // Signs without a word are looked for as they stand: `&` finds the names that have one, `?!` finds nothing.
    const byWord = words === null ? '' : `to_tsvector('english', f.fund_name) @@ to_tsquery('english', ${add(words)}) OR `;
    found.push(`(${byWord}f.fund_name ILIKE ${like} OR f.fund_manager ILIKE ${like})`);
  }
  if (filter.investment_strategy !== undefined) found.push(`f.investment_strategy = ${add(filter.investment_strategy)}`);
  if (filter.vintage_year !== undefined) found.push(`f.vintage_year = ${add(filter.vintage_year)}`);
  if (filter.fund_status !== undefined) found.push(`f.fund_status = ${add(filter.fund_status)}`);
  if (filter.currency !== undefined) found.push(`f.base_currency = ${add(filter.currency)}`);
  return found;
};
const whereOf = (found: readonly string[]): string => (found.length === 0 ? '' : `WHERE ${found.join(' AND ')}`);

export interface FundListQuestion {
  readonly filter: FundFilter;
  readonly sort: FundSort;
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
  readonly after: readonly (string | number | null)[] | null;
}

/** One page of funds and one row more, which says whether there is a next page. Findings of rejected commands do not count: they changed nothing. */
export const listFunds = (snapshot: Snapshot, question: FundListQuestion): Promise<readonly FundRow[]> => {
  const { add, values } = createParameters();
  const order: KeysetOrder = { ...fundSorts[question.sort], direction: question.direction, id: 'f.fund_id' };
  const found = [...conditions(question.filter, add), ...(question.after === null ? [] : [afterRow(order, question.after, add)])];
  const sql = `
    WITH page AS (
      SELECT f.fund_id, row_number() OVER (ORDER BY ${orderBy(order)}) AS place, ${order.column}::text AS sort_value
        FROM funds f LEFT JOIN capital_accounts a ON a.fund_id = f.fund_id AND a.investor_id IS NULL
        ${whereOf(found)}
       ORDER BY ${orderBy(order)} LIMIT ${add(question.limit + 1)}
    )
    SELECT ${cardColumns}, ${accountColumns('a')}, page.sort_value,
           (SELECT count(DISTINCT c.investor_id) FROM commitments c WHERE c.fund_id = f.fund_id) AS investors,
           (SELECT count(*) FROM findings n WHERE n.fund_id = f.fund_id AND n.severity <> 'ERROR') AS findings,
           (SELECT count(*) FROM findings n WHERE n.fund_id = f.fund_id AND n.severity = 'WARNING') AS warnings
      FROM page JOIN funds f USING (fund_id) LEFT JOIN capital_accounts a ON a.fund_id = f.fund_id AND a.investor_id IS NULL
     ORDER BY page.place`;
  return snapshot.rows(fundRow, sql, values);
};

const vintageTotal = totalRow.extend({
  currency: z.string(),
  vintage_year: z.number().int().nullable(),
  level: z.enum(['currency', 'vintage_year']),
});
export type FundTotalRow = z.output<typeof vintageTotal>;

/** Sums of the selection per currency, and per currency and vintage. */
export const totalFunds = (snapshot: Snapshot, filter: FundFilter): Promise<readonly FundTotalRow[]> => {
  const { add, values } = createParameters();
  const sql = `
    SELECT a.currency, f.vintage_year, CASE grouping(f.vintage_year) WHEN 1 THEN 'currency' ELSE 'vintage_year' END AS level, ${totalColumns('a')}
      FROM funds f JOIN capital_accounts a ON a.fund_id = f.fund_id AND a.investor_id IS NOT NULL
      ${whereOf(conditions(filter, add))}
     GROUP BY GROUPING SETS ((a.currency), (a.currency, f.vintage_year))
     ORDER BY a.currency, f.vintage_year NULLS LAST`;
  return snapshot.rows(vintageTotal, sql, values);
};

/** How many funds the selection has, those without any commitment included. */
export const countFunds = async (snapshot: Snapshot, filter: FundFilter): Promise<number> => {
  const { add, values } = createParameters();
  const row = await snapshot.row(
    z.object({ funds: z.coerce.number().int() }),
    `SELECT count(*) AS funds FROM funds f ${whereOf(conditions(filter, add))}`,
    values,
  );
  return row?.funds ?? 0;
};

/** Strategies in use, for a filter. */
export const fundStrategies = async (snapshot: Snapshot): Promise<readonly string[]> => {
  const rows = await snapshot.rows(
    z.object({ investment_strategy: z.string() }),
    'SELECT DISTINCT investment_strategy FROM funds WHERE investment_strategy IS NOT NULL ORDER BY 1',
  );
  return rows.map((row) => row.investment_strategy);
};

export const fundCardRow = z.object({
  ...card,
  fund_size: z.string().nullable(),
  target_size: z.string().nullable(),
  inception_date: localDate.nullable(),
  target_close_date: localDate.nullable(),
  final_close_date: localDate.nullable(),
  management_fee_rate: z.string().nullable(),
  carried_interest_rate: z.string().nullable(),
  hurdle_rate: z.string().nullable(),
  catch_up_provision: z.boolean().nullable(),
  assumed_fields: z.array(z.string()),
  created_at: instant,
  updated_at: instant,
  version: z.number().int(),
});

/** The card of one fund, or null. */
export const fundCard = (snapshot: Snapshot, fundId: string): Promise<z.output<typeof fundCardRow> | null> =>
  snapshot.row(
    fundCardRow,
    `
  SELECT ${cardColumns}, f.fund_size::text, f.target_size::text, ${dateText('f.inception_date')} AS inception_date, ${dateText('f.target_close_date')} AS target_close_date,
         ${dateText('f.final_close_date')} AS final_close_date, f.management_fee_rate::text, f.carried_interest_rate::text, f.hurdle_rate::text, f.catch_up_provision,
         f.assumed_fields, ${utcText('f.created_at')} AS created_at, ${utcText('f.updated_at')} AS updated_at, f.version
    FROM funds f WHERE f.fund_id = $1`,
    [fundId],
  );

export const fundTermRow = z.object({
  term_id: z.string(),
  term_type: z.string(),
  term_name: z.string(),
  term_value: z.unknown(),
  effective_date: localDate,
  expiry_date: localDate.nullable(),
  investor_id: z.string().nullable().describe('Investor for whom alone it holds: a side letter.'),
  terms_version: z.number().int().nullable(),
});

/** Terms of one fund, oldest first. */
export const fundTerms = (snapshot: Snapshot, fundId: string): Promise<readonly z.output<typeof fundTermRow>[]> =>
  snapshot.rows(
    fundTermRow,
    `
  SELECT term_id, term_type, term_name, term_value, ${dateText('t.effective_date')} AS effective_date, ${dateText('t.expiry_date')} AS expiry_date, t.investor_id, t.terms_version
    FROM fund_terms t WHERE fund_id = $1 ORDER BY t.effective_date, term_id`,
    [fundId],
  );

/** Findings of one fund, warnings first; at most 500. */
export const fundFindings = (snapshot: Snapshot, fundId: string): Promise<readonly z.output<typeof finding>[]> =>
  snapshot.rows(
    finding,
    `
  SELECT ${findingColumns('n')} FROM findings n WHERE n.fund_id = $1 AND n.severity <> 'ERROR'
   ORDER BY (n.severity = 'WARNING') DESC, n.recorded_at, n.event_id, n.finding_number LIMIT 500`,
    [fundId],
  );
