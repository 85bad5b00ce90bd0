// The reply of the ledger to whoever sent a command.
import type { AnyEvent, CommandOutcome } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import type { Codec } from '#schemas/codec.ts';
import type { EmittedRecord } from '../runtime/topology.ts';

/** The record of an outcome, keyed by the command id. */
export const outcomeRecord = (codec: Codec, outcome: CommandOutcome): EmittedRecord => ({
  topic: 'outcomes',
  key: Buffer.from(outcome.command_id, 'utf8'),
  value: codec.encode('stratcap.outcome.CommandOutcome', outcome),
});

/** JSON of the events that a preview would book: money as decimal text, sealed fields by their masked form. */
export const previewJson = (events: readonly AnyEvent[]): string =>
  JSON.stringify(
    events.map(({ type, value }) => ({ event_type: type, ...value })),
    (name, value: unknown) => {
      if (name === 'chain_hash') return undefined;
      if (typeof value === 'bigint') return formatMoney(value);
      if (typeof value === 'object' && value !== null && 'masked' in value) return value.masked;
      return value;
    },
  );
