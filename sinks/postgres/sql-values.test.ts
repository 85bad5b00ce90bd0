// How values are written as text: to the last digit, and so that no text can pass for another value.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealed } from '#tests/support/cards.ts';
import { sqlArray, sqlAuditText, sqlInstant, sqlJson, sqlJsonArray, sqlJsonText, sqlMoney, sqlTextArray } from './sql-values.ts';

/** Reads an array literal by the rules of Postgres: elements are quoted or not, a backslash takes the next character as it is. */
const readLiteral = (literal: string): readonly (string | null)[] =>
  [...literal.slice(1, -1).matchAll(/(?:"((?:[^"\\]|\\.)*)"|([^,]+))(?:,|$)/gs)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain === 'NULL' ? null : String(plain)) : quoted.replace(/\\(.)/gs, '$1'),
  );

describe('a value for Postgres', () => {
  it('keeps every text of an array as it is, whatever quotes, commas, braces or words for null are in it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.option(fc.string({ unit: fc.constantFrom('"', '\\', ',', '{', '}', 'N', 'a', ' ', '\n', 'é') }), { nil: null }),
          { minLength: 1 },
        ),
        (texts) => {
          expect(readLiteral(sqlArray(texts, false))).toEqual(texts);
        },
      ),
    );
    expect(readLiteral(sqlArray(['NULL', null], false))).toEqual(['NULL', null]);
    expect(sqlTextArray([])).toBe('{}');
    expect(sqlArray([1, null, true], true)).toBe('{1,NULL,true}');
    expect(sqlArray([Buffer.from([0, 255])], false)).toBe('{"\\\\x00ff"}');
  });

  it('writes money with its cents and instants with their microseconds', () => {
    expect(sqlMoney(-5n)).toBe('-0.05');
    expect(sqlMoney(null)).toBeNull();
    expect(sqlInstant(1_772_000_000_123_456)).toBe('2026-02-25T06:13:20.123456Z');
    expect(sqlInstant(1_772_000_000_000_007)).toBe('2026-02-25T06:13:20.000007Z');
    expect(sqlInstant(-1)).toBe('1969-12-31T23:59:59.999999Z');
  });

  it('shows amounts as decimal strings and sealed fields as their mask in JSON, and nothing of the seal', () => {
    expect(sqlJson({ amount: 12_345n, tax_id: sealed('***1'), list: [{ amount: 1n }], none: null })).toBe(
      '{"amount":"123.45","tax_id":"***1","list":[{"amount":"0.01"}],"none":null}',
    );
    expect(sqlAuditText(sealed('***1'))).toBe('***1');
    expect([sqlAuditText(100n), sqlAuditText(true), sqlAuditText([]), sqlAuditText(['a']), sqlAuditText(null)]).toEqual([
      '1.00',
      'true',
      null,
      '["a"]',
      null,
    ]);
  });

  it('passes JSON of an event to the letter, and refuses text that is no single document and could pass for two', () => {
    expect(sqlJsonText('{"rate": 0.12345678901234567890}', 'term_value')).toBe('{"rate": 0.12345678901234567890}');
    expect(sqlJsonArray(['{"a":1}', null])).toBe('[{"a":1},null]');
    expect(() => sqlJsonText('{"a":1},{"b":2}', 'term_value of term 7')).toThrow('term_value of term 7 is not JSON');
  });
});
