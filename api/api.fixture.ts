// A Postgres database with the real migrations and rows made from events by the domain's own fold, for tests of the API and the page.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { v5 } from 'uuid';
import type { Pool } from 'pg';
import { createLogger } from '#platform/observability/logger.ts';
import { createMetrics } from '#platform/observability/metrics.ts';
import { migratePostgres } from '#platform/postgres/migrate.ts';
import { createPostgresPool } from '#platform/postgres/pool.ts';
import { capitalAccountOf, foldCapitalAccounts } from '#domain/capital-accounts/capital-account.ts';
import type { CapitalAccounts } from '#domain/capital-accounts/capital-account.ts';
import type { CapitalAccount, EventEnvelope, Micros } from '#domain/messages.ts';
import { formatMoney, parseMoney } from '#domain/money/money.ts';
import type { ApiConfig } from './server.ts';
import { createApi } from './server.ts';

export const tenantId = '00000000-0000-4000-8000-000000000001';
const namespace = '5a3c0f5e-93f4-4a3e-9f47-5d5b1c0f9a11';
/** The same name gives the same id. */
export const idOf = (name: string): string => v5(name, namespace);
export const topicId = 'test-topic-id';

/** A figure of the shipped file: decimal text, or null where the file says nothing. */
export interface Holding {
  readonly investor: string;
  readonly fund: string;
  readonly manager: string | null;
  readonly strategy: string | null;
  readonly subStrategy: string | null;
  readonly vintage: number | null;
  readonly committed: string;
  readonly called: string | null;
  readonly distributed: string | null;
  readonly remaining: string | null;
  readonly irr: string | null;
  readonly multiple: string | null;
  readonly asOf: string;
  readonly currency?: string;
}

const shippedFile = fileURLToPath(new URL('../data/public-pension-commitments.csv', import.meta.url));
const known = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);

/** The holdings of the shipped file as they stand in it. */
export const shippedHoldings = (): readonly Holding[] =>
  (parse(readFileSync(shippedFile), { columns: true }) as readonly Record<string, string>[]).map((row) => ({
    investor: row['investor'] ?? '',
    fund: row['fund_name'] ?? '',
    manager: known(row['general_partner']),
    strategy: known(row['asset_class']),
    subStrategy: known(row['sub_strategy']),
    vintage: known(row['vintage_year']) === null ? null : Number(row['vintage_year']),
    committed: row['commitment'] ?? '',
    called: known(row['capital_called']),
    distributed: known(row['capital_distributed']),
    remaining: known(row['remaining_value']),
    irr: known(row['net_irr']),
    multiple: known(row['net_multiple']),
    asOf: row['as_of_date'] ?? '',
  }));

const minor = (text: string | null): bigint | null => {
  if (text === null) return null;
  const parsed = parseMoney(text);
  if (parsed.kind === 'error') throw new Error(`${text}: ${parsed.reason}`);
  return parsed.minor;
};
const text = (amount: bigint | null): string | null => (amount === null ? null : formatMoney(amount));

const envelopeOf = (effective: string): EventEnvelope => ({
  chain_hash: new Uint8Array(32),
  event_id: idOf('event'),
  tenant_id: tenantId,
  aggregate_type: 'COMMITMENT',
  aggregate_id: idOf('aggregate'),
  event_version: 1,
  effective_date: effective,
  recorded_at: 0,
  actor: { user_id: idOf('user'), user_role: 'fund-accountant' },
  origin: { channel: 'FILE', ip: null, user_agent: null, session_id: null },
  reason: null,
  correlation_id: idOf('correlation'),
  causation_id: idOf('command'),
  depends_on: [],
  findings: [],
});

/** Inserts rows given as objects with the columns of the table. */
export const insert = async (pool: Pool, table: string, rows: readonly object[]): Promise<void> => {
  if (rows.length > 0)
    await pool.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [JSON.stringify(rows)]);
};

/** A row of capital_accounts from the fact. */
export const accountRowOf = (fact: CapitalAccount): object => {
  const { source_event, position, recorded_at, ...rest } = fact;
  return {
    ...rest,
    committed_amount: formatMoney(fact.committed_amount),
    called_amount: text(fact.called_amount),
    distributed_amount: text(fact.distributed_amount),
    remaining_value: text(fact.remaining_value),
    total_value: text(fact.total_value),
    unfunded_amount: text(fact.unfunded_amount),
    source_event_aggregate_id: source_event.aggregate_id,
    source_event_version: source_event.event_version,
    position_partition: position.partition,
    position_offset: position.offset,
    recorded_at: instantOf(recorded_at),
  };
};
const instantOf = (micros: Micros): string => new Date(micros / 1000).toISOString();
export const recordedAt = '2026-11-24T10:00:00.123456Z';

export interface Loaded {
  readonly accounts: CapitalAccounts;
}

