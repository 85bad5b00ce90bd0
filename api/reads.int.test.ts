// What the API reads, on a real Postgres with the real migrations and the shipped positions, to the cent.
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ratio } from '#domain/capital-accounts/ratio.ts';
import { formatMoney } from '#domain/money/money.ts';
import type { Isolation } from '#tests/support/stack.ts';
import { createIsolation } from '#tests/support/stack.ts';
import {
  clientOf,
  idOf,
  insert,
  loadHoldings,
  openApi,
  openStore,
  recordedAt,
  setPositions,
  shippedHoldings,
  tenantId,
} from './api.fixture.ts';
import type { AuditRow } from './audit/query.ts';
import type { AccountRow } from './capital-accounts/query.ts';
import type { CommitmentRow } from './commitments/query.ts';
import type { Api } from './deps.ts';
import type { EventRow } from './events/query.ts';
import type { Finding } from './findings/columns.ts';
import type { FundListReply, FundReply, FundTotalsReply } from './funds/view.ts';
import type { InvestorListReply, InvestorReply } from './investors/view.ts';

let isolation: Isolation;
let pool: Pool;
let api: Api;
let get: ReturnType<typeof clientOf>;
const holdings = shippedHoldings();

beforeAll(async () => {
  isolation = await createIsolation({ stores: ['postgres'] });
  pool = await openStore(isolation.addresses.databaseUrl);
  await loadHoldings(pool, holdings);
  await setPositions(pool, { events: [20n, 30n], facts: [18n, 40n] });
  api = await openApi(pool, isolation.addresses.databaseUrl);
  get = clientOf(api);
});
afterAll(async () => {
  await api?.close();
  await pool?.end();
  await isolation?.drop();
});

type Page<Name extends string, Row> = { readonly [Key in Name]: readonly Row[] } & { readonly next_cursor: string | null };

const minorOf = (text: string): bigint => BigInt(text.replace('.', ''));
const sumOf = (rows: readonly (string | null)[]): string =>
  formatMoney(rows.reduce((sum, text) => sum + (text === null ? 0n : minorOf(text)), 0n));

test('the sums of all funds are the sums of the file, to the cent, and multiples are over the wholly known positions', async () => {
  const { body } = await get<FundTotalsReply>('/v1/funds/totals');
  const complete = holdings.filter((row) => row.called !== null && row.distributed !== null && row.remaining !== null);
  const [total] = body.totals;
  expect(total).toMatchObject({
    currency: 'USD',
    funds: 1113,
    investors: 3,
    commitments: 1300,
    committed_amount: sumOf(holdings.map((row) => row.committed)),
    called_amount: sumOf(holdings.map((row) => row.called)),
    distributed_amount: sumOf(holdings.map((row) => row.distributed)),
    remaining_value: sumOf(holdings.map((row) => row.remaining)),
    called_unknown: holdings.filter((row) => row.called === null).length,
    multiples_over: complete.length,
    dpi: ratio(minorOf(sumOf(complete.map((row) => row.distributed))), minorOf(sumOf(complete.map((row) => row.called)))),
  });
  expect(sumOf(body.by_vintage.map((row) => row.committed_amount))).toBe(total?.committed_amount);
});

test('the sums of each investor are those of its rows in the file', async () => {
  const { body } = await get<InvestorListReply>('/v1/investors');
  expect(body.investors.map((row) => row.investor_name)).toEqual([...new Set(holdings.map((row) => row.investor))].sort());
  for (const investor of body.investors) {
    const mine = holdings.filter((row) => row.investor === investor.investor_name);
    expect(investor.totals[0]).toMatchObject({
      committed_amount: sumOf(mine.map((row) => row.committed)),
      called_amount: sumOf(mine.map((row) => row.called)),
      distributed_amount: sumOf(mine.map((row) => row.distributed)),
      remaining_value: sumOf(mine.map((row) => row.remaining)),
    });
    const one = await get<InvestorReply>(`/v1/investors/${investor.investor_id}`);
    expect(one.body.capital_accounts).toHaveLength(investor.totals[0]?.accounts ?? -1);
    expect(one.body.totals).toEqual(investor.totals);
  }
});

