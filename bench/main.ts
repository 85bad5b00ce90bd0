// `npm run -s bench -- NAME [--json]`: measurements of the product as its users run it. Progress goes to stderr; the last line of
// stdout is the report as JSON when asked for.
import { Command, Option } from '@commander-js/extra-typings';
import { measureCodec } from './codec.ts';
import { measureDomain } from './domain/engines.ts';
import { measureGenerated } from './generated.ts';
import { measureImport } from './import.ts';
import { measureLatency } from './latency.ts';
import { growthParts, measureGrowth } from './processors/growth.ts';
import { measureProcessors } from './processors/measure.ts';
import { measureSoak } from './processors/soak.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const number = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${JSON.stringify(text)} is not a whole number above 0`);
  return value;
};
const print = (report: object, json: boolean | undefined): void =>
  void process.stdout.write(`${JSON.stringify(report, null, json === true ? 0 : 2)}\n`);

const program = new Command('bench').description('Measurements of StratCap.').showHelpAfterError();

program
  .command('import')
  .description('generated commitments through `stratcap import` into both stores: rate, memory and processor of each process')
  .addOption(new Option('--rows <n>', 'rows of the file').default(100_000).argParser(number))
  .addOption(new Option('--seed <n>', 'seed of the file').default(1).argParser(number))
  .option('--balances', 'rows with called, distributed and remaining amounts: an opening balance each, two bookings a row')
  .option('--json', 'one line of JSON')
  .action(async ({ rows, seed, balances, json }) =>
    print(await measureImport({ rows, seed, balances: balances ?? false, say }), json),
  );

program
  .command('latency')
  .description('bookings by the clock beside a running import: to the outcome, to both stores and to an open page')
  .addOption(new Option('--bookings <n>', 'how many').default(200).argParser(number))
  .addOption(new Option('--per-second <n>', 'how many a second').default(20).argParser(number))
  .addOption(new Option('--seed <n>', 'seed of the files').default(1).argParser(number))
  .option('--alone', 'without an import beside')
  .option('--json', 'one line of JSON')
  .action(async ({ bookings, perSecond, seed, alone, json }) =>
    print(await measureLatency({ bookings, perSecond, seed, beside: alone !== true, say }), json),
  );

program
  .command('domain')
  .description(
    'XIRR beside pyxirr, waterfalls, and a valuation back-dated ten years in a fund of 500 investors while others book',
  )
  .addOption(new Option('--seed <text>', 'seed of the series').default('1'))
  .option('--without-stack', 'only the engines')
  .option('--json', 'one line of JSON')
  .action(async ({ seed, withoutStack, json }) =>
    print(await measureDomain({ seed, withoutStack: withoutStack ?? false, say }), json),
  );

program
  .command('generated')
  .description('generated fund lives through the whole pipeline, then verify')
  .addOption(new Option('--funds <n>', 'how many').default(1_000).argParser(number))
  .addOption(new Option('--investors <n>', 'of an ordinary fund').default(6).argParser(number))
  .addOption(new Option('--years <n>', 'of a life').default(10).argParser(number))
  .addOption(new Option('--seed <text>', 'seed of the funds').default('1'))
  .option('--json', 'one line of JSON')
  .action(async ({ funds, investors, years, seed, json }) =>
    print(await measureGenerated({ funds, investors, years, seed, say }), json),
  );

program
  .command('codec')
  .description('decoding, projection and encoding of events in nanoseconds, beside avsc')
  .addOption(new Option('--messages <n>', 'different messages of each kind').default(4_000).argParser(number))
  .addOption(new Option('--rounds <n>', 'rounds, of which the quickest counts').default(60).argParser(number))
  .addOption(new Option('--seed <n>', 'seed of the messages').default(1).argParser(number))
  .option('--json', 'one line of JSON')
  .action(({ messages, rounds, seed, json }) => print(measureCodec({ messages, rounds, seed, say }), json));

program
  .command('processors')
  .description(
    'the runtime and Kafka Streams at the same job on the same broker: throughput, processor, memory, restore, latency',
  )
  .addOption(new Option('--events <n>', 'events on the log').default(1_000_000).argParser(number))
  .addOption(new Option('--keys <n>', 'holdings').default(10_000).argParser(number))
  .addOption(new Option('--runs <n>', 'how often each is measured, in turn').default(3).argParser(number))
  .addOption(new Option('--seed <n>', 'seed of the events').default(1).argParser(number))
  .option('--no-latency', 'leave the latency at 2,000 events a second out')
  .option('--json', 'one line of JSON')
  .action(async ({ events, keys, runs, seed, latency, json }) =>
    print(await measureProcessors({ events, keys, runs, seed, latency, say }), json),
  );

program
  .command('growth')
  .description('the runtime as log and keys grow, with more workers, and beside one very large fund')
  .addOption(
    new Option('--sizes <list>', 'events and keys of each step')
      .default([10_000, 100_000, 1_000_000], '10000,100000,1000000')
      .argParser((text) => text.split(',').map(number)),
  )
  .addOption(
    new Option('--parts <list>', `of ${growthParts.join(', ')}`)
      .default(growthParts, 'all')
      .argParser((text) => growthParts.filter((part) => text.split(',').includes(part))),
  )
  .addOption(new Option('--seed <n>', 'seed of the events').default(1).argParser(number))
  .option('--json', 'one line of JSON')
  .action(async ({ sizes, parts, seed, json }) => print(await measureGrowth({ sizes, parts, seed, say }), json));

program
  .command('soak')
  .description('minutes at half of what the processor can do: memory, open files, event loop')
  .addOption(new Option('--minutes <n>', 'how long').default(10).argParser(number))
  .addOption(new Option('--per-second <n>', 'events a second instead of half of what it reaches').argParser(number))
  .addOption(new Option('--keys <n>', 'holdings').default(10_000).argParser(number))
  .addOption(new Option('--seed <n>', 'seed of the events').default(1).argParser(number))
  .option('--json', 'one line of JSON')
  .action(async ({ minutes, perSecond, keys, seed, json }) =>
    print(await measureSoak({ minutes, perSecond: perSecond ?? null, keys, seed, say }), json),
  );

await program.parseAsync(process.argv);
process.exit(0);
