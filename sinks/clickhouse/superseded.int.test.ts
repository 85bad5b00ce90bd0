// Figures of a fund that was taken over end where its flows begin, whatever was cut short and in whatever order topics are read.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWarehouse, type Warehouse } from '#platform/clickhouse/client.ts';
import { testId } from '#tests/support/commands.ts';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { migrateStarSchema } from './rebuild.ts';
import { nobody, type Row } from './rows.ts';
import { createSupersession, performanceKeys, performanceTable } from './superseded.ts';

let isolation: Isolation;
let warehouse: Warehouse;
const fund = testId('fund');

beforeAll(async () => {
  isolation = await createIsolation({ stores: ['clickhouse'] });
  const { clickhouseUrl, clickhouseIngest } = isolation.addresses;
  warehouse = createWarehouse({ url: clickhouseUrl, ...clickhouseIngest, database: isolation.clickhouseDatabase });
  await migrateStarSchema(warehouse);
}, 60_000);
afterAll(async () => {
  await warehouse.close();
  await isolation.drop();
});
beforeEach(async () => await warehouse.command(`TRUNCATE TABLE ${performanceTable}`));

const row = (origin: 'CAPITAL_ACCOUNT' | 'PERFORMANCE', day: string, version: number): Row => ({
  performance_id: testId(day),
  fund_id: fund,
  investor_id: nobody,
  investment_id: nobody,
  date_id: Number(day.replaceAll('-', '')),
  as_of_date: day,
  earliest_as_of_date: day,
  subject: 'FUND',
  is_fund_total: true,
  origin,
  currency: 'USD',
  committed_capital: '1.00',
  irr_status: 'NO_FLOWS',
  gross_irr_status: 'NO_FLOWS',
  _version: String(version),
  _partition: 0,
  recorded_at: '2026-01-01 00:00:00.000000',
});
/** Writes a batch as the sink does, by a supersession that stands for a process. */
const write = async (supersession: ReturnType<typeof createSupersession>, ...rows: readonly Row[]): Promise<void> => {
  const current = new Map(rows.map((one) => [performanceKeys.map((column) => String(one[column])).join('|'), one]));
  await supersession.settle(current);
  await warehouse.insert(performanceTable, [...current.values()]);
};
const standing = async (): Promise<readonly string[]> =>
  (
    await warehouse.query<{ text: string }>(
      `SELECT concat(toString(as_of_date), ' ', origin) AS text FROM ${performanceTable} FINAL ORDER BY as_of_date`,
    )
  ).map(({ text }) => text);

const takenOver = [row('CAPITAL_ACCOUNT', '2020-03-31', 1), row('CAPITAL_ACCOUNT', '2020-06-30', 2)];

describe('a fund begins to live', () => {
  it('ends the sums of later days that stand in the table', async () => {
    const sink = createSupersession(warehouse);
    await write(sink, ...takenOver);
    await write(sink, row('PERFORMANCE', '2020-05-04', 3));
    expect(await standing()).toEqual(['2020-03-31 CAPITAL_ACCOUNT', '2020-05-04 PERFORMANCE']);
  });

  it('ends them in the batch that brings both', async () => {
    await write(createSupersession(warehouse), ...takenOver, row('PERFORMANCE', '2020-05-04', 3));
    expect(await standing()).toEqual(['2020-03-31 CAPITAL_ACCOUNT', '2020-05-04 PERFORMANCE']);
  });

  it('lets none in that come later than the figures which end them', async () => {
    const sink = createSupersession(warehouse);
    await write(sink, row('PERFORMANCE', '2020-05-04', 3));
    await write(sink, ...takenOver);
    await write(createSupersession(warehouse), ...takenOver);
    expect(await standing()).toEqual(['2020-03-31 CAPITAL_ACCOUNT', '2020-05-04 PERFORMANCE']);
  });

  it('ends them after a crash that left the figures without the ends', async () => {
    await write(createSupersession(warehouse), ...takenOver);
    const cut = row('PERFORMANCE', '2020-05-04', 3);
    await warehouse.insert(performanceTable, [cut]);
    expect(await standing()).toHaveLength(3);
    await write(createSupersession(warehouse), cut);
    expect(await standing()).toEqual(['2020-03-31 CAPITAL_ACCOUNT', '2020-05-04 PERFORMANCE']);
  });

  it('ends more of them when a booking is dated back before the first day', async () => {
    const sink = createSupersession(warehouse);
    await write(sink, ...takenOver);
    await write(sink, row('PERFORMANCE', '2020-05-04', 3));
    await write(sink, row('PERFORMANCE', '2020-02-01', 4), row('PERFORMANCE', '2020-06-30', 4));
    expect(await standing()).toEqual(['2020-02-01 PERFORMANCE', '2020-05-04 PERFORMANCE', '2020-06-30 PERFORMANCE']);
  });

  it('leaves another fund alone', async () => {
    const sink = createSupersession(warehouse);
    await write(sink, ...takenOver);
    await write(sink, { ...row('PERFORMANCE', '2020-01-01', 3), fund_id: testId('other fund') });
    expect(await standing()).toHaveLength(3);
  });
});
