// Splits a statement into tokens exactly as ClickHouse's lexer does, so that the gate never takes text inside a string, a comment
// or a quoted name for SQL, nor the other way round. Where the lexer has exotic spellings (heredocs, typographic quotes, other
// Unicode outside quotes) this one refuses instead of following: a difference between the two would be a hole in the gate.

/** word: bare identifier or keyword; quoted: "name" or `name`; string: 'text'; other: one character. */
export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'other';

/** `start` and `end` are offsets into the text; `text` of quoted names and strings is without the quotes, escapes left as written. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The text cannot be read from `offset` on: something is not closed, or is spelled in a way that this server refuses. */
export class LexicalError extends Error {
  readonly offset: number;
  constructor(offset: number, what: string) {
    super(`Syntax error: failed at position ${offset + 1}: ${what}`);
    this.name = 'LexicalError';
    this.offset = offset;
  }
}

const SPACE = /[ \t\n\r\f\v]+/y;
const WORD = /[A-Za-z_][\w$]*/y;
const NUMBER = /\d[\w]*(?:\.\d[\w]*)?/y;
const PREFIXED = /[xXbB]'[\da-fA-F]*'/y;
const SINGLE = /'(?:[^'\\]|\\[\s\S]|'')*'/y;
const DOUBLE = /"(?:[^"\\]|\\[\s\S]|"")*"/y;
const BACKTICK = /`(?:[^`\\]|\\[\s\S]|``)*`/y;
const PUNCTUATION = /[!%&()*+,\-./:;<=>?@[\]^{|}~]/y;

/**
 * The tokens of `text` from `from` on. A generator, so that the head of an INSERT is read without touching the data behind it.
 * @throws LexicalError
 */
export function* tokensOf(text: string, from = 0): Generator<Token> {
  let at = skipBlank(text, from);
  while (at < text.length) {
    const token = readToken(text, at);
    yield token;
    at = skipBlank(text, token.end);
  }
}

/** Whether a token is this bare word, in any case. */
export function wordIs(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toUpperCase());
}

/** Whether a token is this punctuation mark. */
export function markIs(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'other' && token.text === mark;
}

/** How a token changes the depth of parentheses, brackets and braces. */
export function depthChange(token: Token): -1 | 0 | 1 {
  if (token.kind !== 'other') return 0;
  if ('([{'.includes(token.text)) return 1;
  return ')]}'.includes(token.text) ? -1 : 0;
}

/** The offset of the first character at or after `from` that is neither white space nor part of a comment. */
function skipBlank(text: string, from: number): number {
  let at = from;
  for (;;) {
    const space = matchAt(SPACE, text, at);
    if (space !== undefined) at += space.length;
    else if (['--', '//', '#!', '# '].some((mark) => text.startsWith(mark, at))) at = endOfLine(text, at);
    else if (text.startsWith('/*', at)) at = endOfBlockComment(text, at);
    else return at;
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** Block comments nest in ClickHouse. */
function endOfBlockComment(text: string, from: number): number {
  let depth = 1;
  let at = from + 2;
  while (depth > 0) {
    if (at >= text.length) throw new LexicalError(from, 'this comment is not closed');
    if (text.startsWith('/*', at)) {
      depth += 1;
      at += 2;
    } else if (text.startsWith('*/', at)) {
      depth -= 1;
      at += 2;
    } else at += 1;
  }
  return at;
}

function readToken(text: string, at: number): Token {
  const token = (kind: TokenKind, raw: string, value = raw): Token => ({ kind, text: value, start: at, end: at + raw.length });
  const prefixed = matchAt(PREFIXED, text, at);
  if (prefixed !== undefined) return token('string', prefixed, prefixed.slice(2, -1));
  const word = matchAt(WORD, text, at);
  if (word !== undefined) {
    // x'..' with anything but hexadecimal digits ends elsewhere for ClickHouse's lexer than a plain string would.
    if (/^[xXbB]$/.test(word) && text.charAt(at + 1) === "'")
      throw new LexicalError(at, "only hexadecimal digits may stand in x'..' and b'..'");
    return token('word', word);
  }
  const number = matchAt(NUMBER, text, at);
  if (number !== undefined) return token('number', number);
  const string = matchAt(SINGLE, text, at);
  if (string !== undefined) return token('string', string, string.slice(1, -1));
  const name = matchAt(DOUBLE, text, at) ?? matchAt(BACKTICK, text, at);
  if (name !== undefined) {
    if (name.includes('\\'))
      throw new LexicalError(at, 'escapes in quoted names are refused: write the name without a backslash');
    return token('quoted', name, name.slice(1, -1));
  }
  const mark = matchAt(PUNCTUATION, text, at);
  if (mark !== undefined) return token('other', mark);
  const first = text.charAt(at);
  if ('\'"`'.includes(first)) throw new LexicalError(at, 'this quote is not closed');
  throw new LexicalError(at, `the character ${JSON.stringify(first)} is refused outside quotes`);
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
