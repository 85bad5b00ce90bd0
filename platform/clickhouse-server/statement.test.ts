import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStatement } from './statement.ts';

describe('an INSERT is cut where its rows begin', () => {
  it.each([
    ['INSERT INTO t FORMAT JSONEachRow\n{"a":1}', 'INSERT INTO t', 'JSONEachRow', '{"a":1}'],
    ['insert into t format TSV', 'insert into t', 'TSV', ''],
    ['INSERT INTO t FORMAT TSV\n\n\n;DROP TABLE t', 'INSERT INTO t', 'TSV', '\n\n;DROP TABLE t'],
    ['INSERT INTO t FORMAT TSV \t\r\n1', 'INSERT INTO t', 'TSV', '1'],
    ['INSERT INTO TABLE db.t (a, `b c`, "d") VALUES (1, 2, 3)', 'INSERT INTO TABLE db.t (a, `b c`, "d")', 'Values', ' (1, 2, 3)'],
    [
      "INSERT INTO t SETTINGS insert_deduplication_token = 'FORMAT TSV', max_threads = 1 FORMAT CSV\n1",
      'INSERT INTO t',
      'CSV',
      '1',
    ],
    ['INSERT INTO `values` (`format`) FORMAT CSV\n1', 'INSERT INTO `values` (`format`)', 'CSV', '1'],
    ['INSERT INTO t (* EXCEPT (b)) FORMAT CSV\n1', 'INSERT INTO t (* EXCEPT (b))', 'CSV', '1'],
    ['/* FORMAT TSV */ INSERT INTO t -- VALUES\n FORMAT CSV\n1', '/* FORMAT TSV */ INSERT INTO t', 'CSV', '1'],
    ["INSERT INTO t VALUES ('x');", 'INSERT INTO t', 'Values', " ('x');"],
    ['INSERT INTO {table:Identifier} FORMAT CSV\n1', 'INSERT INTO {table:Identifier}', 'CSV', '1'],
  ])('%j', (sql, head, format, data) => {
    const { insert } = readStatement(sql);
    expect({ head: insert?.head, format: insert?.data?.format, data: sql.slice(insert?.data?.offset) }).toEqual({
      head,
      format,
      data,
    });
  });

  it('and its own settings are kept apart', () => {
    expect(readStatement('INSERT INTO t (a) SETTINGS max_threads = 1, x = 2 FORMAT CSV\n1').insert).toMatchObject({
      head: 'INSERT INTO t (a)',
      settings: 'max_threads = 1, x = 2',
    });
  });

  it('whatever bytes the rows are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const rows = Buffer.from(bytes).toString('latin1');
        fc.pre(!rows.startsWith(';'));
        const sql = `INSERT INTO t FORMAT RowBinary\n${rows}`;
        expect(sql.slice(readStatement(sql).insert?.data?.offset)).toBe(rows);
      }),
    );
  });

  it.each([
    'INSERT INTO t SELECT 1',
    'INSERT INTO t (a) WITH 1 AS x SELECT x',
    'INSERT INTO t (SELECT 1)',
    'INSERT INTO t SETTINGS max_threads = 1 SELECT 1',
  ])('but %j has none', (sql) => {
    expect(readStatement(sql).insert).toMatchObject({ data: undefined });
  });

  it.each([
    'INSERT INTO FUNCTION file(1) SELECT 1',
    'INSERT INTO TABLE FUNCTION file(1) SELECT 1',
    "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
    'INSERT t VALUES (1)',
    'INSERT INTO',
    'INSERT INTO t',
    'INSERT INTO t (a',
    'INSERT INTO t FORMAT',
    'INSERT INTO t WATCH x',
    'INSERT INTO t PARTITION BY a FORMAT CSV',
    'INSERT INTO t FORMAT TSV;',
  ])('%j is refused', (sql) => {
    expect(() => readStatement(sql)).toThrow(expect.objectContaining({ code: 62 }));
  });
});

describe('any other statement is read whole', () => {
  it.each([
    ['SELECT 1 FORMAT JSON', 'JSON'],
    ['SELECT 1 FORMAT JSON;', 'JSON'],
    ['SELECT 1 FORMAT JSON SETTINGS a = 1', 'JSON'],
    ['SELECT 1 SETTINGS a = 1 FORMAT JSON -- x', 'JSON'],
    ['SELECT (SELECT 1 FORMAT XML)', undefined],
    ["SELECT 'FORMAT XML'", undefined],
    ['SELECT format FROM t', undefined],
  ])('%j has the format %s', (sql, format) => {
    expect(readStatement(sql).format).toBe(format);
  });

  it('without its closing semicolon and what stands around it', () => {
    expect(readStatement(' SELECT 1 ; ; -- end').text).toBe(' SELECT 1');
  });

  it('with its first word and its parameters', () => {
    expect(readStatement("with {a:UInt8} as x select x, {b_2:Array(String)}, {a:UInt8}, '{c:String}', {'d': 1}")).toMatchObject({
      verb: 'WITH',
      parameterNames: ['a', 'b_2'],
    });
  });

  it.each(['', '  ', '-- nothing', ';', '/* */;'])('%j is empty', (sql) => {
    expect(() => readStatement(sql)).toThrow('Empty query');
  });
});
