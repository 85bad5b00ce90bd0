// What the engine commands have in common: JSON text with "cases" in, the same cases with results out; one case
// or one bare input gives one result.
import { z } from 'zod';

/** A named reason why a case has no result. */
export type CaseError = { readonly error: string; readonly field: string; readonly message: string };

const CASE_LIST = z.object({ cases: z.array(z.looseObject({ id: z.string() })) });

/** A value as an error message shows it, cut to a readable length. */
const shown = (value: unknown): string => {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    input,
  );

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  ) || 'input';

/** The first problem that zod found, as field, value and fix. */
export const toCaseError = (error: z.ZodError, input: unknown): CaseError => {
  const [issue] = error.issues;
  const path = issue?.path ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const unknown = pathText([...path, issue.keys[0] ?? '']);
    return {
      error: 'unknown-field',
      field: unknown,
      message: `${unknown} is not a field of this input; correct its spelling or remove it`,
    };
  }
  const field = pathText(path);
  return {
    error: 'invalid-input',
    field,
    message: `${field} is ${shown(valueAt(input, path))}: ${issue?.message ?? 'not as described'}`,
  };
};

const parseJson = (
  text: string,
): { readonly kind: 'ok'; readonly value: unknown } | { readonly kind: 'error'; readonly error: CaseError } => {
  try {
    return { kind: 'ok', value: JSON.parse(text) as unknown };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return {
      kind: 'error',
      error: { error: 'invalid-json', field: 'input', message: `the input is not JSON (${reason}); give one JSON object` },
    };
  }
};

/**
 * Runs each case, or the one bare input, and writes the answer as JSON text. A case that cannot be run has its error in place
 * of its result; the other cases are not touched by it.
 */
export const runCases = (
  text: string,
  runCase: (input: { readonly [key: string]: unknown }) => object,
  runBare: (input: unknown) => object,
): string => {
  const parsed = parseJson(text);
  const answer = (): object => {
    if (parsed.kind === 'error') return parsed.error;
    const list = CASE_LIST.safeParse(parsed.value);
    if (list.success) return { cases: list.data.cases.map((entry) => ({ id: entry.id, ...runCase(entry) })) };
    const has = (key: string): boolean => typeof parsed.value === 'object' && parsed.value !== null && key in parsed.value;
    if (has('cases')) return toCaseError(list.error, parsed.value);
    const single = z.looseObject({ id: z.string().optional(), inputs: z.unknown() }).safeParse(parsed.value);
    return single.success && has('inputs')
      ? { ...(single.data.id === undefined ? {} : { id: single.data.id }), ...runCase(single.data) }
      : runBare(parsed.value);
  };
  return `${JSON.stringify(answer(), null, 2)}\n`;
};
