// `stratcap waterfall FILE|-`: the waterfall engine as a command, JSON text in and out.
import { toWaterfallText } from '#domain/waterfall/result-text.ts';
import { runWaterfall } from '#domain/waterfall/run-waterfall.ts';
import { runCases, toCaseError } from './json-cases.ts';
import { waterfallInputsSchema } from './waterfall-input.ts';

const runInputs = (inputs: unknown): object => {
  const checked = waterfallInputsSchema.safeParse(inputs);
  if (!checked.success) return toCaseError(checked.error, inputs);
  const run = runWaterfall(checked.data.terms, checked.data.flows);
  return run.kind === 'error' ? { error: run.reason, field: run.field, message: run.message } : toWaterfallText(run.result);
};

/**
 * `{ "cases": [{ "id", "inputs": { contributions, distributions, valuations?, terms } }] }` gives `{ "cases": [{ "id", "result"
 * }] }`; a bare `inputs` object gives the bare result. A case that cannot be run has `error` (the named reason), `field` and
 * `message` instead of `result`.
 */
export const runWaterfallCommand = (text: string): string =>
  runCases(
    text,
    ({ inputs }) => {
      const result = runInputs(inputs);
      return 'error' in result ? result : { result };
    },
    runInputs,
  );
