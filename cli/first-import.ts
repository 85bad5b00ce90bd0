// On the first start the shipped positions are imported, through the same path as any other file.
import { importText, runImport, shippedFile, shippedMapping } from './commands/import.ts';
import type { Context } from './context.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import type { Reporter } from './reporter.ts';

/** Imports the shipped positions; a start that was stopped half-way goes on with them. Resolves with the summary. */
export const importShippedPositions = async (context: Context, reporter: Reporter, signal: AbortSignal): Promise<string> => {
  reporter.line('Importing the positions that three public pension plans disclose (data/public-pension-commitments.csv).');
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () =>
      reject(new CommandFailure('The import was stopped; the next start goes on with it.', exitCodes.ok)),
    );
  });
  return importText(
    await Promise.race([runImport(context, { file: shippedFile, mapping: shippedMapping, dryRun: false }, reporter), stopped]),
  );
};
