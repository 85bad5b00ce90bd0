// `stratcap import FILE`: positions of a file through the ordinary command path.
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Actor } from '#domain/messages.ts';
import { openKeyStore } from '#platform/keys/key-store.ts';
import { bar, formatDuration, type Reporter } from '../reporter.ts';
import { bookFile, isCommandFile } from '../../producers/commands/command-file/book-file.ts';
import { importFile, type ImportProgress, type ImportSummary } from '../../producers/commands/import/import-file.ts';
import { readMapping } from '../../producers/commands/import/mapping.ts';
import { createIntake, type Intake } from '../../producers/commands/intake.ts';
import { intakeClock } from '../booking.ts';
import { logEpoch, type Context } from '../context.ts';
import { askControl } from '../control.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { createStallWatch } from '../stall-watch.ts';

/** The file of public pension positions that ships with the project, and its mapping. */
export const shippedFile = fileURLToPath(new URL('../../data/public-pension-commitments.csv', import.meta.url));
export const shippedMapping = fileURLToPath(new URL('../../data/mappings/public-pension-commitments.json', import.meta.url));

/** Who imports: a user of its own, so that the audit trail tells imports from people. */
const importer: Actor = { user_id: '5b0e4f0e-4c36-5d0a-9a58-8f5c6c7e1d21', user_role: 'import' };

export interface ImportCommandOptions {
  readonly file: string;
  readonly mapping: string;
  readonly dryRun: boolean;
  readonly rejects?: string;
}

/** Records that the sinks have still to write, as they say once a second; null where no stack of this machine says it. */
const backlogOf = async (dataFolder: string): Promise<number | null> => {
  const sinks = ((await askControl(dataFolder))?.roles ?? []).filter(({ name }) => name.startsWith('sink-'));
  const lags = sinks.map(({ status }) =>
    typeof status === 'object' && status !== null && 'lag' in status ? Number(status.lag) : 0,
  );
  return lags.length === 0 ? null : Math.max(...lags);
};

/** Imports a file and shows the progress on the reporter. A dry run needs no stack. */
export const runImport = async (
  context: Context | null,
  options: ImportCommandOptions,
  reporter: Reporter,
): Promise<ImportSummary> => {
  const intake: Intake | null =
    context === null
      ? null
      : await createIntake({
          kafka: await context.kafka(),
          codec: context.codec,
          topicPrefix: context.config.topicPrefix,
          partitions: context.config.partitions,
          epoch: logEpoch,
          logger: context.logger,
        });
  const watch = createStallWatch((text) => reporter.line(text));
  const submit: Intake['submit'] = async (command, settings) => {
    if (intake === null) throw new Error('a dry run books nothing');
    watch.sent();
    try {
      const submission = await intake.submit(command, settings);
      watch.decided();
      return submission;
    } catch (error) {
      watch.failed();
      throw error;
    }
  };
  const timer = setInterval(() => watch.look(), 1_000);
  // Reading and checking a large file takes a while before its first row is decided.
  reporter.progress(`${bar(0)} reading ${options.file}`);
  const onProgress = ({ rows, rowsTotal, rejected, rowsPerSecond, etaSeconds }: ImportProgress): void =>
    reporter.progress(
      `${bar(rowsTotal === 0 ? 1 : rows / rowsTotal)} ${rows} of ${rowsTotal} rows, ${rejected} rejected, ${Math.round(rowsPerSecond)}/s${etaSeconds === null || rows < rowsTotal / 50 ? '' : `, ${formatDuration(etaSeconds)} left`}`,
    );
  try {
    if (await isCommandFile(options.file)) {
      if (context === null || intake === null)
        throw new CommandFailure(
          'A file of commands has no dry run: what a command leads to depends on those before it. Send single ones with "preview": true.',
          exitCodes.usage,
        );
      const { config } = context;
      return await bookFile({
        path: options.file,
        intake: { submit },
        keyStore: await openKeyStore({ folder: config.keyStore.path, masterKey: config.keyStore.masterKey }),
        tenantId: config.tenantId,
        actor: importer,
        partitions: config.partitions,
        clock: intakeClock,
        othersBook: () => intake.othersBook(),
        backlog: async () => await backlogOf(config.addresses.dataFolder),
        ...(options.rejects === undefined ? {} : { rejectsPath: options.rejects }),
        onProgress,
      });
    }
    return await importFile({
      path: options.file,
      mapping: await readMapping(options.mapping),
      intake: { submit },
      tenantId: context?.config.tenantId ?? '00000000-0000-4000-8000-000000000001',
      actor: importer,
      correlationId: randomUUID(),
      clock: intakeClock,
      dryRun: options.dryRun,
      ...(intake === null ? {} : { othersBook: () => intake.othersBook() }),
      ...(context === null ? {} : { backlog: async () => await backlogOf(context.config.addresses.dataFolder) }),
      ...(options.rejects === undefined ? {} : { rejectsPath: options.rejects }),
      onProgress,
    });
  } finally {
    clearInterval(timer);
    await intake?.close();
  }
};

/** The summary as a person reads it. */
export const importText = ({
  rows,
  accepted,
  already,
  rejected,
  findings,
  seconds,
  dryRun,
  rejectsPath,
}: ImportSummary): string =>
  rows === 0
    ? 'The file has no rows below its header: there is nothing to import.'
    : `${dryRun ? 'Checked' : 'Imported'} ${rows} rows in ${seconds.toFixed(1)} s: ${accepted} ${dryRun ? 'can be booked' : 'booked'}, ${already} booked before, ${rejected} rejected${rejectsPath === null ? '' : ` (see ${rejectsPath})`}, ${findings} findings.`;
