// The generated events are what the ledger writes, the same for the same seed; the independent fold and the processor agree on them,
// and a wrong output is found and named.
import { describe, expect, it } from 'vitest';
import type { InboundRecord, OutboundRecord } from '#platform/kafka/port.ts';
import { createCodec } from '#schemas/codec.ts';
import { carriedLink, genesisLink, linkOf } from '#schemas/hash-chain.ts';
import { loadMessageSchemas, type AvroSchema } from '#schemas/load.ts';
import { readReleased } from '#schemas/released.ts';
import { holdingsProcessor } from '../../processors/holdings/processor.ts';
import { createTestDriver } from '../../processors/runtime/test-driver.ts';
import { createEventSource } from './events.ts';
import { createFold } from './expected.ts';
import { writerVersions } from './older-schemas.ts';

const options = { topic: 'events', partitions: 4, keys: 300, seed: 7 };
const bytesOf = (records: readonly OutboundRecord[]): string =>
  records.map(({ partition, value }) => `${partition} ${value?.toString('hex')}`).join('\n');
const inPartition = (records: readonly OutboundRecord[], partition: number): readonly InboundRecord[] =>
  records
    .filter((record) => record.partition === partition)
    .map(({ topic, key, value, headers = {} }, offset) => ({
      topic,
      partition,
      offset: BigInt(offset),
      key,
      value,
      headers,
      timestampMs: 0,
    }));
/** The codec of a process that is started with the older schemas pinned. */
const codec = createCodec(
  [...readReleased(), ...Object.values(writerVersions()).map(({ older }) => older)],
  new Map([...loadMessageSchemas()].map(([fullName, { schema }]) => [fullName, schema as AvroSchema])),
);

describe('the events of the measurement', () => {
  it('are the same bytes for the same seed', () => {
    expect(bytesOf(createEventSource(options).next(500))).toBe(bytesOf(createEventSource(options).next(500)));
    expect(bytesOf(createEventSource({ ...options, seed: 8 }).next(500))).not.toBe(bytesOf(createEventSource(options).next(500)));
  });
  it('carry the hash chain of their partition', () => {
    for (const { value } of inPartition(createEventSource(options).next(500), 2).slice(0, 1))
      expect(carriedLink(value as Buffer)).toEqual(linkOf(genesisLink, value as Buffer));
    const values = inPartition(createEventSource(options).next(500), 2).map(({ value }) => value as Buffer);
    for (const [at, value] of values.slice(1).entries())
      expect(carriedLink(value)).toEqual(linkOf(carriedLink(values[at] as Buffer), value));
  });
  it('are written by two versions of each schema, and the product reads both', () => {
    const events = createEventSource(options).next(3_000);
    const perSchema = Map.groupBy(events, ({ value }) => value?.readUInt32BE(1));
    for (const { current, older } of Object.values(writerVersions())) {
      expect(perSchema.get(current.id)?.length).toBeGreaterThan(perSchema.get(older.id)?.length ?? 0);
      expect(perSchema.get(older.id)?.length).toBeGreaterThan(0);
    }
    const old = perSchema.get(writerVersions().ValuationRecorded.older.id)?.[0]?.value ?? null;
    expect(codec.decode(old).value).toMatchObject({ valuation_source: null, envelope: { findings: [] } });
  });
  it('reach every holding and every partition', () => {
    const source = createEventSource(options);
    const first = source.next(300);
    const holdings = new Set(first.map(({ value }) => (codec.decode(value).value as { commitment_id: string }).commitment_id));
    expect(holdings.size).toBe(300);
    expect(source.oneEach().map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
  });
  it('give the same holdings, byte by byte, in the independent fold and in the processor', () => {
    const events = inPartition(createEventSource(options).next(4_000), 1);
    const driver = createTestDriver(holdingsProcessor({ codec }), { partition: 1 });
    driver.pipeBatch(events.map(({ key, value }) => ({ topic: 'events', key: key as Buffer, value })));
    const fold = createFold();
    expect(driver.outputs('holdings').map(({ key, value }) => `${key.toString()} ${value?.toString('hex')}`)).toEqual(
      events.map((event) => {
        const expected = fold(event);
        return `${expected?.key.toString()} ${expected?.value.toString('hex')}`;
      }),
    );
  });
});
