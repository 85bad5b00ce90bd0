// The gate in front of the engine: which statements a role may send at all. Two judges: this one, by tokens, before anything is
// spooled or run; and ClickHouse's own parser (its classifier, in worker.ts), which counts statements and knows their class.
// Grants (engine-files.ts) are the third line. The list of attacks that must fail is attacks.ts.
import {
  ANALYST_SYSTEM_TABLES,
  checkFormat,
  checkSettingName,
  ENGINES,
  isForbiddenCall,
  READ_VERBS,
  WRITE_VERBS,
} from './allowances.ts';
import { accessDenied, ServerError, syntaxError } from './errors.ts';
import type { Statement } from './statement.ts';
import { depthChange, LexicalError, markIs, tokensOf, wordIs } from './tokenizer.ts';
import type { Token } from './tokenizer.ts';

export type Role = 'ingest' | 'analyst';

/** What a statement may be. */
export interface Verdict {
  /** Only reads: it may be stopped half-way, and its result is an answer. */
  readonly isRead: boolean;
  /** What the engine's classifier may say: 0 read (or not parsable, then the engine says why), 1 write, 3 control (SYSTEM .. VIEW). */
  readonly classes: readonly number[];
}

/**
 * Judges a statement by its tokens.
 * @param options.readOnly true for GET and HEAD, which must not change anything
 * @throws ServerError 497 or 48, naming what was refused
 */
export function judgeStatement(statement: Statement, role: Role, options: { readonly readOnly: boolean }): Verdict {
  const { tokens, verb } = statement;
  const mayWrite = role === 'ingest' && !options.readOnly;
  refuseTokens(tokens);
  if (statement.format !== undefined) checkFormat(statement.format);
  for (const name of settingNames(tokens)) checkSettingName(name);
  if (role === 'analyst') refuseForeignSystemTables(tokens);
  if (READ_VERBS.has(verb)) return { isRead: true, classes: [0] };
  if (verb === 'SYSTEM' && mayWrite && isViewControl(tokens)) return { isRead: false, classes: [3] };
  if (WRITE_VERBS.has(verb)) {
    if (options.readOnly) throw new ServerError(164, 'READONLY', `${verb} needs POST: GET may only read`);
    if (!mayWrite) throw accessDenied(`Not enough privileges: this user may only read, and ${verb} was refused`);
    if (verb === 'CREATE') checkCreate(tokens);
    if (verb === 'ALTER') refuseAlter(tokens);
    // With mutations_sync in its SETTINGS a mutation counts as control.
    return { isRead: false, classes: ['ALTER', 'DELETE', 'UPDATE'].includes(verb) ? [0, 1, 3] : [0, 1] };
  }
  throw accessDenied(`${verb} is refused by this server; it takes reads, INSERT, tables and views`);
}

/**
 * Every parameter that the statement names must be given (the connection may still hold another caller's value), and no
 * parameter may name a system table for an analyst.
 * @throws ServerError 456 or 497
 */
export function judgeParameters(
  statement: Statement,
  parameters: ReadonlyMap<string, string>,
  database: string,
  role: Role,
): void {
  for (const name of statement.parameterNames)
    if (!parameters.has(name))
      throw new ServerError(456, 'UNKNOWN_QUERY_PARAMETER', `Substitution \`${name}\` is not set: give param_${name}`);
  if (role !== 'analyst') return;
  if (database.toLowerCase() === 'system')
    throw accessDenied('Not enough privileges for the database system: name its tables as system.tables');
  const identifiers = statement.tokens.flatMap((token, index) =>
    wordIs(token, 'IDENTIFIER') && markIs(statement.tokens[index - 1], ':') ? [statement.tokens[index - 2]?.text ?? ''] : [],
  );
  for (const name of identifiers)
    if (/^\W*system\b/i.test(parameters.get(name) ?? ''))
      throw accessDenied(`Not enough privileges: param_${name} names the database system`);
}

/**
 * VALUES may hold expressions, which the engine evaluates: they are judged like a statement.
 * @throws ServerError 497 or 62
 */
export function judgeValues(text: string): void {
  try {
    const tokens = [...tokensOf(text)];
    while (markIs(tokens.at(-1), ';')) tokens.pop();
    refuseTokens(tokens);
  } catch (error) {
    throw error instanceof LexicalError ? syntaxError(error.message) : error;
  }
}

/** For VALUES that are too many to be judged: plain values only. Both are needed, templates are evaluated expressions too. */
export const PLAIN_VALUES: readonly (readonly [string, string])[] = [
  ['input_format_values_interpret_expressions', '0'],
  ['input_format_values_deduce_templates_of_expressions', '0'],
];

