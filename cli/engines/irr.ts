// `stratcap irr FILE|-`: the XIRR engine as a command, JSON text in and out.
import { z } from 'zod';
import { alignDecimals, type DecimalText, parseDecimalText } from '#domain/numbers/decimal-text.ts';
import { xirr, XIRR_NO_FLOWS } from '#domain/performance/xirr.ts';
import { runCases, toCaseError } from './json-cases.ts';
import { daySchema } from './waterfall-input.ts';

const AMOUNT = z
  .string({ error: 'give the amount as a decimal string such as "-1000.00"' })
  .transform((value, context): DecimalText => {
    const decimal = parseDecimalText(value);
    if (decimal !== null) return decimal;
    context.addIssue({ code: 'custom', message: 'not-a-decimal; give a decimal string such as "-1000.00"' });
    return z.NEVER;
  });

const SERIES = z.object({ flows: z.array(z.strictObject({ date: daySchema, amount: AMOUNT })).nullish() });

const runSeries = (input: unknown): object => {
  const checked = SERIES.safeParse(input);
  if (!checked.success) return toCaseError(checked.error, input);
  const { flows } = checked.data;
  // A common scale makes amounts of any number of decimals whole numbers; the rate does not depend on it.
  const { units } = alignDecimals((flows ?? []).map(({ amount }) => amount));
  const result =
    flows === null || flows === undefined
      ? XIRR_NO_FLOWS
      : xirr(flows.map(({ date }, index) => ({ epochDay: date, amount: units[index] ?? 0n })));
  const { rate, status, roots, periodRate } = result;
  return { rate, status, roots, ...(periodRate === null ? {} : { periodRate, annualised: false }) };
};

/**
 * `{ "cases": [{ "id", "flows": [{ date, amount }] }] }` gives `{ "cases": [{ "id", "rate", "status", "roots" }] }`; a bare `{
 * flows }` gives the bare result. `flows` null or missing is `no_flows`. A span under a year also has `periodRate`, flagged
 * `annualised: false`: the rate must then not be shown as a yearly one.
 */
export const runIrrCommand = (text: string): string => runCases(text, runSeries, runSeries);
