// Books a file of commands, one JSON object a line as `stratcap send` takes it, in the order of the file: what stands inside a fund is
// decided in that order, and a commitment only after the investor that it names. The same file again books nothing twice.
import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Actor, AnyCommand, CommandOutcome } from '#domain/messages.ts';
import type { KeyStore } from '#platform/keys/key-store.ts';
import { businessDateCommand } from '../../business-date-commands.ts';
import { type CommandForm, type FieldError, loadCommandForms } from '../command-form.ts';
import { type Intake, IntakeError } from '../intake.ts';
import { ImportError, type RowReason } from '../import/errors.ts';
import type { ImportProgress, ImportSummary } from '../import/import-file.ts';
import { type Line, linesOf } from '../import/lines.ts';
import { createPace } from '../import/pace.ts';
import { scanFile } from '../import/encoding.ts';
import { stableId } from '../../stable-ids.ts';

export interface BookFileOptions {
  readonly path: string;
  readonly intake: Pick<Intake, 'submit'>;
  readonly keyStore: KeyStore;
  readonly tenantId: string;
  readonly actor: Actor;
  /** A day of the clock is sent to each of them. */
  readonly partitions: number;
  /** Microseconds since the epoch. */
  readonly clock: () => number;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly rejectsPath?: string;
  readonly window?: number;
  readonly othersBook?: () => boolean;
  readonly backlog?: () => Promise<number | null>;
  readonly patienceMs?: number;
}

/** Namespace of the ids of commands that bring none. */
const lineNamespace = '6d1f0c2e-5b7a-5c0d-8a8e-1f0b6f6f9a06';
const windowUsual = 2_000;
const progressMs = 250;
const patienceMsUsual = 120_000;
/** A rejection of an earlier run says nothing of today: so often the command is tried under a new id. */
const attemptsMax = 10;

const origin = { channel: 'FILE', ip: null, user_agent: null, session_id: null } as const;
const investorCommands = new Set(['CreateInvestor', 'RecordKycDecision', 'UpdateInvestor', 'AddBankAccount']);

/** Investors that a command takes for approved. */
const investorsNamedBy = (command: AnyCommand): readonly string[] => {
  switch (command.type) {
    case 'MakeCommitment':
      return [command.value.investor_id];
    case 'TransferCommitment':
      return [command.value.to_investor_id];
    default:
      return [];
  }
};

const reasonsOfFields = (errors: readonly FieldError[]): readonly RowReason[] =>
  errors.map(({ message }) => ({ code: 'invalid-field', message }));

type ReadLine =
  | { readonly kind: 'commands'; readonly commands: readonly AnyCommand[] }
  | { readonly kind: 'rejected'; readonly reasons: readonly RowReason[] };

