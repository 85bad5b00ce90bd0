// `npm run -s stratcap -- COMMAND`: the commands, each with --help, --json where a program may read it, and exit codes.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseLocalDate } from '#domain/dates/local-date.ts';
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { dataFolderOf, readEnvironment } from '#platform/config/config.ts';
import { ensureReleased, restoreRegistry } from '#schemas/registry/ensure.ts';
import { clockText, runClockAdvance } from './commands/clock.ts';
import { generateText, runGenerate } from './commands/generate.ts';
import { importText, runImport, shippedMapping } from './commands/import.ts';
import { rebuildText, runRebuild } from './commands/rebuild.ts';
import { sendCommand } from './commands/send.ts';
import { readStatus, statusText } from './commands/status.ts';
import { listTopics, topicsText } from './commands/topics.ts';
import { runVerify, verifyText } from './commands/verify.ts';
import { withContext } from './context.ts';
import { readStackFile } from './control.ts';
import { runAllocateCommand } from './engines/allocate.ts';
import { runIrrCommand } from './engines/irr.ts';
import { runWaterfallCommand } from './engines/waterfall.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import { addOperating } from './operating.ts';
import { createReporter } from './reporter.ts';
import { isRoleName, roleNames, usualRoles, type RoleName } from './role-names.ts';
import { up } from './up.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const say = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};
const sayNothingMore = (): void => {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
};
const json = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint'
      ? inner.toString()
      : inner instanceof Map
        ? Object.fromEntries(inner as Map<string, unknown>)
        : inner,
  );
