// What stands in the operational model after events and facts went over the real log.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { fundCard, idOf, investorCard, sealed } from '#tests/support/cards.ts';
import { changesChannel } from './notify.ts';
import { sources } from './positions.ts';
import { createSinkFixture, eventually, type SinkFixture } from './sink.fixture.ts';
import type { PostgresSink } from './sink.ts';

let fixture: SinkFixture;
let sink: PostgresSink;
const buyout = fundCard('Buyout I', {
  fund_size: 100_000_000_00n,
  management_fee_rate: '0.01875',
  terms: [
    {
      term_id: idOf('term 1'),
      term_type: 'FEE_STRUCTURE',
      term_name: 'Fee',
      term_value: '{"rate":"0.02"}',
      effective_date: '2019-01-01',
      expiry_date: null,
    },
  ],
});
const pension = investorCard('State "Plan", {Ohio}\\n\nNULL', { email: sealed('p***@plan.example') });

beforeAll(async () => {
  fixture = await createSinkFixture();
  sink = await fixture.start();
});
afterAll(() => fixture.drop());

const only = async (sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>> => {
  const { rows } = await fixture.pool.query<Record<string, unknown>>(sql, [...values]);
  expect(rows).toHaveLength(1);
  return rows[0] ?? {};
};

describe('the operational model', () => {
  it('holds a fund, an investor and a commitment with its balance to the cent, and knows what is unknown', async () => {
    const { book } = fixture;
    book.fundCreated(buyout);
    book.investorCreated(pension, {
      envelope: { findings: [{ rule: 'name-looks-short', severity: 'WARNING', message: 'look again', field: 'investor_name' }] },
    });
    const made = book.commitmentMade(buyout, pension, 1_234_567_890_12n, {
      side_letter_terms: '{"mfn":true}',
      assumed_fields: ['currency', 'commitment_date'],
    });
    book.openingBalance(
      made,
      {
        called_amount: 1n,
        distributed_amount: -5n,
        remaining_value: null,
        reported_irr: '0.123456789',
        reported_multiple: '1.44',
        reported_vintage_year: 2018,
      },
      { envelope: { effective_date: '2025-06-30' } },
    );
    book.valuation(made, 99n, '2025-09-30');
    book.capitalAccount(made, { called_amount: 1n, pic: '0.0000000001', earliest_as_of_date: '2025-06-30' });
    book.capitalAccount(made, { investor_id: null, tvpi: '1.5000000000' });
    for (let partition = 0; partition < 3; partition += 1) book.progress(partition);
    await fixture.publish();
    await fixture.level(sink);

    expect(await only('SELECT * FROM funds')).toMatchObject({
      fund_name: 'Buyout I',
      fund_size: '100000000.00',
      management_fee_rate: '0.01875',
      version: 1,
      inception_date: null,
      fund_status: 'ACTIVE',
    });
    expect(await only('SELECT * FROM fund_terms')).toMatchObject({ term_value: { rate: '0.02' }, effective_date: '2019-01-01' });
    expect(await only('SELECT * FROM investors')).toMatchObject({
      investor_name: 'State "Plan", {Ohio}\\n\nNULL',
      email: 'p***@plan.example',
      kyc_status: 'APPROVED',
      kyc_source: 'import',
    });
    expect(await only('SELECT * FROM commitments')).toMatchObject({
      commitment_amount: '1234567890.12',
      side_letter_terms: { mfn: true },
      assumed_fields: ['currency', 'commitment_date'],
      status: 'ACTIVE',
      version: 3,
    });
    expect(await only('SELECT * FROM opening_balances')).toMatchObject({
      called_amount: '0.01',
      distributed_amount: '-0.05',
      remaining_value: null,
      reported_irr: '0.123456789',
      as_of_date: '2025-06-30',
    });
    expect(await only('SELECT * FROM valuations')).toMatchObject({ remaining_value: '0.99', valuation_date: '2025-09-30' });
    expect(await only('SELECT * FROM capital_accounts WHERE investor_id IS NOT NULL')).toMatchObject({
      called_amount: '0.01',
      pic: '0.0000000001',
      dpi: null,
      irr: null,
      irr_status: 'NO_FLOWS',
    });
    expect(await only('SELECT * FROM capital_accounts WHERE investor_id IS NULL')).toMatchObject({ tvpi: '1.5000000000' });
    expect(await only('SELECT * FROM findings')).toMatchObject({
      rule: 'name-looks-short',
      severity: 'WARNING',
      investor_id: pension.investor_id,
      fund_id: null,
    });
  });

  it('keeps every event with its place on the log and its link, sealed fields masked', async () => {
    const row = await only("SELECT * FROM event_store WHERE event_type = 'InvestorCreated'");
    expect(row).toMatchObject({
      event_version: 1,
      partition: fixture.book.partitionOf(pension.investor_id),
      event_data: { investor: { email: 'p***@plan.example' } },
    });
    expect(JSON.stringify(row['event_data'])).not.toContain('ciphertext');
    expect(row['occurred_at']).toBe(row['created_at']);
    expect(row['chain_hash']).not.toEqual(Buffer.alloc(32));
    expect(await only('SELECT count(*)::int AS events FROM event_store')).toEqual({ events: 5 });
    expect(await only('SELECT kind, events FROM command_outcomes WHERE command_id = $1', [row['causation_id']])).toEqual({
      kind: 'ACCEPTED',
      events: 1,
    });
  });

  it('says who created and changed what, with old and new values, and for how many days the record is kept', async () => {
    const { book } = fixture;
    book.fundUpdated(
      { ...buyout, fund_name: 'Buyout One', terms: [] },
      [{ field: 'fund_name', old_value: 'Buyout I', new_value: 'Buyout One' }],
      { envelope: { reason: 'renamed' } },
    );
    book.fundClosed(buyout.fund_id, '2026-02-01');
    book.kycDecided(pension.investor_id, 'REJECTED', '2026-02-02');
    book.bankAccountAdded(pension.investor_id, {
      banking_id: idOf('bank'),
      bank_name: sealed('B***'),
      account_number: sealed('***6789'),
      routing_number: null,
      swift_code: null,
      iban: sealed('DE***00'),
      is_primary: true,
    });
    book.rejected(buyout.fund_id, {
      command_type: 'UpdateFund',
      target_aggregate_id: buyout.fund_id,
      reasons: [{ rule: 'fund-closed', severity: 'ERROR', message: 'the fund is closed', field: null }],
    });
    await fixture.publish();
    await fixture.level(sink);
    expect(await only('SELECT * FROM funds')).toMatchObject({
      fund_name: 'Buyout One',
      fund_status: 'CLOSED',
      final_close_date: '2026-02-01',
      version: 3,
    });
    expect((await fixture.pool.query('SELECT * FROM fund_terms')).rows).toEqual([]);
    expect(await only('SELECT * FROM investors')).toMatchObject({ kyc_status: 'REJECTED', kyc_date: '2026-02-02', version: 3 });
    expect(await only('SELECT * FROM investor_banking')).toMatchObject({
      account_number: '***6789',
      routing_number: null,
      iban: 'DE***00',
      is_primary: true,
    });
    expect(await only("SELECT * FROM audit_trail WHERE event_type = 'FundUpdated'")).toMatchObject({
      action_type: 'UPDATE',
      entity_type: 'FUND',
      entity_id: buyout.fund_id,
      reason: 'renamed',
      ip_address: '127.0.0.1',
      retention_period: 1095,
      field_changes: [{ field: 'fund_name', old_value: 'Buyout I', new_value: 'Buyout One' }],
    });
    expect(
      (await only("SELECT field_changes FROM audit_trail WHERE event_type = 'FundClosed'"))['field_changes'],
      'a change within one batch, and one of a card that the database holds',
    ).toEqual([
      { field: 'fund_status', old_value: 'ACTIVE', new_value: 'CLOSED' },
      { field: 'final_close_date', old_value: null, new_value: '2026-02-01' },
    ]);
    expect(
      (await only("SELECT field_changes FROM audit_trail WHERE event_type = 'KycDecisionRecorded'"))['field_changes'],
    ).toEqual([
      { field: 'kyc_status', old_value: 'APPROVED', new_value: 'REJECTED' },
      { field: 'kyc_date', old_value: '2026-01-05', new_value: '2026-02-02' },
      { field: 'kyc_source', old_value: 'import', new_value: expect.any(String) },
    ]);
    expect(await only("SELECT * FROM audit_trail WHERE event_type = 'CommitmentMade'")).toMatchObject({
      action_type: 'CREATE',
      data_classification: 'CONFIDENTIAL',
      retention_period: 2555,
    });
    expect(
      (await only("SELECT field_changes FROM audit_trail WHERE event_type = 'CommitmentMade'"))['field_changes'],
    ).toContainEqual({ field: 'commitment_amount', old_value: null, new_value: '1234567890.12' });
    expect(await only("SELECT * FROM audit_trail WHERE action_type = 'REJECT'")).toMatchObject({
      entity_type: 'FUND',
      entity_id: buyout.fund_id,
      field_changes: null,
    });
    expect(await only("SELECT * FROM findings WHERE severity = 'ERROR'")).toMatchObject({
      rule: 'fund-closed',
      event_type: 'CommandRejected',
      fund_id: buyout.fund_id,
    });
  });

  it('tells listeners which funds and investors changed, once it can be read', async () => {
    const listener = new pg.Client({ connectionString: fixture.databaseUrl });
    await listener.connect();
    try {
      const heard: string[] = [];
      listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
      await listener.query(`LISTEN ${changesChannel}`);
      const fund = fundCard('Venture II');
      fixture.book.fundCreated(fund);
      const partition = fixture.book.partitionOf(fund.fund_id);
      await fixture.publish();
      await eventually('a notice comes', () => heard.length > 0);
      expect(heard.map((payload) => JSON.parse(payload) as unknown)).toEqual([
        {
          funds: [fund.fund_id],
          investors: [],
          partition,
          next_offset: String(fixture.book.length(partition)),
          source: 'events',
        },
      ]);
      expect(await only('SELECT fund_name FROM funds WHERE fund_id = $1', [fund.fund_id])).toEqual({ fund_name: 'Venture II' });
    } finally {
      await listener.end();
    }
  });

  it('says in its positions which events its rows contain, and for facts which events they are true for', async () => {
    const { rows } = await fixture.pool.query<{
      source: string;
      partition: number;
      next_offset: string;
      recorded_at: string | null;
    }>('SELECT * FROM positions ORDER BY source, partition');
    expect(rows.map(({ source, partition }) => `${source}/${partition}`)).toEqual(
      sources.flatMap((source) => [0, 1, 2].map((partition) => `${source}/${partition}`)).toSorted(),
    );
    const events = rows.filter(({ source }) => source === 'events').map(({ next_offset }) => Number(next_offset));
    expect(events).toEqual([0, 1, 2].map((partition) => fixture.book.length(partition)));
    const factTotal = rows
      .filter(({ source }) => source === 'capital-accounts')
      .reduce((sum, { next_offset }) => sum + Number(next_offset), 0);
    expect(factTotal).toBe(5);
    expect(sink.health()).toMatchObject({ state: 'ready', lag: 0, parked: [] });
  });

  it('has an event in Postgres a few milliseconds after it was committed', async () => {
    const delays: number[] = [];
    for (let at = 0; at < 20; at += 1) {
      const fund = fundCard(`Quick ${at}`);
      fixture.book.fundCreated(fund);
      await fixture.publish();
      const sentAt = performance.now();
      await eventually(
        'the fund is there',
        async () => (await fixture.pool.query('SELECT FROM funds WHERE fund_id = $1', [fund.fund_id])).rowCount === 1,
      );
      delays.push(performance.now() - sentAt);
    }
    const median = delays.toSorted((left, right) => left - right)[10] ?? Infinity;
    expect(median).toBeLessThan(100);
  });
});
