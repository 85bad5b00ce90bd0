import { describe, expect, it } from 'vitest';
import { checkFormat, checkSettingName } from './allowances.ts';
import { judgeParameters, judgeStatement, judgeValues, settingNames } from './gate.ts';
import type { Role } from './gate.ts';
import { readStatement } from './statement.ts';
import { tokensOf } from './tokenizer.ts';

const judge = (sql: string, role: Role = 'ingest', readOnly = false): { readonly isRead: boolean } =>
  judgeStatement(readStatement(sql), role, { readOnly });

// Attacks are in attacks.ts and go to the running server; here is what must pass.
describe('ordinary statements pass', () => {
  it.each([
    'SELECT 1',
    'WITH 1 AS x SELECT x',
    '(SELECT 1) UNION ALL (SELECT 2)',
    'FROM t SELECT a',
    'EXPLAIN SELECT 1',
    'SHOW TABLES',
    'DESCRIBE TABLE t',
    'EXISTS TABLE t',
    "SELECT file, url, disk, eval FROM t WHERE file = 'file(1)' AND \"url\" IN ('s3(x)')",
    'SELECT engine FROM system.tables',
    'SELECT profile, role FROM t WHERE profile = 1',
    'SELECT * FROM t SETTINGS max_threads = 1, output_format_json_quote_decimals = 1',
    "SELECT replaceOne(s, 'INTO OUTFILE', '') FROM t -- INTO OUTFILE",
    "SELECT * FROM numbers(10) AS n JOIN values('a Int8', 1) AS v ON 1",
    "SELECT {'a': 1} AS m, [1, 2][1], (1, 2).1",
    'SELECT insert(s, 1, 2, x) FROM t',
  ])('reads for both users: %s', (sql) => {
    expect(judge(sql, 'analyst', true)).toMatchObject({ isRead: true });
    expect(judge(sql, 'ingest')).toMatchObject({ isRead: true });
  });

  it.each([
    'INSERT INTO t FORMAT JSONEachRow',
    'INSERT INTO t SELECT * FROM u',
    "CREATE TABLE t (a UInt64 COMMENT 'ENGINE = File', engine String) ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY a SETTINGS min_age_to_force_merge_seconds = 3600",
    'CREATE TABLE IF NOT EXISTS t (a Int8) ENGINE MergeTree ORDER BY a',
    'CREATE OR REPLACE VIEW v AS SELECT engine FROM system.tables',
    'CREATE MATERIALIZED VIEW m REFRESH EVERY 1 HOUR ENGINE = MergeTree ORDER BY a AS SELECT a FROM t FINAL',
    'CREATE DATABASE IF NOT EXISTS stratcap_x ENGINE = Atomic',
    'DROP TABLE IF EXISTS t SYNC',
    'ALTER TABLE t ADD COLUMN b String',
    'ALTER TABLE t DELETE WHERE a = 1 SETTINGS mutations_sync = 2',
    'OPTIMIZE TABLE t FINAL',
    'RENAME TABLE a TO b',
    'EXCHANGE TABLES a AND b',
    'TRUNCATE TABLE t',
    'DELETE FROM t WHERE a = 1',
    'SYSTEM REFRESH VIEW m',
    'SYSTEM WAIT VIEW db.`m`',
  ])('writes for the ingest user: %s', (sql) => {
    expect(judge(sql)).toMatchObject({ isRead: false });
    expect(() => judge(sql, 'analyst')).toThrow(expect.objectContaining({ code: 497 }));
    expect(() => judge(sql, 'ingest', true)).toThrow(
      expect.objectContaining({ code: expect.toSatisfy((code: number) => [164, 497].includes(code)) }),
    );
  });
});

it.each([
  'SYSTEM REFRESH VIEW m; SYSTEM SHUTDOWN',
  'SYSTEM REFRESH VIEW',
  'SYSTEM REFRESH VIEW a.b.c',
  'SYSTEM RESTART REPLICAS',
  "SYSTEM WAIT VIEW 'm'",
])('SYSTEM is taken in one form: not %s', (sql) => {
  expect(() => judge(sql)).toThrow(expect.objectContaining({ type: expect.stringMatching(/ACCESS_DENIED|SYNTAX_ERROR/) }));
});

it('the names of every SETTINGS list are found, in sub-queries and CREATE TABLE too', () => {
  expect(
    settingNames([
      ...tokensOf(
        "SELECT * FROM (SELECT 1 SETTINGS a = 1, `b` = [1, 2]) WHERE settings = 1 SETTINGS c = 'x', d = map('k', 1) FORMAT JSON SETTINGS e = 1",
      ),
    ]),
  ).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it.each([
  'profile',
  'Role',
  'readonly',
  'format_schema',
  'format_template_row',
  'storage_policy',
  'input_format_values_interpret_expressions',
  'async_insert',
  "x'; DROP",
  'a b',
  '',
])('the setting %j may not be given', (name) => {
  expect(() => checkSettingName(name)).toThrow(expect.objectContaining({ name: 'ServerError' }));
});

it.each(['Template', 'AvroConfluent', 'Protobuf', 'CapnProto', 'CustomSeparated', 'x'])(
  'the format %s, which reads files or calls services, is not offered',
  (format) => {
    expect(() => checkFormat(format)).toThrow(expect.objectContaining({ code: 73 }));
  },
);

it.each([
  'JSON',
  'JSONEachRow',
  'JSONCompactEachRowWithNamesAndTypes',
  'CSVWithNames',
  'TSV',
  'Native',
  'RowBinaryWithNamesAndTypes',
  'ArrowStream',
  'Parquet',
  'PrettyCompactMonoBlock',
  'Vertical',
  'Null',
])('the format %s is offered', (format) => {
  expect(() => checkFormat(format)).not.toThrow();
});

it('every parameter must be given, and none may name a system table for an analyst', () => {
  const statement = readStatement('SELECT {a:String} FROM {t:Identifier}');
  expect(() => judgeParameters(statement, new Map([['a', 'system']]), 'stratcap', 'ingest')).toThrow(
    /`t` is not set: give param_t/,
  );
  expect(() =>
    judgeParameters(
      statement,
      new Map([
        ['a', 'system'],
        ['t', 'funds'],
      ]),
      'stratcap',
      'analyst',
    ),
  ).not.toThrow();
  for (const table of ['system.processes', '`system`.processes', 'System'])
    expect(() =>
      judgeParameters(
        statement,
        new Map([
          ['a', 'x'],
          ['t', table],
        ]),
        'stratcap',
        'analyst',
      ),
    ).toThrow(expect.objectContaining({ code: 497 }));
  expect(() => judgeParameters(readStatement('SELECT 1'), new Map(), 'system', 'analyst')).toThrow(
    expect.objectContaining({ code: 497 }),
  );
});

it('VALUES may hold expressions but none that reaches outside', () => {
  expect(() => judgeValues(" (1, now(), 'file(x); DROP'), (2, toDate('2024-01-01'), upper('x'));")).not.toThrow();
  for (const rows of ["(file('/etc/passwd'))", "(1, `file` ('x'))", '(1); DROP TABLE t', "('open", '(\u2018a\u2019)'])
    expect(() => judgeValues(rows)).toThrow(expect.objectContaining({ name: 'ServerError' }));
});