test('every sorting gives every fund exactly once through its cursors, unknown figures last', async () => {
  for (const [sort, direction] of [
    ['fund_name', 'asc'],
    ['tvpi', 'desc'],
    ['tvpi', 'asc'],
    ['remaining_value', 'desc'],
    ['vintage_year', 'asc'],
    ['as_of_date', 'desc'],
  ] as const) {
    const seen: string[] = [];
    const values: (string | number | null)[] = [];
    let cursor: string | null = null;
    do {
      const reply: Awaited<ReturnType<typeof get<FundListReply>>> = await get<FundListReply>(
        `/v1/funds?sort=${sort}&direction=${direction}&limit=400${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      expect(reply.status).toBe(200);
      for (const fund of reply.body.funds) {
        seen.push(fund.fund_id);
        values.push((sort === 'fund_name' || sort === 'vintage_year' ? fund[sort] : fund.account?.[sort]) ?? null);
      }
      cursor = reply.body.next_cursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(1113);
    expect(new Set(seen).size).toBe(1113);
    const known = values.filter((value) => value !== null);
    expect(
      values.slice(known.length).every((value) => value === null),
      sort,
    ).toBe(true);
    if (sort === 'tvpi') {
      const ordered = known
        .map(Number)
        .every(
          (value, place) =>
            place === 0 || (direction === 'desc' ? value <= Number(known[place - 1]) : value >= Number(known[place - 1])),
        );
      expect(ordered).toBe(true);
    }
  }
});

test('a search finds funds by the beginning of words and by their manager, and filters join it', async () => {
  const { body } = await get<FundListReply>('/v1/funds?q=kkr%20asia&limit=500');
  expect(body.funds.length).toBeGreaterThan(0);
  expect(body.funds.every((fund) => /kkr.*asia/i.test(`${fund.fund_name} ${fund.fund_manager}`))).toBe(true);
  const one = await get<FundListReply>('/v1/funds?q=KKR&vintage_year=2006&investment_strategy=Private%20Equity');
  expect(one.body.funds.map((fund) => fund.fund_name)).toContain('KKR 2006 Fund');
  const total = await get<FundTotalsReply>('/v1/funds/totals?q=KKR&vintage_year=2006&investment_strategy=Private%20Equity');
  expect(total.body.funds).toBe(one.body.funds.length);
  expect((await get<FundListReply>('/v1/funds?q=100%25_%5C%27%22')).body.funds).toEqual([]);
  // Signs alone are no search for everything.
  for (const path of ['/v1/funds', '/v1/investors'])
    expect((await get<{ funds?: unknown; investors?: unknown }>(`${path}?q=%3F%21`)).body).toMatchObject({
      [path.slice(4)]: [],
    });
  expect((await get<FundTotalsReply>('/v1/funds/totals?q=%3F%21')).body.funds).toBe(0);
  const named = (await get<FundListReply>('/v1/funds?q=%26&limit=500')).body.funds;
  expect(named.length).toBeGreaterThan(0);
  for (const { fund_name, fund_manager } of named) expect(`${fund_name} ${fund_manager ?? ''}`).toContain('&');
});

test('a fund shows its account, its investors by name, what was assumed, and that its total runs over different dates', async () => {
  const list = await get<FundListReply>('/v1/funds?q=KKR%202006%20Fund');
  const fund = list.body.funds.find((row) => row.fund_name === 'KKR 2006 Fund');
  const { body } = await get<FundReply>(`/v1/funds/${fund?.fund_id}`);
  const mine = holdings.filter((row) => row.fund === 'KKR 2006 Fund');
  expect(body.capital_accounts.map((row) => row.investor_name)).toEqual(mine.map((row) => row.investor).sort());
  expect(body.account).toMatchObject({
    committed_amount: sumOf(mine.map((row) => row.committed)),
    tvpi: null,
    remaining_unknown: mine.filter((row) => row.remaining === null).length,
  });
  expect(body.capital_accounts[0]?.assumed_fields).toEqual(['commitment_date', 'currency']);
  expect(body.capital_accounts[0]?.commitment_id).toBeTypeOf('string');
  expect(body.meta).toMatchObject({ as_of_date: '2025-09-30', earliest_as_of_date: '2025-03-31' });
  expect(body.account?.earliest_as_of_date).not.toBe(body.account?.as_of_date);
});

test('commitments and capital accounts are listed in pages for a fund or an investor', async () => {
  const investor = idOf('investor CalPERS');
  const mine = holdings.filter((row) => row.investor === 'CalPERS');
  const first = await get<Page<'commitments', CommitmentRow>>(`/v1/commitments?investor_id=${investor}&limit=400`);
  const second = await get<Page<'commitments', CommitmentRow>>(
    `/v1/commitments?investor_id=${investor}&limit=400&cursor=${encodeURIComponent(first.body.next_cursor ?? '')}`,
  );
  expect([...first.body.commitments, ...second.body.commitments]).toHaveLength(mine.length);
  expect(sumOf([...first.body.commitments, ...second.body.commitments].map((row) => row.commitment_amount))).toBe(
    sumOf(mine.map((row) => row.committed)),
  );
  const one = await get<{ readonly commitment: CommitmentRow }>(`/v1/commitments/${first.body.commitments[0]?.commitment_id}`);
  expect(one.body.commitment).toEqual(first.body.commitments[0]);
  const accounts = await get<Page<'capital_accounts', AccountRow>>(`/v1/capital-accounts?investor_id=${investor}&limit=500`);
  expect(accounts.body.capital_accounts.length).toBe(new Set(mine.map((row) => row.fund)).size);
});

const eventOf = (over: object): object => ({
  event_id: idOf('e1'),
  tenant_id: tenantId,
  aggregate_id: idOf('agg'),
  aggregate_type: 'COMMITMENT',
  event_type: 'CommitmentMade',
  event_version: 1,
  event_data: { commitment_amount: '1.00' },
  metadata: { findings: [{ rule: 'kyc-import', severity: 'INFO', message: 'imported', field: null }] },
  effective_date: '2026-02-01',
  occurred_at: recordedAt,
  created_at: recordedAt,
  causation_id: idOf('command 1'),
  correlation_id: idOf('command 1'),
  chain_hash: `\\x${'ab'.repeat(32)}`,
  partition: 1,
  log_offset: 7,
  ...over,
});

test('the events of an aggregate come in order and in pages, each with its place on the log', async () => {
  await insert(
    pool,
    'event_store',
    [1, 2, 3].map((version) =>
      eventOf({
        event_id: idOf(`e${version}`),
        event_version: version,
        log_offset: 6 + version,
        causation_id: idOf(`command ${version}`),
      }),
    ),
  );
  const first = await get<Page<'events', EventRow>>(`/v1/aggregates/${idOf('agg')}/events?limit=2`);
  expect(first.body.events.map((event) => event.event_version)).toEqual([1, 2]);
  expect(first.body.events[0]).toMatchObject({
    partition: 1,
    log_offset: '7',
    chain_hash: 'ab'.repeat(32),
    recorded_at: recordedAt,
    effective_date: '2026-02-01',
  });
  const next = await get<Page<'events', EventRow>>(
    `/v1/aggregates/${idOf('agg')}/events?limit=2&cursor=${encodeURIComponent(first.body.next_cursor ?? '')}`,
  );
  expect(next.body.events.map((event) => event.event_version)).toEqual([3]);
  expect(next.body.next_cursor).toBeNull();
});

test('a command is found by its id: its events when accepted, the reasons when rejected', async () => {
  const reason = { rule: 'unknown-fund', severity: 'ERROR', message: 'There is no such fund.', field: 'fund_id' };
  await insert(pool, 'event_store', [
    eventOf({
      event_id: idOf('r1'),
      aggregate_id: idOf('command 9'),
      aggregate_type: 'COMMAND',
      event_type: 'CommandRejected',
      causation_id: idOf('command 9'),
      log_offset: 99,
      event_data: { command_type: 'MakeCommitment', target_aggregate_id: null, reasons: [reason] },
    }),
  ]);
  expect((await get(`/v1/commands/${idOf('command 1')}`)).body).toMatchObject({
    kind: 'ACCEPTED',
    events: [{ event_type: 'CommitmentMade' }],
    rule_results: [{ rule: 'kyc-import' }],
    decided_at: recordedAt,
  });
  expect((await get(`/v1/commands/${idOf('command 9')}`)).body).toMatchObject({
    kind: 'REJECTED',
    command_type: 'MakeCommitment',
    reasons: [reason],
  });
  expect((await get(`/v1/commands/${idOf('command none')}`)).status).toBe(404);
});

test('findings and the audit trail are asked by what they are about and by day', async () => {
  const fund_id = idOf('fund KKR 2006 Fund');
  await insert(
    pool,
    'findings',
    [1, 2, 3].map((finding_number) => ({
      event_id: idOf('e1'),
      finding_number,
      event_type: 'OpeningBalanceRecorded',
      aggregate_type: 'COMMITMENT',
      aggregate_id: idOf('agg'),
      event_version: 2,
      fund_id,
      rule: 'called-above-commitment',
      severity: finding_number === 3 ? 'INFO' : 'WARNING',
      message: `finding ${finding_number}`,
      recorded_at: recordedAt,
    })),
  );
  const first = await get<Page<'findings', Finding>>(`/v1/findings?fund_id=${fund_id}&severity=WARNING&limit=1`);
  expect(first.body.findings.map((row) => row.message)).toEqual(['finding 1']);
  const second = await get<Page<'findings', Finding>>(
    `/v1/findings?fund_id=${fund_id}&severity=WARNING&limit=1&cursor=${encodeURIComponent(first.body.next_cursor ?? '')}`,
  );
  expect(second.body).toMatchObject({ findings: [{ message: 'finding 2' }], next_cursor: null });
  const listed = await get<FundListReply>('/v1/funds?q=KKR%202006%20Fund');
  expect(listed.body.funds.find((row) => row.fund_id === fund_id)).toMatchObject({
    findings: 3,
    warnings: 2,
  });

  const audit = {
    tenant_id: tenantId,
    entity_type: 'FUND',
    entity_id: fund_id,
    action_type: 'UPDATE',
    event_type: 'FundUpdated',
    user_id: idOf('user'),
    user_role: 'fund-accountant',
    channel: 'API',
    ip_address: '127.0.0.1',
    field_changes: [{ field: 'geography', old_value: null, new_value: 'Asia' }],
    effective_date: '2026-02-01',
    correlation_id: idOf('c'),
    causation_id: idOf('c'),
    data_classification: 'INTERNAL',
    retention_period: 3650,
  };
  await insert(
    pool,
    'audit_trail',
    ['2026-02-01T23:59:59.999999Z', '2026-02-02T00:00:00.000000Z', '2026-02-03T12:00:00.000000Z'].map((timestamp, place) => ({
      ...audit,
      audit_id: idOf(`audit ${place}`),
      timestamp,
    })),
  );
  const days = await get<Page<'entries', AuditRow>>(
    `/v1/audit?entity_type=FUND&entity_id=${fund_id}&from=2026-02-02&to=2026-02-03`,
  );
  expect(days.body.entries.map((row) => row.recorded_at)).toEqual(['2026-02-03T12:00:00.000000Z', '2026-02-02T00:00:00.000000Z']);
  expect(days.body.entries[0]).toMatchObject({
    ip_address: '127.0.0.1',
    field_changes: [{ field: 'geography', old_value: null, new_value: 'Asia' }],
  });
  expect(
    (await get<Page<'entries', AuditRow>>(`/v1/audit?entity_type=FUND&entity_id=${fund_id}&to=2026-02-01`)).body.entries,
  ).toHaveLength(1);
});
