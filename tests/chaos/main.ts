// `npm run -s chaos -- --seed S --minutes M`: a chaos run from the command line. The last line of the output is the result as JSON; exit
// code 1 when anything was lost, duplicated or different, or the run could not be held.
import { parseArgs } from 'node:util';
import { bugNames, isBugName } from './bugs.ts';
import { isRight, runChaos } from './run.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '3' },
    brokers: { type: 'string', default: '1' },
    workers: { type: 'string', default: '3' },
    /** Only the small processors: no stores, no roles. */
    small: { type: 'boolean', default: false },
    bug: { type: 'string' },
    /** Folder for the outputs of all processes. */
    logs: { type: 'string' },
  },
});
const numberOf = (name: 'seed' | 'minutes' | 'workers'): number => {
  const value = Number(values[name]);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} is '${values[name]}'; give a number that is not negative`);
  return value;
};
if (values.brokers !== '1' && values.brokers !== '3') throw new Error(`--brokers is '${values.brokers}'; give 1 or 3`);
if (values.bug !== undefined && !isBugName(values.bug))
  throw new Error(`--bug is '${values.bug}'; give one of ${bugNames.join(', ')}`);

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
const result = await runChaos({
  seed: numberOf('seed'),
  minutes: numberOf('minutes'),
  workers: numberOf('workers'),
  brokers: values.brokers === '3' ? 3 : 1,
  product: !values.small && values.bug === undefined,
  ...(values.bug === undefined ? {} : { bug: values.bug, endAtFirst: true }),
  ...(values.logs === undefined ? {} : { logs: values.logs }),
  signal: interrupted.signal,
  say: (text) => process.stderr.write(`${text}\n`),
});
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(isRight(result) ? 0 : 1);