/** Fills the tables with holdings as an import would: one fund, investor, commitment and opening balance each, and the accounts folded from them. */
export const loadHoldings = async (pool: Pool, holdings: readonly Holding[]): Promise<Loaded> => {
  const accounts: CapitalAccounts = new Map();
  const funds = new Map<string, object>();
  const investors = new Map<string, object>();
  const commitments: object[] = [];
  const balances: object[] = [];
  const stamps = { tenant_id: tenantId, created_at: recordedAt, updated_at: recordedAt, version: 1 };
  holdings.forEach((row, place) => {
    const currency = row.currency ?? 'USD';
    const fund_id = idOf(`fund ${row.fund}`);
    const investor_id = idOf(`investor ${row.investor}`);
    const commitment_id = idOf(`commitment ${row.investor} ${row.fund} ${place}`);
    const commitment_date = `${row.vintage ?? 2000}-01-01`;
    funds.set(fund_id, {
      ...stamps,
      fund_id,
      fund_name: row.fund,
      fund_type: 'PE',
      base_currency: currency,
      vintage_year: row.vintage,
      fund_manager: row.manager,
      investment_strategy: row.strategy,
      sub_strategy: row.subStrategy,
      fund_status: 'ACTIVE',
      assumed_fields: ['base_currency'],
    });
    investors.set(investor_id, {
      ...stamps,
      investor_id,
      investor_name: row.investor,
      investor_type: 'PENSION_PLAN',
      kyc_status: 'APPROVED',
      kyc_date: '2026-11-24',
      kyc_source: 'import',
    });
    commitments.push({
      ...stamps,
      commitment_id,
      fund_id,
      investor_id,
      commitment_amount: row.committed,
      currency,
      commitment_date,
      commitment_type: 'INITIAL',
      status: 'ACTIVE',
      assumed_fields: ['currency', 'commitment_date'],
      investor_version: 1,
      investor_kyc_status: 'APPROVED',
    });
    balances.push({
      commitment_id,
      event_version: 2,
      fund_id,
      investor_id,
      as_of_date: row.asOf,
      currency,
      called_amount: row.called,
      distributed_amount: row.distributed,
      remaining_value: row.remaining,
      reported_irr: row.irr,
      reported_multiple: row.multiple,
      reported_vintage_year: row.vintage,
      source: 'public-pension-commitments',
      created_at: recordedAt,
    });
    foldCapitalAccounts(accounts, {
      type: 'CommitmentMade',
      value: {
        envelope: envelopeOf(commitment_date),
        commitment_id,
        fund_id,
        investor_id,
        commitment_amount: minor(row.committed) ?? 0n,
        currency,
        commitment_date,
        commitment_type: 'INITIAL',
        side_letter_terms: null,
        assumed_fields: [],
        investor_version: 1,
        investor_kyc_status: 'APPROVED',
      },
    });
    foldCapitalAccounts(accounts, {
      type: 'OpeningBalanceRecorded',
      value: {
        envelope: envelopeOf(row.asOf),
        commitment_id,
        fund_id,
        investor_id,
        currency,
        called_amount: minor(row.called),
        distributed_amount: minor(row.distributed),
        remaining_value: minor(row.remaining),
        reported_irr: row.irr,
        reported_multiple: row.multiple,
        reported_vintage_year: row.vintage,
        source: 'file',
      },
    });
  });
  await insert(pool, 'funds', [...funds.values()]);
  await insert(pool, 'investors', [...investors.values()]);
  await insert(pool, 'commitments', commitments);
  await insert(pool, 'opening_balances', balances);
  const source = {
    source_event: { aggregate_id: idOf('event'), event_version: 2 },
    position: { partition: 0, offset: 1 },
    recorded_at: Date.parse(recordedAt) * 1000,
  };
  const rows = [...accounts].flatMap(([fundId, fund]) =>
    [null, ...fund.investors.keys()].map((investorId) => accountRowOf(capitalAccountOf(accounts, fundId, investorId, source))),
  );
  await insert(pool, 'capital_accounts', rows);
  return { accounts };
};

/** Sets how far both sources have come, per partition. */
export const setPositions = async (
  pool: Pool,
  offsets: { readonly events: readonly bigint[]; readonly facts: readonly bigint[] },
  recorded_at: string = recordedAt,
): Promise<void> => {
  await pool.query("DELETE FROM positions WHERE sink = 'postgres'");
  const rows = (['events', 'capital-accounts'] as const).flatMap((source) =>
    (source === 'events' ? offsets.events : offsets.facts).map((next, partition) => ({
      sink: 'postgres',
      source,
      partition,
      topic_id: topicId,
      epoch: 1,
      next_offset: String(next),
      recorded_at,
      source_topic_id: `${source}-id`,
      source_next_offset: String(next),
    })),
  );
  await insert(pool, 'positions', rows);
};

const migrations = fileURLToPath(new URL('../sinks/postgres/migrations', import.meta.url));

/** A pool on a freshly migrated database. */
export const openStore = async (databaseUrl: string): Promise<Pool> => {
  const pool = createPostgresPool({ databaseUrl, applicationName: 'api-test', connectionsMin: 0, connectionsMax: 6 });
  await migratePostgres({ pool, folder: migrations });
  return pool;
};

/** An API on that store with a silent log. */
export const openApi = (
  pool: Pool,
  databaseUrl: string,
  config: Partial<ApiConfig> = {},
  more: Partial<Parameters<typeof createApi>[0]> = {},
): ReturnType<typeof createApi> =>
  createApi({
    pool,
    databaseUrl,
    logger: createLogger({ role: 'api', level: process.env['STRATCAP_LOG_LEVEL'] ?? 'silent' }),
    metrics: createMetrics('api'),
    config: { partitions: 2, topicPrefix: 'stratcap.', cursorSecret: 'a secret of this test', ...config },
    ...more,
  });

/** Asks an API without a socket, as a client on its own host does. */
export const clientOf =
  (api: Awaited<ReturnType<typeof openApi>>) =>
  async <Body>(
    url: string,
    headers: Record<string, string> = {},
  ): Promise<{ readonly status: number; readonly body: Body; readonly headers: Readonly<Record<string, unknown>> }> => {
    const response = await api.inject({ method: 'GET', url, headers: { host: '127.0.0.1:8080', ...headers } });
    const isJson = response.headers['content-type']?.includes('json') === true;
    return { status: response.statusCode, body: (isJson ? response.json() : response.body) as Body, headers: response.headers };
  };
