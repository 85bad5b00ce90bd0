// The commands of whoever runs the pipeline: lag, offsets, topology, dead letters.
import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { readEnvironment } from '#platform/config/config.ts';
import { VARIABLES } from '#platform/config/variables.ts';
import { loadCodec } from '#schemas/released.ts';
import { decide, decidedText, lettersText, listLetters, showLetter, shownText } from './commands/dlq.ts';
import { lagExitCode, lagText, offsetsText, readOffsets } from './commands/lag.ts';
import { withContext } from './context.ts';
import { filterNames } from './dead-letters/filter.ts';
import { exitCodes } from './failure.ts';
import { readLag } from './lag.ts';
import { describeSystem, topologyMermaid, topologyText } from './topology.ts';

/** How a command tells its result. */
export interface Told {
  /** The value as one line of JSON, or the text. */
  readonly tell: (value: unknown, text: string, asJson: boolean | undefined) => void;
  readonly end: (code: number) => void;
}

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};
const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];
const filterHelp = `NAME=VALUE, several of them together; NAME is one of ${filterNames.join(', ')}`;

/** Adds the commands to the program. */
export const addOperating = (program: Command, { tell, end }: Told): void => {
  program
    .command('lag')
    .description('how far every role is behind the end of its topics, by partition')
    .option('--max-records <count>', 'offsets of a role that still count as level', wholeNumber, 0)
    .option('--max-seconds <seconds>', 'a role counts as behind only when its oldest record is older, too', wholeNumber)
    .option('--json', 'one line of JSON')
    .addHelpText('after', '\nExit codes: 0 every role is level; 1 one is behind; 3 one cannot be asked.')
    .action(async ({ maxRecords, maxSeconds, json }) => {
      const report = await withContext('lag', readLag);
      tell(report, lagText(report), json);
      end(lagExitCode(report, { records: maxRecords, seconds: maxSeconds ?? null }));
    });

  program
    .command('offsets')
    .description('where every reader of the log stands: committed positions of groups, positions in the stores of the sinks')
    .option('--json', 'one line of JSON')
    .action(async ({ json }) => {
      const report = await withContext('offsets', readOffsets);
      tell(report, offsetsText(report), json);
      end(report.unknown.length === 0 ? exitCodes.ok : exitCodes.unavailable);
    });

  program
    .command('topology')
    .description('which role reads and writes which topic; needs no running stack')
    .addOption(
      new Option('--format <format>', 'text for a terminal, mermaid for a document').choices(['text', 'mermaid']).default('text'),
    )
    .option('--json', 'one line of JSON')
    .action(({ format, json }) => {
      const env = readEnvironment();
      const topology = describeSystem({
        codec: loadCodec(),
        topicPrefix: env['STRATCAP_TOPIC_PREFIX'] || VARIABLES.STRATCAP_TOPIC_PREFIX.default,
        partitions: Number(env['STRATCAP_PARTITIONS'] || VARIABLES.STRATCAP_PARTITIONS.default),
      });
      tell(topology, format === 'mermaid' ? topologyMermaid(topology) : topologyText(topology), json);
      end(topology.parts.every(({ problems = [] }) => problems.length === 0) ? exitCodes.ok : exitCodes.negative);
    });

  const dlq = program.command('dlq').description('dead letters: what could not be processed, kept whole until somebody decides');
  dlq
    .command('list')
    .description('the open letters')
    .option('--filter <name=value>', filterHelp, collect, [] as readonly string[])
    .option('--all', 'those that were replayed or dropped, too')
    .option('--limit <count>', 'most letters that are shown', wholeNumber, 100)
    .option('--json', 'one line of JSON')
    .action(async ({ filter, all, limit, json }) => {
      const list = await withContext('dlq', async (context) => await listLetters(context, { filter, all: all ?? false, limit }));
      tell(list, lettersText(list), json);
    });
  dlq
    .command('show')
    .description('one letter: where it stood, why it is here, its bytes, and whether it decodes today')
    .argument('<id>', 'PARTITION/OFFSET, as list shows it')
    .option('--json', 'one line of JSON')
    .action(async (id, { json }) => {
      const letter = await withContext('dlq', async (context) => await showLetter(context, id));
      tell(letter, shownText(letter), json);
    });
  dlq
    .command('replay')
    .description('put letters back on their topic, byte by byte, with their key and partition; noted in the same transaction')
    .argument('[ids...]', 'PARTITION/OFFSET, as list shows them')
    .option('--filter <name=value>', filterHelp, collect, [] as readonly string[])
    .option('--all', 'every open letter')
    .option('--again', 'letters that were replayed or dropped before, too')
    .option('--dry-run', 'only say which')
    .option('--json', 'one line of JSON')
    .action(async (ids, { filter, all, again, dryRun, json }) => {
      const decided = await withContext('dlq', async (context) =>
        decide(context, {
          ids,
          filter,
          all: all ?? false,
          again: again ?? false,
          dryRun: dryRun ?? false,
          action: 'replayed',
          reason: '',
        }),
      );
      tell(decided, decidedText(decided), json);
    });
  dlq
    .command('drop')
    .description('note that letters need nothing more; their bytes stay until the topic lets go of them')
    .argument('[ids...]', 'PARTITION/OFFSET, as list shows them')
    .requiredOption('--reason <text>', 'why; it stands in the note')
    .option('--filter <name=value>', filterHelp, collect, [] as readonly string[])
    .option('--all', 'every open letter')
    .option('--again', 'letters that were replayed or dropped before, too')
    .option('--dry-run', 'only say which')
    .option('--json', 'one line of JSON')
    .action(async (ids, { reason, filter, all, again, dryRun, json }) => {
      const decided = await withContext('dlq', async (context) =>
        decide(context, {
          ids,
          filter,
          all: all ?? false,
          again: again ?? false,
          dryRun: dryRun ?? false,
          action: 'dropped',
          reason,
        }),
      );
      tell(decided, decidedText(decided), json);
    });
};