/** A line as the commands that it means: one, or one for each partition. */
const readLine = async (
  line: Line,
  forms: ReadonlyMap<string, CommandForm>,
  { keyStore, tenantId, actor, partitions, clock }: BookFileOptions,
): Promise<ReadLine> => {
  const rejected = (code: string, message: string): ReadLine => ({ kind: 'rejected', reasons: [{ code, message }] });
  if (line.tooLong) return rejected('line-too-long', `the line has ${line.bytes} bytes; a command has a few hundred`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.text);
  } catch (error) {
    return rejected('not-json', `the line is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return rejected('not-json', 'the line is not a JSON object');
  const { type, command_id: commandId, ...body } = parsed as Record<string, unknown>;
  const name = typeof type === 'string' ? type.replace(/(?<!^)(?=[A-Z])/g, '-').toLowerCase() : '';
  const form = forms.get(name);
  if (form === undefined)
    return rejected('unknown-command', `type ${JSON.stringify(type)} is not a command; name one, for example "make-commitment"`);
  const issuedAt = clock();
  if (form.type === 'AdvanceBusinessDate' && !('partition' in body)) {
    const date = body['business_date'];
    if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(date))
      return rejected('invalid-field', `business_date ${JSON.stringify(date)} is not a date such as 2026-03-31`);
    return {
      kind: 'commands',
      commands: Array.from({ length: partitions }, (_, partition) =>
        businessDateCommand(date, partition, { tenantId, issuedAt }),
      ),
    };
  }
  const read = await form.read(
    body,
    {
      commandId: typeof commandId === 'string' ? commandId.toLowerCase() : stableId(lineNamespace, line.text),
      tenantId,
      actor,
      origin,
      issuedAt,
      preview: false,
      expectedVersion: null,
    },
    keyStore,
  );
  if (read.kind === 'invalid') return { kind: 'rejected', reasons: reasonsOfFields(read.errors) };
  if (read.kind === 'erased') return rejected('investor-erased', read.message);
  return { kind: 'commands', commands: [read.command] };
};

const withId = (command: AnyCommand, commandId: string): AnyCommand =>
  ({ ...command, value: { ...command.value, header: { ...command.value.header, command_id: commandId } } }) as AnyCommand;

/** Whether a file holds commands: its first line is a JSON object with a `type`. */
export const isCommandFile = async (path: string): Promise<boolean> => {
  for await (const lines of linesOf(path)) {
    const first = lines.find(({ text }) => text.trim() !== '');
    if (first === undefined) continue;
    try {
      const parsed = JSON.parse(first.text) as unknown;
      return typeof parsed === 'object' && parsed !== null && 'type' in parsed && typeof parsed.type === 'string';
    } catch {
      return false;
    }
  }
  return false;
};

/**
 * Books a file of commands and tells what became of it.
 * @throws ImportError when the file cannot be read as a whole, or nothing is decided for `patienceMs`.
 */
export const bookFile = async (options: BookFileOptions): Promise<ImportSummary> => {
  const { path, intake, onProgress = () => undefined, window = windowUsual, patienceMs = patienceMsUsual } = options;
  const rowsTotal = (await scanFile(path)).lines;
  const forms = loadCommandForms();
  const pace = createPace({
    windowMax: window,
    ...(options.othersBook === undefined ? {} : { othersBook: options.othersBook }),
    ...(options.backlog === undefined ? {} : { backlog: options.backlog }),
  });
  const rejectsPath = options.rejectsPath ?? `${path}.rejects.jsonl`;
  await rm(rejectsPath, { force: true });
  let rejects: WriteStream | null = null;
  const tally = { rows: 0, accepted: 0, already: 0, rejected: 0, findings: 0 };
  const started = performance.now();
  let toldAt = 0;
  const tell = (force: boolean): void => {
    const now = performance.now();
    if (!force && now - toldAt < progressMs) return;
    toldAt = now;
    const rowsPerSecond = tally.rows / Math.max(0.001, (now - started) / 1000);
    onProgress({
      rows: tally.rows,
      rejected: tally.rejected,
      rowsTotal,
      rowsPerSecond,
      etaSeconds: tally.rows === 0 ? null : Math.max(0, rowsTotal - tally.rows) / rowsPerSecond,
    });
  };
  const reject = (line: Line, reasons: readonly RowReason[]): void => {
    tally.rejected += 1;
    rejects ??= createWriteStream(rejectsPath, { mode: 0o600 });
    rejects.write(`${JSON.stringify({ line: line.number, reasons, text: line.text })}\n`);
  };

  const decide = async (command: AnyCommand): Promise<CommandOutcome> => {
    let current = command;
    for (let attempt = 0; ; attempt += 1) {
      const sentAt = performance.now();
      let outcome: CommandOutcome;
      try {
        const submission = await intake.submit(current, { timeoutMs: patienceMs, withPosition: false });
        if (submission.kind === 'pending')
          throw new ImportError(
            'no-outcome',
            `command ${submission.commandId} got no outcome in ${Math.round(patienceMs / 1000)} s: is the ledger running (stratcap status)? Run the import again: nothing is booked twice.`,
          );
        outcome = submission.outcome;
      } catch (error) {
        if (!(error instanceof IntakeError)) throw error;
        throw new ImportError('no-outcome', `${error.message}. Run the import again: nothing is booked twice.`, { cause: error });
      }
      pace.decided(performance.now() - sentAt);
      if (outcome.kind !== 'REJECTED' || !outcome.replayed || attempt >= attemptsMax) return outcome;
      current = withId(command, stableId(command.value.header.command_id, 'again', String(attempt + 1)));
    }
  };

  let failure: Error | null = null;
  let undecided = 0;
  let wake: () => void = () => undefined;
  const untilRoom = async (): Promise<void> => {
    while (undecided >= pace.window() && failure === null)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  /** Investors whose bookings are under way. */
  const investors = new Map<string, Promise<unknown>>();
  const underWay = new Set<Promise<void>>();

  const book = (line: Line, commands: readonly AnyCommand[]): void => {
    undecided += 1;
    const outcomes = commands.map(decide);
    for (const [place, command] of commands.entries()) {
      const outcome = outcomes[place];
      if (!investorCommands.has(command.type) || outcome === undefined) continue;
      const { value } = command;
      const investorId =
        'investor' in value ? value.investor.investor_id : 'investor_id' in value ? (value.investor_id ?? '') : '';
      investors.set(investorId, outcome);
      void outcome.then(
        () => investors.get(investorId) === outcome && investors.delete(investorId),
        () => undefined,
      );
    }
    const done = Promise.all(outcomes).then(
      (decided) => {
        tally.rows += 1;
        tally.findings += decided.reduce(
          (sum, { kind, rule_results }) => sum + (kind === 'ACCEPTED' ? rule_results.length : 0),
          0,
        );
        const refused = decided.filter(({ kind }) => kind === 'REJECTED');
        if (refused.length > 0)
          reject(
            line,
            refused.flatMap(({ rule_results }) =>
              rule_results.filter(({ severity }) => severity === 'ERROR').map(({ rule, message }) => ({ code: rule, message })),
            ),
          );
        else if (decided.every(({ replayed }) => replayed)) tally.already += 1;
        else tally.accepted += 1;
      },
      (error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
      },
    );
    const ended = done.then(() => {
      undecided -= 1;
      tell(false);
      wake();
    });
    underWay.add(ended);
    void ended.then(() => underWay.delete(ended));
  };

  for await (const lines of linesOf(path)) {
    for (const line of lines) {
      if (line.text.trim() === '') continue;
      await untilRoom();
      await pace.untilStoresFollow();
      if (failure !== null) break;
      const read = await readLine(line, forms, options);
      if (read.kind === 'rejected') {
        tally.rows += 1;
        reject(line, read.reasons);
        continue;
      }
      const waitFor = read.commands.flatMap(investorsNamedBy).flatMap((id) => investors.get(id) ?? []);
      if (waitFor.length > 0) await Promise.allSettled(waitFor);
      book(line, read.commands);
    }
    if (failure !== null) break;
  }
  await Promise.all(underWay);
  const written = rejects as WriteStream | null;
  if (written !== null) {
    written.end();
    await finished(written);
  }
  if (failure !== null) throw failure as Error;
  tell(true);
  return {
    ...tally,
    seconds: (performance.now() - started) / 1000,
    dryRun: false,
    rejectsPath: written === null ? null : rejectsPath,
  };
};
