// `stratcap allocate FILE|-`: the allocation engine as a command, JSON text in and out.
import { z } from 'zod';
import { allocateList, type AllocationError } from '#domain/allocation/allocate.ts';
import { formatMoney } from '#domain/money/money.ts';
import { alignDecimals, type DecimalText, parseDecimalText } from '#domain/numbers/decimal-text.ts';
import { runCases, toCaseError } from './json-cases.ts';
import { moneySchema } from './waterfall-input.ts';

const WEIGHT = z.string({ error: 'give the weight as a decimal string such as "1"' }).transform((value, context): DecimalText => {
  const decimal = parseDecimalText(value);
  if (decimal !== null) return decimal;
  context.addIssue({ code: 'custom', message: 'not-a-decimal; give a decimal string such as "1"' });
  return z.NEVER;
});

const INPUTS = z.strictObject({ total: moneySchema, weights: z.array(WEIGHT) });

const FIXES: { readonly [reason in AllocationError]: { readonly field: string; readonly message: string } } = {
  'negative-total': { field: 'total', message: 'total is negative; allocate its size and book the shares the other way round' },
  'negative-weight': { field: 'weights', message: 'weights has a negative entry; give weights of 0 or more' },
  'no-weight': { field: 'weights', message: 'weights has no entry above 0, so nobody can bear the total; give at least one' },
};

const runInputs = (inputs: unknown): object => {
  const checked = INPUTS.safeParse(inputs);
  if (!checked.success) return toCaseError(checked.error, inputs);
  const allocation = allocateList(checked.data.total, alignDecimals(checked.data.weights).units);
  return allocation.kind === 'error'
    ? { error: allocation.reason, ...FIXES[allocation.reason] }
    : { shares: allocation.minor.map(formatMoney) };
};

/**
 * `{ "cases": [{ "id", "inputs": { total, weights } }] }` gives `{ "cases": [{ "id", "shares" }] }`; a bare `{ total, weights
 * }` gives the bare shares. Spare cents go to the largest remainder, ties to the earlier weight.
 */
export const runAllocateCommand = (text: string): string => runCases(text, ({ inputs }) => runInputs(inputs), runInputs);
