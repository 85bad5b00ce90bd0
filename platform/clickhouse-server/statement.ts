// Reads one statement into the parts that the server must know: is it an INSERT with data, where does the data begin, which
// format, which parameters it names. ClickHouse's own parser judges the statement afterwards (gate.ts, worker.ts).
import { readInsertHead } from './insert-head.ts';
import type { InsertParts } from './insert-head.ts';
import { syntaxError } from './errors.ts';
import { depthChange, LexicalError, markIs, tokensOf, wordIs } from './tokenizer.ts';
import type { Token } from './tokenizer.ts';

/** A statement without its data. */
export interface Statement {
  /** Without a closing semicolon; of an INSERT with data only what stands before the data. */
  readonly text: string;
  /** The tokens of `text`, offsets into it. */
  readonly tokens: readonly Token[];
  /** First word in capitals, or the first character if it is no word. */
  readonly verb: string;
  /** FORMAT clause of the statement itself (not of a sub-query), if any. */
  readonly format: string | undefined;
  /** Names of the `{name:Type}` parameters, each once. */
  readonly parameterNames: readonly string[];
  /** Set for every INSERT: its target and, when rows come as data, their format and offset. */
  readonly insert: InsertParts | undefined;
}

/**
 * Reads a statement. Of an INSERT with data only the head is read, so `text` may end anywhere in the data.
 * @throws ServerError 62 when it is empty or cannot be read
 */
export function readStatement(text: string): Statement {
  try {
    const source = tokensOf(text);
    const first = source.next();
    if (first.done === true || markIs(first.value, ';')) throw syntaxError('Empty query');
    const tokens: Token[] = [first.value];
    const insert = wordIs(first.value, 'INSERT') ? readInsertHead(text, tokens, source) : undefined;
    if (insert?.data === undefined) tokens.push(...source);
    while (tokens.length > 1 && markIs(tokens.at(-1), ';')) tokens.pop();
    return {
      text: text.slice(0, insert?.data?.offset ?? tokens.at(-1)?.end ?? 0),
      tokens,
      verb: first.value.kind === 'word' ? first.value.text.toUpperCase() : first.value.text,
      format: insert?.data?.format ?? tokens[formatIndex(tokens) + 1]?.text,
      parameterNames: parameterNames(tokens),
      insert,
    };
  } catch (error) {
    if (error instanceof LexicalError) throw syntaxError(error.message);
    throw error;
  }
}

/** Index of the FORMAT word of the statement itself, or -2: `FORMAT name` at depth 0, last or followed by SETTINGS. */
export function formatIndex(tokens: readonly Token[]): number {
  let depth = 0;
  let found = -2;
  for (const [index, token] of tokens.entries()) {
    depth += depthChange(token);
    const after = tokens[index + 2];
    const ends = after === undefined || (wordIs(after, 'SETTINGS') && markIs(tokens[index + 4], '='));
    if (depth === 0 && index > 0 && ends && wordIs(token, 'FORMAT') && tokens[index + 1]?.kind === 'word') found = index;
  }
  return found;
}

/** `{name:Type}`: a brace, a word, a colon. */
function parameterNames(tokens: readonly Token[]): readonly string[] {
  const names = tokens.flatMap((token, index) => {
    const name = tokens[index + 1];
    return markIs(token, '{') && name?.kind === 'word' && markIs(tokens[index + 2], ':') ? [name.text] : [];
  });
  return [...new Set(names)];
}
