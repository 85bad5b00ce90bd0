// The events of a test ledger as a log of several partitions, with the facts that the processors tell of them: what a sink reads, made
// without a broker.
import { clockKey, referenceSets } from '#domain/ledger/target.ts';
import type { AnyEvent, EventByType, EventType } from '#domain/messages.ts';
import type { OutboundRecord } from '#platform/kafka/port.ts';
import { capitalAccountsProcessor } from '#processors/capital-accounts/processor.ts';
import { cashFlowsProcessor } from '#processors/cash-flows/processor.ts';
import { performanceProcessor } from '#processors/performance/processor.ts';
import { qualityProcessor } from '#processors/quality/processor.ts';
import { createTestDriver, type TestDriver } from '#processors/runtime/test-driver.ts';
import { waterfallsProcessor } from '#processors/waterfalls/processor.ts';
import type { Codec } from '#schemas/codec.ts';
import { topicName, type TopicName } from '#schemas/topics.ts';
import type { EventBook } from './events.ts';

const placeOf = (event: AnyEvent): { readonly key: string; readonly partition?: number } => {
  switch (event.type) {
    case 'FundCreated':
    case 'FundUpdated':
      return { key: event.value.fund.fund_id };
    case 'InvestorCreated':
    case 'InvestorUpdated':
      return { key: event.value.investor.investor_id };
    case 'KycDecisionRecorded':
    case 'BankAccountAdded':
      return { key: event.value.investor_id };
    case 'ExchangeRateSet':
      return { key: referenceSets.exchangeRates };
    case 'AccountSet':
      return { key: referenceSets.accounts };
    case 'ConfigurationSet':
      return { key: referenceSets.configurations };
    case 'BusinessDateAdvanced':
      return { key: clockKey(event.value.partition), partition: event.value.partition };
    case 'CommandRejected':
      return { key: event.value.envelope.aggregate_id };
    default:
      return { key: event.value.fund_id };
  }
};

/** Appends events of a ledger to a book, in their order; versions stay what they were. */
export const appendLedgerEvents = (book: EventBook, events: readonly AnyEvent[]): void => {
  for (const event of events) {
    const { envelope, ...body } = event.value;
    const { aggregate_type: aggregate, aggregate_id: id, effective_date, depends_on, actor, origin, reason, findings } = envelope;
    const options = { envelope: { effective_date, depends_on, actor, origin, reason, findings } };
    const place = { aggregate, id, ...placeOf(event) };
    const made = book.append(event.type, place, body as Omit<EventByType[EventType], 'envelope'>, options);
    if (made.value.envelope.event_version !== envelope.event_version)
      throw new Error(`${event.type} of ${id} came as version ${envelope.event_version}, out of order`);
  }
};

const factTopics = ['capital-accounts', 'cash-flows', 'waterfalls', 'performance', 'quality'] as const satisfies TopicName[];

/** Tells the facts of records of events, for each partition in their order. */
export interface FactTeller {
  /** Facts and progress that follow from these records, `batch` of them at a time; records of other topics are passed over. */
  tell(records: readonly OutboundRecord[], batch?: number): readonly OutboundRecord[];
}

/** The processors of facts of all partitions, without a broker. */
export const createFactTeller = ({
  codec,
  partitions,
  topicPrefix,
}: {
  readonly codec: Codec;
  readonly partitions: number;
  readonly topicPrefix: string;
}): FactTeller => {
  const drivers = Array.from({ length: partitions }, (_, partition): Readonly<Record<string, TestDriver<unknown>>> => ({
    'capital-accounts': createTestDriver(capitalAccountsProcessor({ codec }), { partition }),
    'cash-flows': createTestDriver(cashFlowsProcessor({ codec }), { partition }),
    waterfalls: createTestDriver(waterfallsProcessor({ codec }), { partition }),
    performance: createTestDriver(performanceProcessor({ codec }), { partition }),
    quality: createTestDriver(qualityProcessor({ codec }), { partition }),
  }));
  const told = new Map<string, number>();
  return {
    tell: (records, batch = 50) => {
      const facts: OutboundRecord[] = [];
      for (let partition = 0; partition < partitions; partition += 1) {
        const events = records.filter(
          (record) => record.partition === partition && record.topic === topicName(topicPrefix, 'events'),
        );
        const inputs = events.map(({ key, value }) => ({ topic: 'events' as const, key: key ?? '', value }));
        for (const topic of factTopics) {
          const driver = drivers[partition]?.[topic];
          if (driver === undefined) continue;
          for (let at = 0; at < inputs.length; at += batch) driver.pipeBatch(inputs.slice(at, at + batch));
          const outputs = driver.outputs(topic);
          const place = `${topic}/${partition}`;
          for (const { key, value } of outputs.slice(told.get(place) ?? 0))
            facts.push({ topic: topicName(topicPrefix, topic), partition, key: Buffer.from(key), value });
          told.set(place, outputs.length);
        }
      }
      return facts;
    },
  };
};
