// Parameterised views: figures as of a day and as they were known at a moment. They are no migrations, because ClickHouse's HTTP interface
// over chdb asks for a value of every parameter that a statement names, also of those that a view keeps open.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Warehouse } from '#platform/clickhouse/client.ts';

const folder = fileURLToPath(new URL('./point-in-time', import.meta.url));

/** A parameterised view: `SELECT … FROM name(as_of = '2024-12-31')`. */
export interface PointInTimeView {
  readonly name: string;
  readonly comment: string;
  readonly select: string;
  /** Type of each parameter by its name. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** The views of the folder: a comment in the first line, then one SELECT. */
export const pointInTimeViews = async (): Promise<readonly PointInTimeView[]> => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return await Promise.all(
    files.map(async (file) => {
      const [first = '', ...lines] = (await readFile(`${folder}/${file}`, 'utf8')).trim().split('\n');
      const select = lines.join('\n');
      const parameters = new Map([...select.matchAll(/\{(\w+):([^}]+)\}/g)].map(([, name = '', type = '']) => [name, type]));
      return { name: file.replace(/\.sql$/, ''), comment: first.replace(/^-- /, ''), select, parameters };
    }),
  );
};

/** Creates the views, or brings them to their newest text. The values given for their parameters are not looked at. */
export const ensurePointInTimeViews = async (warehouse: Warehouse): Promise<void> => {
  for (const { name, comment, select, parameters } of await pointInTimeViews()) {
    const unused = Object.fromEntries([...parameters.keys()].map((parameter) => [parameter, '2000-01-01']));
    await warehouse.command(`CREATE OR REPLACE VIEW ${name} COMMENT '${comment.replaceAll("'", "''")}' AS\n${select}`, unused);
  }
};
