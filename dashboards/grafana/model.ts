// The part of Grafana's dashboard JSON (the classic model, which file provisioning takes) that our dashboards use. Panels are plain
// values made by small functions, so that another model can take their place.

/** The variable that chooses the ClickHouse data source; every panel and variable asks through it. */
export const datasource = { type: 'grafana-clickhouse-datasource', uid: '${datasource}' } as const;

/** Version of the data source plugin whose query model is written. */
const pluginVersion = '4.20.0';

/** A query of grafana-clickhouse-datasource: format 0 is a time series (first column `time`), 1 a table. */
export interface Target {
  readonly refId: string;
  readonly datasource: typeof datasource;
  readonly editorType: 'sql';
  readonly queryType: 'timeseries' | 'table';
  readonly format: 0 | 1;
  readonly rawSql: string;
  readonly pluginVersion: string;
}

const target = (refId: string, queryType: Target['queryType'], rawSql: string): Target => ({
  refId,
  datasource,
  editorType: 'sql',
  queryType,
  format: queryType === 'timeseries' ? 0 : 1,
  rawSql: rawSql.trim(),
  pluginVersion,
});

/** A query whose first column is `time`; every other column is a series, or a text column names the series. */
export const series = (sql: string, refId = 'A'): Target => target(refId, 'timeseries', sql);
/** A query whose rows are shown as they are. */
export const table = (sql: string, refId = 'A'): Target => target(refId, 'table', sql);

/** Units that panels use, with the decimals that are shown. */
export const units = {
  /** Amounts in charts and figures, shortened: 12.5 Mil. */
  amount: { unit: 'short', decimals: 1 },
  /** Amounts in tables, to the cent. */
  money: { unit: 'locale', decimals: 2 },
  /** Fractions as percent. */
  percent: { unit: 'percentunit', decimals: 1 },
  multiple: { unit: 'suffix:x', decimals: 2 },
  count: { unit: 'none', decimals: 0 },
} as const;
export type UnitName = keyof typeof units;

export interface Override {
  readonly matcher: { readonly id: 'byName' | 'byRegexp'; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

/** Shows columns of a name, or of a pattern in slashes, in a unit. */
export const columnUnit = (column: string, unit: UnitName): Override => ({
  matcher: { id: column.startsWith('/') ? 'byRegexp' : 'byName', options: column },
  properties: [
    { id: 'unit', value: units[unit].unit },
    { id: 'decimals', value: units[unit].decimals },
  ],
});

/** Draws a series in another style. */
export const drawnAs = (column: string, style: 'bars' | 'line', color: string): Override => ({
  matcher: { id: 'byName', options: column },
  properties: [
    { id: 'custom.drawStyle', value: style },
    { id: 'color', value: { mode: 'fixed', fixedColor: color } },
  ],
});

/** A panel before it has an id and a place. */
export interface PanelDraft {
  readonly title: string;
  readonly description: string;
  readonly type: 'stat' | 'timeseries' | 'table' | 'barchart';
  /** Of 24 columns. */
  readonly width: number;
  readonly height: number;
  readonly targets: readonly Target[];
  readonly fieldConfig: { readonly defaults: object; readonly overrides: readonly Override[] };
  readonly options: object;
}

interface PanelInput {
  readonly title: string;
  /** What the figure is, and from where. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly query: Target;
  readonly unit: UnitName;
  readonly overrides?: readonly Override[];
}

/** One figure. */
export const stat = ({ title, description, width, height, query, unit, overrides = [] }: PanelInput): PanelDraft => ({
  title,
  description,
  type: 'stat',
  width,
  height,
  targets: [query],
  fieldConfig: { defaults: { ...units[unit], noValue: 'n.m.', color: { mode: 'fixed', fixedColor: 'text' } }, overrides },
  options: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'value', graphMode: 'none' },
});

/** Series over time. */
export const timeChart = ({ title, description, width, height, query, unit, overrides = [] }: PanelInput): PanelDraft => ({
  title,
  description,
  type: 'timeseries',
  width,
  height,
  targets: [query],
  fieldConfig: {
    defaults: {
      ...units[unit],
      noValue: 'n.m.',
      custom: { drawStyle: 'line', lineWidth: 2, fillOpacity: 10, showPoints: 'auto', spanNulls: true },
    },
    overrides,
  },
  options: { legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull'] }, tooltip: { mode: 'multi' } },
});

/** Rows. */
export const grid = ({ title, description, width, height, query, unit, overrides = [] }: PanelInput): PanelDraft => ({
  title,
  description,
  type: 'table',
  width,
  height,
  targets: [query],
  fieldConfig: { defaults: { ...units[unit], noValue: 'n.m.', custom: { align: 'auto', filterable: true } }, overrides },
  options: { showHeader: true, cellHeight: 'sm', footer: { show: false } },
});

/** Stacked bars by the first column, a text. */
export const barChart = ({ title, description, width, height, query, unit, overrides = [] }: PanelInput): PanelDraft => ({
  title,
  description,
  type: 'barchart',
  width,
  height,
  targets: [query],
  fieldConfig: { defaults: { ...units[unit], noValue: 'n.m.' }, overrides },
  options: {
    stacking: 'normal',
    orientation: 'auto',
    legend: { displayMode: 'list', placement: 'bottom' },
    xTickLabelRotation: 0,
  },
});

/** A panel with its place in the grid of 24 columns. */
export interface Panel extends Omit<PanelDraft, 'width' | 'height'> {
  readonly id: number;
  readonly datasource: typeof datasource;
  readonly pluginVersion: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

/** Lays panels out row by row, in order; a row is as high as its highest panel. */
const placed = (drafts: readonly PanelDraft[]): readonly Panel[] => {
  let [x, y, rowHeight] = [0, 0, 0];
  return drafts.map(({ width, height, ...draft }, index) => {
    if (x + width > 24) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridPos = { x, y, w: width, h: height };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return { id: index + 1, ...draft, datasource, pluginVersion: '12.2.0', gridPos };
  });
};

/** A variable that a query fills: one column is value and label, two are value and label. */
export interface QueryVariable {
  readonly name: string;
  readonly label: string;
  readonly sql: string;
  readonly multi: boolean;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly object[] };
  readonly [field: string]: unknown;
}

/** A dashboard in the classic model. */
export const dashboard = ({
  uid,
  title,
  description,
  from,
  variables,
  panels,
}: {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** How far back it looks at first, for example now-15y. */
  readonly from: string;
  readonly variables: readonly QueryVariable[];
  readonly panels: readonly PanelDraft[];
}): Dashboard => ({
  uid,
  title,
  description,
  tags: ['stratcap'],
  editable: false,
  schemaVersion: 41,
  version: 1,
  timezone: 'utc',
  time: { from, to: 'now' },
  refresh: '30s',
  graphTooltip: 1,
  fiscalYearStartMonth: 0,
  annotations: { list: [] },
  links: [{ title: 'StratCap', type: 'dashboards', tags: ['stratcap'], asDropdown: true, includeVars: true, keepTime: true }],
  templating: {
    list: [
      {
        name: 'datasource',
        label: 'Warehouse',
        type: 'datasource',
        query: 'grafana-clickhouse-datasource',
        hide: 0,
        multi: false,
        includeAll: false,
      },
      ...variables.map(({ name, label, sql, multi }) => ({
        name,
        label,
        type: 'query',
        datasource,
        query: sql.trim(),
        // On every change of the time range.
        refresh: 2,
        sort: 1,
        hide: 0,
        multi,
        includeAll: multi,
      })),
    ],
  },
  panels: placed(panels),
});
