// SQL of the investors: a searchable list by keyset with totals per currency, and one investor's card. Personal fields are masked in the store already.
import { z } from 'zod';
import { totalColumns, totalRow } from '../capital-accounts/totals.ts';
import type { Snapshot } from '../database.ts';
import { createParameters, dateText, utcText } from '../database.ts';
import { finding, findingColumns } from '../findings/columns.ts';
import { likeText, prefixQuery } from '../funds/query.ts';
import type { KeysetOrder } from '../keyset.ts';
import { afterRow, orderBy } from '../keyset.ts';
import { instant, localDate } from '../shapes.ts';

export const investorRow = z.object({
  investor_id: z.string(),
  investor_name: z.string(),
  investor_type: z.string(),
  investor_category: z.string().nullable(),
  industry: z.string().nullable(),
  aum_range: z.string().nullable(),
  geography: z.string().nullable(),
  jurisdiction: z.string().nullable(),
  kyc_status: z.string(),
  kyc_date: localDate.nullable(),
  kyc_source: z.string().nullable(),
  created_at: instant,
  updated_at: instant,
  version: z.number().int(),
});
export type InvestorRow = z.output<typeof investorRow>;
const columns = `i.investor_id, i.investor_name, i.investor_type, i.investor_category, i.industry, i.aum_range, i.geography, i.jurisdiction, i.kyc_status,
  ${dateText('i.kyc_date')} AS kyc_date, i.kyc_source, ${utcText('i.created_at')} AS created_at, ${utcText('i.updated_at')} AS updated_at, i.version`;

export const investorSorts = {
  investor_name: { column: 'i.investor_name', type: 'text' },
  updated_at: { column: 'i.updated_at', type: 'timestamptz' },
} as const;
export type InvestorSort = keyof typeof investorSorts;

export interface InvestorListQuestion {
  readonly filter: {
    readonly q?: string | undefined;
    readonly investor_type?: string | undefined;
    readonly kyc_status?: string | undefined;
  };
  readonly sort: InvestorSort;
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
  readonly after: readonly (string | number | null)[] | null;
}

/** One page of investors and one row more. */
export const listInvestors = (snapshot: Snapshot, question: InvestorListQuestion): Promise<readonly InvestorRow[]> => {
  const { add, values } = createParameters();
  const order: KeysetOrder = { ...investorSorts[question.sort], direction: question.direction, id: 'i.investor_id' };
  const { q, investor_type, kyc_status } = question.filter;
  const words = q === undefined ? null : prefixQuery(q);
  const found: string[] = [];
  if (q !== undefined) {
    const byWord = words === null ? '' : `to_tsvector('english', i.investor_name) @@ to_tsquery('english', ${add(words)}) OR `;
    found.push(`(${byWord}i.investor_name ILIKE ${add(likeText(q))})`);
  }
  if (investor_type !== undefined) found.push(`i.investor_type = ${add(investor_type)}`);
  if (kyc_status !== undefined) found.push(`i.kyc_status = ${add(kyc_status)}`);
  if (question.after !== null) found.push(afterRow(order, question.after, add));
  return snapshot.rows(
    investorRow,
    `SELECT ${columns} FROM investors i ${found.length === 0 ? '' : `WHERE ${found.join(' AND ')}`} ORDER BY ${orderBy(order)} LIMIT ${add(question.limit + 1)}`,
    values,
  );
};

export const investorTotalRow = totalRow.extend({ investor_id: z.string(), currency: z.string() });

/** Sums of the accounts of these investors, per investor and currency. */
export const totalsOfInvestors = (
  snapshot: Snapshot,
  investorIds: readonly string[],
): Promise<readonly z.output<typeof investorTotalRow>[]> =>
  snapshot.rows(
    investorTotalRow,
    `SELECT a.investor_id, a.currency, ${totalColumns('a')} FROM capital_accounts a
    WHERE a.investor_id = ANY($1::uuid[]) GROUP BY a.investor_id, a.currency ORDER BY a.investor_id, a.currency`,
    [investorIds],
  );

export const investorCardRow = investorRow.extend({
  tax_id: z.string().nullable(),
  contact_person: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  address: z.string().nullable(),
});

/** The card of one investor, personal fields masked, or null. */
export const investorCard = (snapshot: Snapshot, investorId: string): Promise<z.output<typeof investorCardRow> | null> =>
  snapshot.row(
    investorCardRow,
    `SELECT ${columns}, i.tax_id, i.contact_person, i.email, i.phone, i.address FROM investors i WHERE i.investor_id = $1`,
    [investorId],
  );

export const bankAccountRow = z.object({
  banking_id: z.string(),
  bank_name: z.string(),
  account_number: z.string(),
  routing_number: z.string().nullable(),
  swift_code: z.string().nullable(),
  iban: z.string().nullable(),
  is_primary: z.boolean(),
  created_at: instant,
});

/** Bank accounts of one investor, masked, oldest first. */
export const bankAccounts = (snapshot: Snapshot, investorId: string): Promise<readonly z.output<typeof bankAccountRow>[]> =>
  snapshot.rows(
    bankAccountRow,
    `
  SELECT b.banking_id, b.bank_name, b.account_number, b.routing_number, b.swift_code, b.iban, b.is_primary, ${utcText('b.created_at')} AS created_at
    FROM investor_banking b WHERE b.investor_id = $1 ORDER BY b.created_at, b.banking_id`,
    [investorId],
  );

/** Findings about one investor and what it holds, warnings first; at most 500. */
export const investorFindings = (snapshot: Snapshot, investorId: string): Promise<readonly z.output<typeof finding>[]> =>
  snapshot.rows(
    finding,
    `
  SELECT ${findingColumns('n')} FROM findings n WHERE n.investor_id = $1 AND n.severity <> 'ERROR'
   ORDER BY (n.severity = 'WARNING') DESC, n.recorded_at, n.event_id, n.finding_number LIMIT 500`,
    [investorId],
  );
