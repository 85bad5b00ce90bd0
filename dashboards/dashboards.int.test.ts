// Every query of every panel and variable runs on ClickHouse, as the user that Grafana has, over generated lives of funds.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWarehouse, type Warehouse } from '#platform/clickhouse/client.ts';
import { generatedLog } from '#tests/support/generated-funds.ts';
import { useStack } from '#tests/support/stack.ts';
import { openWarehouse, type TestWarehouse } from '../sinks/clickhouse/warehouse.fixture.ts';
import { dashboards } from './dashboards.ts';
import { interpolate } from './testing/interpolate.ts';

const range = { from: Date.UTC(2005, 0, 1) / 1000, to: Date.UTC(2027, 0, 1) / 1000 };
/** Panels that have nothing to show when all is well. */
const emptyWhenWell = ['What the checks find', 'Open findings of the stream'];
const budgetMs = 10_000;
const queries = dashboards.flatMap(({ title, panels }) =>
  panels.flatMap((panel) => panel.targets.map((target) => ({ name: `${title}: ${panel.title}`, panel, target }))),
);
const variables = dashboards.flatMap(({ templating }) =>
  templating.list.filter(
    (variable): variable is { type: 'query'; name: string; query: string } =>
      'query' in variable && 'type' in variable && variable.type === 'query',
  ),
);

let seeded: TestWarehouse;
let analyst: Warehouse;
let funds: readonly string[];

beforeAll(async () => {
  seeded = await openWarehouse();
  const { events } = await generatedLog({ funds: 4, investors: 4, years: 6 });
  await seeded.log.append(events);
  await seeded.catchUp();
  const { clickhouseUrl, clickhouseAnalyst } = useStack();
  analyst = createWarehouse({ url: clickhouseUrl, ...clickhouseAnalyst, database: seeded.warehouse.database });
  funds = (
    await seeded.rows<{ id: string }>(
      'SELECT fund_id AS id FROM cash_flow_j_curve WHERE cumulative_distributed > 0 GROUP BY fund_id ORDER BY fund_id',
    )
  ).map(({ id }) => id);
}, 240_000);
afterAll(async () => {
  await analyst.close();
  await seeded.close();
});

describe('the panels of the dashboards', () => {
  it.each(queries)('$name has rows', async ({ panel, target }) => {
    const started = performance.now();
    const sql = interpolate(target.rawSql, { fund: funds.slice(0, 1), funds }, range);
    const rows = await analyst.query<Record<string, unknown>>(sql);
    expect(performance.now() - started).toBeLessThan(budgetMs);
    if (!emptyWhenWell.includes(panel.title)) expect(rows.length).toBeGreaterThan(0);
    if (panel.type === 'stat') expect(rows.map((row) => Object.keys(row).length)).toEqual([1]);
    if (target.format === 0) {
      const times = rows.map((row) => String(row['time']));
      expect(times).toEqual(times.toSorted());
      expect(times[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    }
  });

  it.each(queries.filter(({ target }) => target.rawSql.includes('${fund')))(
    '$name takes a value with a quote for what it is',
    async ({ target }) => {
      const sql = interpolate(target.rawSql, { fund: ["x' OR 1 = 1 --"], funds: ["x') OR 1 = 1 --", 'y'] }, range);
      expect(await analyst.query(sql)).toEqual([]);
    },
  );

  it.each(variables)('the variable $name has a value and a label for every fund', async ({ query }) => {
    const rows = await analyst.query<Record<string, string>>(query);
    expect(rows.length).toBe(4);
    expect(Object.keys(rows[0] ?? {})).toEqual(['value', 'text']);
  });

  it('shows the J-curve that the flows give', async () => {
    const panel = dashboards[0]?.panels.find(({ title }) => title === 'J-curve');
    const rows = await analyst.query<Record<string, string>>(
      interpolate(panel?.targets[0]?.rawSql ?? '', { fund: funds.slice(0, 1) }, range),
    );
    const [flows] = await seeded.rows<{ net: string }>(
      'SELECT sum(net_cash_flow) AS net FROM fact_cash_flows FINAL WHERE NOT is_fund_flow AND fund_id = {fund:UUID}',
      { fund: funds[0] },
    );
    expect(rows.at(-1)?.['Net cash flow']).toBe(flows?.net);
    expect(Number(rows[0]?.['Net cash flow'])).toBeLessThan(0);
  });
});
