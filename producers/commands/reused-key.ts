// An idempotency key that comes again with another content: found by the id of the first event, which follows from the content, and
// told with the fields that differ where the first booking can be read.
import type { AnyCommand, CommandOutcome } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { eventIdOf } from '#schemas/event-id.ts';
import { IntakeProblem } from './problems.ts';

/** An event that a command led to, as a store shows it: amounts as decimal text, personal fields masked. */
export interface BookedEvent {
  readonly event_type: string;
  readonly effective_date: string;
  readonly reason: string | null;
  readonly event_data: unknown;
}

/** Reads what a command led to; empty while it is not in the store. */
export type ReadBooked = (commandId: string) => Promise<readonly BookedEvent[]>;

/**
 * Whether an outcome is that of another command with the same id. An event whose id does not depend on a content was booked by a
 * sender that named none, an import for example: nothing can be compared then.
 */
export const belongsToAnother = ({ events }: CommandOutcome, commandId: string, contentDigest: string): boolean => {
  const [first] = events;
  if (first === undefined) return false;
  return first.event_id !== eventIdOf(commandId, 0, contentDigest) && first.event_id !== eventIdOf(commandId, 0, null);
};

const shown = (value: unknown): unknown => {
  if (typeof value === 'bigint') return formatMoney(value);
  return typeof value === 'object' && value !== null && 'masked' in value ? value.masked : value;
};

/** Every field that is not an object itself, by its dotted path. A change names its fields under the card that they belong to. */
const leaves = (value: unknown, path = ''): readonly (readonly [string, unknown])[] => {
  const plain = shown(value);
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) return [[path, plain]];
  return Object.entries(plain).flatMap(([name, inner]) => leaves(inner, path === '' ? name : `${path}.${name}`));
};

const text = (value: unknown): string => JSON.stringify(value, (_key, inner: unknown) => shown(inner)) ?? 'null';

/** The fields in which a command differs from what was booked under its id, as far as both name them. */
export const differencesOf = (command: AnyCommand, booked: readonly BookedEvent[]): readonly string[] => {
  const [first] = booked;
  if (first === undefined) return [];
  const { header, set, ...rest } = command.value as typeof command.value & { readonly set?: object };
  const known = new Map(leaves(first.event_data));
  const card = command.type === 'UpdateInvestor' ? 'investor' : 'fund';
  const asked = [
    ...leaves(rest),
    ...(set === undefined ? [] : leaves(set, card).filter(([, value]) => value !== null)),
    ['effective_date', header.effective_date] as const,
    ['reason', header.reason] as const,
  ];
  known.set('effective_date', first.effective_date).set('reason', first.reason);
  return asked
    .filter(([path, value]) => known.has(path) && text(value) !== text(known.get(path)))
    .map(([path, value]) => `${path} was ${text(known.get(path))} and is ${text(value)} now`);
};

/** The refusal, with what differs. */
export const reusedKey = async (
  command: AnyCommand,
  outcome: CommandOutcome,
  readBooked: ReadBooked | undefined,
): Promise<IntakeProblem> => {
  const { command_id: commandId } = outcome;
  // The store may be away: then the refusal is told without the fields.
  const booked = (await readBooked?.(commandId).catch(() => null)) ?? [];
  const same = outcome.command_type === command.type;
  const fields = same ? differencesOf(command, booked) : [];
  const what = same
    ? `the same command with another content${fields.length === 0 ? '' : ` (${fields.join('; ')})`}`
    : `an earlier ${outcome.command_type}`;
  return new IntakeProblem(
    'idempotency-key-reused',
    `Idempotency-Key ${commandId} belongs to ${what}, which led to ${outcome.events[0]?.event_type ?? 'an outcome'}; nothing was booked now. Send a new uuid as Idempotency-Key for each booking, and the same content to repeat one.`,
    { command_id: commandId, command_type: outcome.command_type, events: outcome.events, differs: fields },
  );
};