const readInput = (file: string): string => {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw new CommandFailure(
      `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      exitCodes.usage,
      { cause },
    );
  }
};
const parseRoles = (text: string): readonly RoleName[] =>
  (text === 'none' ? [] : text.split(',')).map((name) => {
    if (isRoleName(name)) return name;
    throw new InvalidArgumentError(`There is no role ${JSON.stringify(name)}. Roles: ${roleNames.join(', ')}.`);
  });
const exitHelp =
  '\nExit codes: 0 done; 1 the answer is no (differences, rejections); 2 called wrongly or unreadable input; 3 the stack or an engine is not there.';

// Before the commands are added: they inherit it, and a wrong call then ends here with its own exit code.
const program = new Command('stratcap')
  .exitOverride()
  .description('StratCap: the data platform of a private-fund administrator.')
  .addHelpText('after', exitHelp)
  .showHelpAfterError('(stratcap --help lists the commands)');
let exitCode: number = exitCodes.ok;
const wholeNumber = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number above zero.');
  return Number(text);
};

program
  .command('up')
  .description('start the whole system on this machine and keep it running until Ctrl-C')
  .option('--free-ports', 'free ports instead of the default ones, for a second stack')
  .option('--no-import', 'leave the shipped positions out on the first start')
  .addOption(
    new Option('--roles <names>', `the roles to start, separated by commas, or none; of ${roleNames.join(', ')}`)
      .default(usualRoles(readEnvironment()), 'all but holdings, and alerts only with a webhook')
      .argParser(parseRoles),
  )
  .action(async (options) => {
    exitCode = await up({
      freePorts: options.freePorts ?? false,
      importPositions: options.import && options.roles.includes('api'),
      roles: options.roles,
    });
  });

program
  .command('import')
  .description('book the positions of a CSV or JSON lines file; the same file again books nothing twice')
  .argument('<file>', 'the file')
  .option('--mapping <file>', 'which column is what, as JSON; the mapping of the shipped file unless given', shippedMapping)
  .option('--dry-run', 'read and check everything, book nothing; needs no running stack')
  .option('--rejects <file>', 'where rejected rows go, with their reasons; beside the file unless given')
  .option('--json', 'one line of JSON')
  .action(async (file, { mapping, dryRun, rejects, json: asJson }) => {
    const options = { file, mapping, dryRun: dryRun ?? false, ...(rejects === undefined ? {} : { rejects }) };
    const reporter = createReporter(process.stderr);
    const summary = options.dryRun
      ? await runImport(null, options, reporter)
      : await withContext('import', async (context) => await runImport(context, options, reporter));
    sayNothingMore();
    print(asJson === true ? json(summary) : importText(summary));
    exitCode = summary.rejected === 0 ? exitCodes.ok : exitCodes.negative;
  });

program
  .command('generate')
  .description('generate whole fund lives as a file of commands for import; the same bytes for the same seed')
  .option('--funds <number>', 'how many funds', wholeNumber, 1_000)
  .option('--investors <number>', 'investors of an ordinary fund, 3 or more', wholeNumber, 6)
  .option('--years <number>', 'length of a life, 4 or more', wholeNumber, 10)
  .option('--seed <text>', 'what the numbers follow from', '1')
  .option('--today <date>', 'nothing is dated later', '2026-06-30')
  .option('--out <file>', 'where the commands go', 'generated.jsonl')
  .option(
    '--small',
    'only the funds themselves, without a fund of 2,000 investors and reference data; the coverage may fall short',
  )
  .option('--json', 'one line of JSON')
  .action(async ({ funds, investors, years, seed, today, out, small, json: asJson }) => {
    if (investors < 3 || years < 4)
      throw new CommandFailure(
        'A generated fund has at least 3 investors (--investors) and lives 4 years (--years).',
        exitCodes.usage,
      );
    const isFull = small !== true;
    const result = await runGenerate(
      out,
      { funds, investors, years, seed, today, withLargeFund: isFull, withSurroundings: isFull },
      createReporter(process.stderr),
    );
    sayNothingMore();
    print(asJson === true ? json(result) : generateText(result));
    exitCode = isFull && result.shortfalls.length > 0 ? exitCodes.negative : exitCodes.ok;
  });

program
  .command('demo')
  .description('book five generated fund lives beside what is there: calls, distributions, waterfalls and performance to look at')
  .option('--json', 'one line of JSON')
  .action(async ({ json: asJson }) => {
    const reporter = createReporter(process.stderr);
    const summary = await withContext('demo', async (context) => {
      const path = join(context.config.addresses.dataFolder, 'demo-funds.jsonl');
      const size = { funds: 5, investors: 6, years: 10, seed: 'demo', today: '2026-06-30' } as const;
      await runGenerate(path, { ...size, withLargeFund: false, withSurroundings: false }, reporter);
      return await runImport(context, { file: path, mapping: shippedMapping, dryRun: false }, reporter);
    });
    sayNothingMore();
    print(asJson === true ? json(summary) : importText(summary));
    exitCode = summary.rejected === 0 ? exitCodes.ok : exitCodes.negative;
  });

program
  .command('clock')
  .description('let business days begin in every partition; a day that has begun has no second effect')
  .argument('<action>', 'advance')
  .requiredOption('--to <date>', 'the last day')
  .option('--from <date>', 'the first day; only the last business day up to --to unless given')
  .option('--json', 'one line of JSON')
  .action(async (action, { to, from, json: asJson }) => {
    if (action !== 'advance')
      throw new CommandFailure(`clock ${JSON.stringify(action)} is not known; write clock advance.`, exitCodes.usage);
    const wrong = [to, from].find((date) => date !== undefined && parseLocalDate(date).kind === 'error');
    if (wrong !== undefined)
      throw new CommandFailure(`${JSON.stringify(wrong)} is not a date; write one such as 2026-03-31.`, exitCodes.usage);
    const report = await withContext(
      'clock',
      async (context) => await runClockAdvance(context, { to, ...(from === undefined ? {} : { from }) }),
    );
    print(asJson === true ? json(report) : clockText(report));
    exitCode = report.pending === 0 ? exitCodes.ok : exitCodes.negative;
  });

program
  .command('status')
  .description('engines, roles, what the stores contain and how far they are behind the log')
  .option('--json', 'one line of JSON')
  .action(async ({ json: asJson }) => {
    const status = await readStatus();
    print(asJson === true ? json(status) : statusText(status));
    exitCode = status.ready ? exitCodes.ok : exitCodes.negative;
  });

program
  .command('verify')
  .description('recompute every figure from the log and compare it with Postgres and ClickHouse')
  .option('--json', 'one line of JSON')
  .action(async ({ json: asJson }) => {
    const result = await withContext('verify', async (context) => await runVerify(context, say));
    sayNothingMore();
    print(asJson === true ? json(result) : verifyText(result));
    exitCode = result.differences.length === 0 ? exitCodes.ok : exitCodes.negative;
  });

program
  .command('rebuild')
  .description('drop the projections of a store and make them again from the log')
  .argument('<store>', 'postgres or clickhouse')
  .option('--json', 'one line of JSON')
  .action(async (store, { json: asJson }) => {
    if (store !== 'postgres' && store !== 'clickhouse')
      throw new CommandFailure(`There is no store ${JSON.stringify(store)}; name postgres or clickhouse.`, exitCodes.usage);
    const result = await withContext('rebuild', async (context) => await runRebuild(store, context, say));
    sayNothingMore();
    print(asJson === true ? json(result) : rebuildText(result));
  });

program
  .command('topics')
  .description('the topics, what stands on them and how long it is kept')
  .option('--json', 'one line of JSON')
  .action(async ({ json: asJson }) => {
    const lines = await withContext('topics', listTopics);
    print(asJson === true ? json(lines) : topicsText(lines));
  });

program
  .command('send')
  .description('send one command through the intake and tell its outcome')
  .argument('<file>', 'JSON with "type" and the fields of the command; - for standard input')
  .action(async (file) => {
    const text = readInput(file);
    const { status, body } = await withContext('send', async (context) => await sendCommand(text, context));
    print(JSON.stringify(body, null, 2));
    exitCode =
      status < 300
        ? exitCodes.ok
        : status === 400 || status === 404
          ? exitCodes.usage
          : status >= 500
            ? exitCodes.unavailable
            : exitCodes.negative;
  });

for (const [name, description, run] of [
  ['waterfall', 'distribute by the terms of an agreement: cases of contributions, distributions and terms', runWaterfallCommand],
  ['irr', 'internal rates of return of dated flows, all roots and a status', runIrrCommand],
  ['allocate', 'divide amounts by weights to the cent', runAllocateCommand],
] as const) {
  program
    .command(name)
    .description(`${description}; needs no running stack`)
    .argument('<file>', 'JSON with "cases" or one bare input; - for standard input')
    .action((file) => print(run(readInput(file))));
}

const registry = program.command('registry').description('the schema registry');
registry
  .command('restore')
  .description('register every released schema again under its pinned id')
  .option('--json', 'one line of JSON')
  .action(async ({ json: asJson }) => {
    const report = await withContext(
      'registry',
      async ({ config, released }) =>
        await restoreRegistry({ url: config.addresses.schemaRegistryUrl, topicPrefix: config.topicPrefix, released }),
    );
    print(
      asJson === true
        ? json(report)
        : `${report.subjects} subjects, ${report.registered.length} registered, ${report.mended.length} mended.`,
    );
  });
registry
  .command('check')
  .description('compare the registry with the released schemas')
  .action(async () => {
    const report = await withContext(
      'registry',
      async ({ config, released }) =>
        await ensureReleased({ url: config.addresses.schemaRegistryUrl, topicPrefix: config.topicPrefix, released }),
    );
    print(`${report.subjects} subjects are as released.`);
  });

program
  .command('reset')
  .description('delete everything of the embedded stack: the log, both stores, keys and secrets')
  .addOption(new Option('--yes', 'do it; without it only says what would be deleted'))
  .action(({ yes }) => {
    const folder = dataFolderOf(readEnvironment());
    const running = readStackFile(folder);
    if (running !== null)
      throw new CommandFailure(
        `A stack runs on ${folder} (process ${running.pid}). Stop it with Ctrl-C first.`,
        exitCodes.unavailable,
      );
    if (yes !== true) {
      print(`This would delete ${folder} with all bookings, keys and secrets. Run it again with --yes to do it.`);
      exitCode = exitCodes.negative;
      return;
    }
    rmSync(folder, { recursive: true, force: true });
    print(`${folder} was deleted. The next start begins anew.`);
  });

addOperating(program, {
  tell: (value, text, asJson) => print(asJson === true ? json(value) : text),
  end: (code) => {
    exitCode = code;
  },
});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  sayNothingMore();
  if (error instanceof CommandFailure) {
    process.stderr.write(`${error.message}\n`);
    exitCode = error.exitCode;
  } else if (error instanceof Error && error.name === 'ImportError') {
    process.stderr.write(`${error.message}\n`);
    exitCode = exitCodes.usage;
  } else if (error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')) {
    exitCode = 'exitCode' in error && error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else if (error instanceof Error && 'code' in error) {
    process.stderr.write(`${error.message}\n`);
    exitCode = exitCodes.unavailable;
  } else {
    throw error;
  }
}
process.exit(exitCode);
