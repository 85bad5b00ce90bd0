// Plans what a worker runs for a judged statement: the text, the format, whether the result is streamed, and the tag to kill it by.
import { randomBytes } from 'node:crypto';
import type { RequestOptions } from './address.ts';
import { composeInsertFromFile, composeStatement } from './compose.ts';
import { DATABASE } from './engine-files.ts';
import { judgeValues, PLAIN_VALUES } from './gate.ts';
import type { Verdict } from './gate.ts';
import type { Intake } from './intake.ts';
import type { Job } from './messages.ts';

/** Formats whose chunks may be joined as they come; others repeat a header in each chunk and are buffered. */
const STREAMED = new Set([
  'JSONEachRow',
  'JSONCompactEachRow',
  'JSONLines',
  'NDJSON',
  'TabSeparated',
  'TSV',
  'CSV',
  'Native',
  'RowBinary',
]);

/** @throws ServerError for VALUES that may not be evaluated, or a statement that breaks off */
export function planJob(intake: Intake<Verdict>, options: RequestOptions, resultBytesMax: number): Job {
  const { statement, dataFile, valuesText, verdict } = intake;
  const id = `r${randomBytes(12).toString('hex')}`;
  const settings = new Map([...options.settings, ['log_comment', id]]);
  if (valuesText !== undefined) judgeValues(valuesText);
  else if (dataFile !== undefined && statement.format?.toLowerCase() === 'values')
    for (const [name, value] of PLAIN_VALUES) settings.set(name, value);
  const format = statement.insert === undefined && verdict.isRead ? (statement.format ?? options.defaultFormat) : 'Null';
  const stream = !options.waitEnd && STREAMED.has(format) && (statement.verb === 'SELECT' || statement.verb === 'WITH');
  if (verdict.isRead && !stream && !settings.has('max_result_bytes')) settings.set('max_result_bytes', String(resultBytesMax));
  const sql =
    dataFile === undefined ? composeStatement(statement, format, settings) : composeInsertFromFile(statement, dataFile, settings);
  return {
    id,
    judged: statement.insert?.data === undefined ? sql : `${statement.insert.head} VALUES`,
    allowedClasses: verdict.classes,
    sql,
    format,
    database: options.database ?? DATABASE,
    parameters: new Map(statement.parameterNames.map((name) => [name, options.parameters.get(name) ?? ''])),
    stream,
    resultBytesMax,
  };
}
