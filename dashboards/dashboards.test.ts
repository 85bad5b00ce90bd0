// The dashboards as files: what Grafana needs of them, and that the committed files are what the code says.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { dashboardFiles, dashboards } from './dashboards.ts';
import { datasource, units } from './grafana/model.ts';
import { interpolate } from './testing/interpolate.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const panels = dashboards.flatMap((dashboard) => dashboard.panels.map((panel) => ({ dashboard, panel })));
const queries = panels.flatMap(({ dashboard, panel }) =>
  panel.targets.map((target) => ({ name: `${dashboard.title}: ${panel.title}`, target, panel })),
);

describe('the files of the dashboards', () => {
  it('are what the code says (npm run generate writes them)', () => {
    for (const { name, text } of dashboardFiles()) expect(read(`./json/${name}`), name).toBe(text);
    expect(readdirSync(new URL('./json', import.meta.url)).toSorted()).toEqual(
      dashboardFiles()
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it('are the same, byte for byte, whenever they are written', () => {
    expect(dashboardFiles()).toEqual(dashboardFiles());
  });
});

describe('a dashboard', () => {
  it('has an id and a title of its own, cannot be edited in the browser, and says what it shows', () => {
    for (const field of ['uid', 'title'] as const)
      expect(new Set(dashboards.map((dashboard) => dashboard[field])).size).toBe(dashboards.length);
    for (const { description, ...dashboard } of dashboards) {
      expect(description.length).toBeGreaterThan(20);
      expect(dashboard['editable']).toBe(false);
      expect(dashboard.uid).toMatch(/^stratcap-[a-z-]{1,31}$/);
    }
  });

  it('asks through the variable of its data source, and its queries are asked anew when the time range changes', () => {
    const Variable = z.object({ name: z.string(), type: z.enum(['datasource', 'query']), query: z.string() });
    for (const { templating } of dashboards) {
      const variables = templating.list.map(
        (variable) => ({ ...variable, ...Variable.parse(variable) }) as Record<string, unknown>,
      );
      expect(variables[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: datasource.type });
      for (const variable of variables.slice(1)) expect(variable).toMatchObject({ datasource, refresh: 2 });
    }
    for (const { panel } of panels) expect(panel.datasource).toEqual(datasource);
  });

  it('has panels with an id, a place of their own in 24 columns, a title, a description and a known unit', () => {
    const Defaults = z.object({
      unit: z.enum(Object.values(units).map(({ unit }) => unit)),
      decimals: z.number(),
      noValue: z.string(),
    });
    for (const dashboard of dashboards) {
      expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
      const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
        expect(x + w).toBeLessThanOrEqual(24);
        return Array.from({ length: w * h }, (_, place) => `${x + (place % w)}|${y + Math.floor(place / w)}`);
      });
      expect(new Set(cells).size).toBe(cells.length);
    }
    for (const { panel } of panels) {
      expect(panel.title.length).toBeGreaterThan(0);
      expect(panel.description.length, panel.title).toBeGreaterThan(15);
      expect(() => Defaults.parse(panel.fieldConfig.defaults), panel.title).not.toThrow();
    }
  });
});

describe('a query of a panel', () => {
  it.each(queries)('$name keeps the rules', ({ target, panel }) => {
    expect(target.datasource).toEqual(datasource);
    expect(target.format).toBe(panel.type === 'timeseries' ? 0 : 1);
    if (target.format === 0) expect(target.rawSql).toMatch(/^SELECT toDateTime\([^)]+\) AS time, /);
    // Tables of versions are read as they are now; a view has FINAL inside.
    for (const [, source] of target.rawSql.matchAll(/FROM (\w+(?: AS \w+)?(?: FINAL)?)/g))
      if (/^(?:watermark|fact_capital_call_payments)/.test(source ?? '')) expect(source).toContain('FINAL');
    expect(target.rawSql.replaceAll(/\(SELECT \* FROM \w+ WHERE/g, '')).not.toContain('SELECT *');
    if (panel.type === 'table') expect(target.rawSql).toMatch(/LIMIT \d+$/);
  });

  it('may only name variables of its dashboard, quoted', () => {
    for (const { dashboard, panel } of panels) {
      const names = dashboard.templating.list.map((variable) => (variable as { readonly name: string }).name);
      const values = Object.fromEntries(names.map((name) => [name, ["it's"]]));
      for (const { rawSql } of panel.targets) expect(() => interpolate(rawSql, values, { from: 0, to: 1 })).not.toThrow();
    }
  });
});

describe('what stands in for Grafana', () => {
  const range = { from: 100, to: 200 };
  it('fills variables in, quoted, and the time range', () => {
    expect(interpolate('a IN (${funds:singlequote}) AND $__timeFilter(toDateTime(d))', { funds: ['x', "o'y"] }, range)).toBe(
      "a IN ('x','o\\'y') AND toDateTime(d) >= toDateTime(100) AND toDateTime(d) <= toDateTime(200)",
    );
  });
  it('refuses what would be sent as it stands', () => {
    expect(() => interpolate('${fund}', { fund: ['x'] }, range)).toThrow('not quoted');
    expect(() => interpolate('${other:singlequote}', {}, range)).toThrow('does not have');
    expect(() => interpolate('$__interval', {}, range)).toThrow('known macro');
  });
});

describe('provisioning', () => {
  it('gives the warehouse as the analyst, with the password of the environment', () => {
    const { datasources } = parse(read('./provisioning/datasources/clickhouse.yml')) as {
      datasources: Record<string, unknown>[];
    };
    expect(datasources[0]).toMatchObject({
      type: datasource.type,
      jsonData: { username: 'analyst', defaultDatabase: 'stratcap', protocol: 'http', port: 8123 },
      secureJsonData: { password: '$CLICKHOUSE_ANALYST_PASSWORD' },
    });
  });

  it('reads the folder that the service mounts, and publishes Grafana on loopback only', () => {
    const { providers } = parse(read('./provisioning/dashboards/stratcap.yml')) as {
      providers: { options: { path: string }; allowUiUpdates: boolean }[];
    };
    const { services } = parse(read('./docker-compose.grafana.yml')) as {
      services: { grafana: { volumes: string[]; ports: string[]; environment: Record<string, string> } };
    };
    const { volumes, ports, environment } = services.grafana;
    expect(volumes).toContain(`./dashboards/json:${providers[0]?.options.path}:ro`);
    expect(volumes).toContain('./dashboards/provisioning:/etc/grafana/provisioning:ro');
    expect(providers[0]?.allowUiUpdates).toBe(false);
    expect(ports).toEqual(['127.0.0.1:3000:3000']);
    expect(environment).toHaveProperty('CLICKHOUSE_ANALYST_PASSWORD');
  });
});
