// Writes the statement that the engine runs: the caller's text with our format, settings and tag in the places where the grammar
// has them. Values are always quoted literals.
import { syntaxError } from './errors.ts';
import type { Statement } from './statement.ts';
import { formatIndex } from './statement.ts';
import { depthChange, markIs, wordIs } from './tokenizer.ts';

/** Settings by name; the values as text. */
export type Settings = ReadonlyMap<string, string>;

/** A value as a literal of ClickHouse. */
export function literal(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`;
}

/** A name as a quoted identifier. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

function settingsList(settings: Settings, own: string): string {
  const list = [...settings].map(([name, value]) => `${name} = ${literal(value)}`);
  // The statement's own settings stand last: they win over those of the address, as in ClickHouse.
  return [...list, ...(own === '' ? [] : [own])].join(', ');
}

/** `INSERT INTO t (..) FROM INFILE '<file>' .. FORMAT x`: the rows come from the spooled file. */
export function composeInsertFromFile(statement: Statement, file: string, settings: Settings): string {
  const { insert } = statement;
  if (insert?.data === undefined) throw new Error('composeInsertFromFile needs an INSERT with data');
  return `${insert.head} FROM INFILE ${literal(file)} COMPRESSION 'none' SETTINGS ${settingsList(settings, insert.settings)} FORMAT ${insert.data.format}`;
}

/** Any other statement; `format` is used when the statement names none. */
export function composeStatement(statement: Statement, format: string, settings: Settings): string {
  const { tokens, text, verb, insert } = statement;
  if (verb === 'SYSTEM') return text;
  refuseUnfinished(statement);
  const at = formatIndex(tokens);
  const formatToken = tokens[at];
  if (insert !== undefined) {
    const end = formatToken?.start ?? text.length;
    return `${insert.head} SETTINGS ${settingsList(settings, insert.settings)} ${text.slice(insert.restOffset, end)}`;
  }
  if (verb === 'DELETE' || verb === 'UPDATE') return `${text}\nSETTINGS ${settingsList(settings, '')}`;
  if (formatToken === undefined) return `${text}\nFORMAT ${format} SETTINGS ${settingsList(settings, '')}`;
  const own = tokens[at + 3];
  return `${text.slice(0, formatToken.start)}\nFORMAT ${tokens[at + 1]?.text ?? format} SETTINGS ${settingsList(settings, own === undefined ? '' : text.slice(own.start))}`;
}

/** A statement that breaks off would take what is written behind it for its own; it is refused where it ends. */
function refuseUnfinished({ tokens }: Statement): void {
  const [before, last] = tokens.slice(-2);
  if (last === undefined || before === undefined) return;
  const isName = wordIs(before, 'AS') || markIs(before, '.');
  const byMark = last.kind === 'other' && !')]}*'.includes(last.text);
  const byWord =
    !isName &&
    wordIs(
      last,
      'SELECT',
      'FROM',
      'WHERE',
      'PREWHERE',
      'AND',
      'OR',
      'NOT',
      'BY',
      'JOIN',
      'ON',
      'IN',
      'LIKE',
      'LIMIT',
      'OFFSET',
      'HAVING',
      'UNION',
      'BETWEEN',
      'USING',
      'AS',
      'IS',
    );
  const open = tokens.reduce((depth, token) => depth + depthChange(token), 0);
  if (byMark || byWord || open !== 0)
    throw syntaxError(
      `Syntax error: failed at position ${String(last.end + 1)} (end of query)${open > 0 ? ': a parenthesis is not closed' : ''}`,
    );
}
