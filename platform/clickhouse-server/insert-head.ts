// The head of an INSERT: everything before its rows. It is read by the grammar, not by searching, because what is not recognised
// as data would reach the engine inside the statement, and chdb runs the text behind a blank line in such data as SQL.
import { syntaxError } from './errors.ts';
import { depthChange, markIs, wordIs } from './tokenizer.ts';
import type { Token } from './tokenizer.ts';

/** An INSERT's target and, when its rows come as data, where they begin. */
export interface InsertParts {
  /** `INSERT INTO t (a, b)`, without SETTINGS and what follows. */
  readonly head: string;
  /** Text of the statement's own SETTINGS list, '' if none. */
  readonly settings: string;
  /** undefined for INSERT .. SELECT; then `rest` is the query. */
  readonly data: { readonly format: string; readonly offset: number } | undefined;
  /** Offset of the SELECT, WITH or parenthesis of INSERT .. SELECT. */
  readonly restOffset: number;
}

/**
 * Reads `INSERT INTO [TABLE] [db.]t [(columns)] [SETTINGS ..] FORMAT x | VALUES | SELECT ..`; appends what it reads to `tokens`.
 * @throws ServerError 62 for any other shape (INSERT INTO FUNCTION, FROM INFILE, PARTITION BY, WATCH)
 */
export function readInsertHead(text: string, tokens: Token[], source: Iterator<Token>): InsertParts {
  let current: Token | undefined;
  const advance = (): Token | undefined => {
    const next = source.next();
    current = next.done === true ? undefined : next.value;
    if (current !== undefined) tokens.push(current);
    return current;
  };
  const expected = (what: string): Error =>
    syntaxError(
      `in INSERT ${what} was expected ${current === undefined ? 'but the statement ends' : `at position ${String(current.start + 1)} (${current.text})`}`,
    );

  if (!wordIs(advance(), 'INTO')) throw expected('INTO');
  advance();
  if (wordIs(current, 'TABLE')) advance();
  if (wordIs(current, 'FUNCTION')) throw expected('a table');
  for (;;) {
    if (current?.kind !== 'word' && current?.kind !== 'quoted' && !markIs(current, '{')) throw expected('a table name');
    if (markIs(current, '{')) while (current !== undefined && !markIs(current, '}')) advance();
    if (!markIs(advance(), '.')) break;
    advance();
  }
  if (current !== undefined && markIs(current, '(') && !startsSubQuery(text, current)) {
    let depth = 1;
    while (depth > 0) {
      const token = advance();
      if (token === undefined) throw expected(')');
      depth += depthChange(token);
    }
    advance();
  }
  const headEnd = tokens[tokens.length - (current === undefined ? 1 : 2)]?.end ?? 0;
  let settings = '';
  if (wordIs(current, 'SETTINGS')) {
    const from = (current as Token).end;
    while (current !== undefined && !wordIs(current, 'FORMAT', 'VALUES', 'SELECT', 'WITH')) advance();
    settings = text.slice(from, current?.start ?? text.length).trim();
  }
  const base = { head: text.slice(0, headEnd), settings, restOffset: current?.start ?? text.length };
  if (wordIs(current, 'VALUES')) return { ...base, data: { format: 'Values', offset: (current as Token).end } };
  if (wordIs(current, 'FORMAT')) {
    const format = advance();
    if (format?.kind !== 'word') throw expected('a format name');
    return { ...base, data: { format: format.text, offset: dataOffset(text, format.end) } };
  }
  if (wordIs(current, 'SELECT', 'WITH') || markIs(current, '(')) return { ...base, data: undefined };
  throw expected('FORMAT, VALUES or SELECT');
}

/** Whether the parenthesis opens `(SELECT ..)` and not a list of columns. */
function startsSubQuery(text: string, parenthesis: Token): boolean {
  return /^[\s(]*(?:select|with)\s/i.test(text.slice(parenthesis.end, parenthesis.end + 200));
}

/** After FORMAT x the data begins behind blanks and at most one line break, as in ClickHouse's parser. */
function dataOffset(text: string, from: number): number {
  const blank = /[ \t\f]*\r?\n?/y;
  blank.lastIndex = from;
  const offset = from + (blank.exec(text)?.[0].length ?? 0);
  if (text.charAt(offset) === ';') throw syntaxError("You have excessive ';' symbol before data for INSERT");
  return offset;
}
