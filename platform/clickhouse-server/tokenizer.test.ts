import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LexicalError, tokensOf } from './tokenizer.ts';

const texts = (sql: string): readonly string[] => [...tokensOf(sql)].map(({ text }) => text);

describe('a statement in tokens', () => {
  it.each([
    ['words, numbers, marks', 'SELECT a.b, 1.5e3 FROM t', ['SELECT', 'a', '.', 'b', ',', '1.5e3', 'FROM', 't']],
    ['strings with quotes and backslashes inside', "'it''s' 'a\\'b' 'x\\\\'", ["it''s", "a\\'b", 'x\\\\']],
    ['names in quotes', '"a b" `c``d`', ['a b', 'c``d']],
    ['hexadecimal and binary strings', "x'41' B'0101'", ['41', '0101']],
    ['comments to the end of the line', 'a -- b\n c // d\n e # f\n g #! h\n i', ['a', 'c', 'e', 'g', 'i']],
    ['block comments, which nest', "a /* b /* c */ ' */ d", ['a', 'd']],
    ['words with a dollar sign inside', 'a$b', ['a$b']],
    ['a comment mark inside a string', "'-- /*' b", ['-- /*', 'b']],
  ])('%s', (_, sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it('carries the place of each token', () => {
    const sql = "SELECT 'a' FROM t";
    for (const token of tokensOf(sql)) expect(sql.slice(token.start, token.end)).toContain(token.text);
  });
});

describe('what ClickHouse might read differently is refused', () => {
  it.each([
    "'open",
    '"open',
    '`open',
    '/* open',
    '/* /* */',
    "x'4\\'",
    "'\\'",
    '\u2018a\u2019',
    'a\u00a0b',
    '$a$ b $a$',
    '"a\\x62"',
    'a \0 b',
    'é',
    '#a',
    '\u2212',
  ])('%j', (sql) => {
    expect(() => texts(sql)).toThrow(LexicalError);
  });
});

it('any string literal is one token, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (content) => {
      const literal = `'${content.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
      const tokens = [...tokensOf(`a ${literal} b`)];
      expect(tokens.map(({ kind }) => kind)).toEqual(['word', 'string', 'word']);
    }),
  );
});

it('any text is either read to its end or refused, never read in part', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("'", '"', '`', '\\', '/', '*', '-', '\n', 'x', ';', ' ', '#', '!', '$', '1') }),
      (sql) => {
        try {
          const rest = [...tokensOf(sql)].reduce(
            (text, { start, end }) => text.slice(0, start) + ' '.repeat(end - start) + text.slice(end),
            sql,
          );
          // What is left are blanks and comments.
          expect(
            rest
              .replaceAll(/\/\*[^]*\*\//g, '')
              .replaceAll(/(?:--|\/\/|#!|# )[^\n]*/g, '')
              .trim(),
          ).toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(LexicalError);
        }
      },
    ),
  );
});