function refuseTokens(tokens: readonly Token[]): void {
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (wordIs(token, 'INFILE', 'OUTFILE'))
      throw accessDenied(`${token.text.toUpperCase()} is refused: this server reads and writes no files for a caller`);
    if ((token.kind === 'word' || token.kind === 'quoted') && markIs(next, '(') && isForbiddenCall(token.text))
      throw accessDenied(`${token.text}() is refused: it reaches outside the database`);
    if (wordIs(token, 'FROM', 'JOIN') && next?.kind === 'string') throw accessDenied('a file as a table is refused');
    if (index > 0 && wordIs(token, 'INSERT') && (next?.kind === 'word' || next?.kind === 'quoted'))
      throw new ServerError(48, 'NOT_IMPLEMENTED', 'INSERT must be the first word of the statement');
    if (wordIs(token, 'PARALLEL') && wordIs(next, 'WITH'))
      throw new ServerError(48, 'NOT_IMPLEMENTED', 'PARALLEL WITH is refused: send one statement');
    if (markIs(token, ';'))
      throw new ServerError(
        62,
        'SYNTAX_ERROR',
        `Multi-statements are not allowed: end of query expected at position ${String(token.start + 1)}`,
      );
  }
}

/** The names in every SETTINGS list of the statement, sub-queries and CREATE TABLE included. */
export function settingNames(tokens: readonly Token[]): readonly string[] {
  const names: string[] = [];
  for (const [index, token] of tokens.entries()) {
    if (!wordIs(token, 'SETTINGS', 'SETTING')) continue;
    let depth = 0;
    for (let at = index + 1; at < tokens.length && depth >= 0; at += 1) {
      const current = tokens[at] as Token;
      depth += depthChange(current);
      const opens = at === index + 1 || markIs(tokens[at - 1], ',');
      if (depth === 0 && opens && markIs(tokens[at + 1], '=') && (current.kind === 'word' || current.kind === 'quoted'))
        names.push(current.text);
      else if (depth === 0 && opens) break;
    }
  }
  return names;
}

function refuseForeignSystemTables(tokens: readonly Token[]): void {
  for (const [index, token] of tokens.entries()) {
    const table = tokens[index + 2];
    const isSystem =
      (token.kind === 'word' || token.kind === 'quoted') &&
      token.text.toLowerCase() === 'system' &&
      markIs(tokens[index + 1], '.');
    if (isSystem && !ANALYST_SYSTEM_TABLES.has(table?.text ?? ''))
      throw accessDenied(`Not enough privileges to read system.${table?.text ?? ''}`);
    if (wordIs(tokens[index - 1], 'SHOW', 'FULL') && wordIs(token, 'PROCESSLIST'))
      throw accessDenied('Not enough privileges to read the list of processes');
  }
}

function checkCreate(tokens: readonly Token[]): void {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    depth += depthChange(token);
    if (
      index < 4 &&
      wordIs(token, 'DICTIONARY', 'FUNCTION', 'USER', 'ROLE', 'TEMPORARY', 'NAMED', 'QUOTA', 'WORKLOAD', 'RESOURCE', 'PROFILE')
    )
      throw accessDenied(`CREATE ${token.text.toUpperCase()} is refused by this server`);
    if (!wordIs(token, 'ENGINE')) continue;
    // `ENGINE = x` and `ENGINE x`; inside parentheses `engine x` is a column, and `SELECT engine FROM` or `AS` reads one.
    const assigned = markIs(tokens[index + 1], '=');
    const name = tokens[assigned ? index + 2 : index + 1];
    const isName = (name?.kind === 'word' && !wordIs(name, 'FROM', 'AS')) || name?.kind === 'quoted';
    if (isName && (assigned || depth === 0) && !ENGINES.test(name.text))
      throw accessDenied(`ENGINE ${name.text} is refused: use a MergeTree engine, Memory, Null or Atomic`);
  }
}

/** ALTER that moves data to or from other places. */
function refuseAlter(tokens: readonly Token[]): void {
  for (const token of tokens)
    if (wordIs(token, 'FETCH', 'FREEZE', 'UNFREEZE', 'MOVE', 'ATTACH'))
      throw accessDenied(`ALTER .. ${token.text.toUpperCase()} is refused by this server`);
}

/** `SYSTEM REFRESH|WAIT|START|STOP VIEW [db.]name`: a mart can be refreshed, and waited for, by who writes it. */
function isViewControl(tokens: readonly Token[]): boolean {
  const shape = tokens.map((token) => (token.kind === 'quoted' ? 'name' : token.kind === 'word' ? 'word' : token.text)).join(' ');
  return (
    wordIs(tokens[1], 'REFRESH', 'WAIT', 'START', 'STOP') &&
    wordIs(tokens[2], 'VIEW') &&
    /^word word word (?:word|name)(?: \. (?:word|name))?$/.test(shape)
  );
}
