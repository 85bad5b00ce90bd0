// Records of the log as the sink understands them.
import type { AnyEvent, AnyFact, ProcessorProgress } from '#domain/messages.ts';
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { SinkError } from './errors.ts';
import type { Source } from './positions.ts';

/** A fact that has a table here. */
export type SinkFact = Exclude<AnyFact, { readonly type: 'ProcessorProgress' | 'Holding' }>;

/** A record of one of the sources. */
export type LogItem =
  | { readonly kind: 'event'; readonly offset: bigint; readonly event: AnyEvent }
  | { readonly kind: 'fact'; readonly offset: bigint; readonly fact: SinkFact }
  | { readonly kind: 'progress'; readonly offset: bigint; readonly progress: ProcessorProgress }
  /** It cannot be read. The sink applies what stands before it, then stops. */
  | { readonly kind: 'unreadable'; readonly offset: bigint; readonly error: SinkError };

const eventNamespace = 'stratcap.event.';

const factsOf: Readonly<Record<Source, readonly string[]>> = {
  events: [],
  'capital-accounts': ['CapitalAccount'],
  'cash-flows': ['CashFlow', 'JournalEntry'],
  waterfalls: ['HypotheticalLiquidation'],
  performance: ['Performance', 'NavRoll'],
  quality: ['QualityFinding'],
};

const interpret = (codec: Codec, source: Source, record: InboundRecord): LogItem => {
  const { offset } = record;
  const { fullName, type, value } = codec.decode(record.value);
  if (source === 'events') {
    if (fullName.startsWith(eventNamespace)) return { kind: 'event', offset, event: { type, value } as AnyEvent };
  } else if (fullName === 'stratcap.fact.ProcessorProgress') {
    return { kind: 'progress', offset, progress: value as ProcessorProgress };
  } else if (fullName === `stratcap.fact.${type}` && factsOf[source].includes(type)) {
    return { kind: 'fact', offset, fact: { type, value } as SinkFact };
  }
  throw new Error(`a ${fullName} does not belong on this topic`);
};

/** What a record says; never throws, since what stands before it is applied first. */
export const readItem = (codec: Codec, source: Source, record: InboundRecord): LogItem => {
  try {
    return interpret(codec, source, record);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const error = new SinkError(
      'undecodable',
      `${record.topic} partition ${record.partition} offset ${record.offset}: ${why}; it is not skipped: run the version that wrote it`,
      { cause },
    );
    return { kind: 'unreadable', offset: record.offset, error };
  }
};
