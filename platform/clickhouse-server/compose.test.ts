import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeInsertFromFile, composeStatement, identifier, literal } from './compose.ts';
import { readStatement } from './statement.ts';
import { tokensOf } from './tokenizer.ts';

const SETTINGS = new Map([
  ['log_comment', 'r1'],
  ['max_threads', "1', readonly = '0"],
]);
const LIST = "log_comment = 'r1', max_threads = '1\\', readonly = \\'0'";

describe('format and settings go where the grammar has them', () => {
  it.each([
    ['SELECT 1', `SELECT 1\nFORMAT TSV SETTINGS ${LIST}`],
    ['SELECT 1 -- end', `SELECT 1\nFORMAT TSV SETTINGS ${LIST}`],
    ['SELECT 1;', `SELECT 1\nFORMAT TSV SETTINGS ${LIST}`],
    ['SELECT 1 FORMAT JSON', `SELECT 1 \nFORMAT JSON SETTINGS ${LIST}`],
    ['SELECT 1 FORMAT JSON SETTINGS a = 1', `SELECT 1 \nFORMAT JSON SETTINGS ${LIST}, a = 1`],
    ['SELECT 1 SETTINGS a = 1 FORMAT JSON', `SELECT 1 SETTINGS a = 1 \nFORMAT JSON SETTINGS ${LIST}`],
    ['CREATE VIEW v AS SELECT 1', `CREATE VIEW v AS SELECT 1\nFORMAT TSV SETTINGS ${LIST}`],
    ['DELETE FROM t WHERE 1', `DELETE FROM t WHERE 1\nSETTINGS ${LIST}`],
    ['SYSTEM WAIT VIEW v', 'SYSTEM WAIT VIEW v'],
    ['INSERT INTO t (a) SELECT 1', `INSERT INTO t (a) SETTINGS ${LIST} SELECT 1`],
    ['INSERT INTO t SETTINGS a = 1 SELECT 1 FORMAT Null', `INSERT INTO t SETTINGS ${LIST}, a = 1 SELECT 1 `],
  ])('%j', (sql, expected) => {
    expect(composeStatement(readStatement(sql), 'TSV', SETTINGS)).toBe(expected);
  });

  it('of an INSERT from its file', () => {
    expect(composeInsertFromFile(readStatement('INSERT INTO t (a) SETTINGS b = 2 FORMAT CSV\n1'), "/x/it's", SETTINGS)).toBe(
      `INSERT INTO t (a) FROM INFILE '/x/it\\'s' COMPRESSION 'none' SETTINGS ${LIST}, b = 2 FORMAT CSV`,
    );
  });

  it.each([
    'SELECT 1 +',
    'SELECT 1,',
    'SELECT 1 FROM',
    'SELECT 1 WHERE',
    'SELECT (1',
    'SELECT 1)',
    'SELECT 1 UNION',
    'SELECT a.',
  ])('a statement that breaks off is not completed by ours: %s', (sql) => {
    expect(() => composeStatement(readStatement(sql), 'TSV', SETTINGS)).toThrow(expect.objectContaining({ code: 62 }));
  });

  it.each(['SELECT 1 AS on', 'SELECT * FROM system.settings', 'SELECT *', 'SELECT [1]', "SELECT map('a', 1)"])(
    '%s is complete',
    (sql) => {
      expect(() => composeStatement(readStatement(sql), 'TSV', SETTINGS)).not.toThrow();
    },
  );
});

it('any value is one string token, and a name is quoted with its escapes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect([...tokensOf(literal(value))].map(({ kind }) => kind)).toEqual(['string']);
    }),
  );
  expect(identifier('a `b\\c')).toBe('`a \\`b\\\\c`');
});
