// Events of holdings as the ledger writes them: framed Avro with the whole envelope, CloudEvents headers, the hash chain of their
// partition. The same seed gives the same bytes; a quarter of them has the older writer schema.
import { partitionOf } from '#platform/kafka/partition.ts';
import type { OutboundRecord } from '#platform/kafka/port.ts';
import { genesisLink, sealLink } from '#schemas/hash-chain.ts';
import { seededIntegers } from '../positions.ts';
import { holdingEvents, writerVersions, type HoldingEventName } from './older-schemas.ts';
import { bytesOf, framed, rawType } from './raw-avro.ts';

export interface EventSourceOptions {
  readonly topic: string;
  readonly partitions: number;
  /** Holdings: pairs of fund and investor. The first events make each of them, the others fall on them at random. */
  readonly keys: number;
  readonly seed: number;
  /** Share of the events in the older schema; a quarter unless given. */
  readonly olderShare?: number;
  /** Holdings in one fund; 50 unless given, fewer where few keys would leave a partition without a fund. */
  readonly perFund?: number;
  /** The first so many holdings are those of one fund; none unless given. */
  readonly largeFund?: number;
}

export interface EventSource {
  /** The next events, in the order in which they are to be appended. */
  next(count: number): readonly OutboundRecord[];
  /** One event of each partition, on holdings that exist. */
  oneEach(): readonly OutboundRecord[];
  /** The next event of a holding, 0 to keys - 1. */
  of(holding: number): OutboundRecord;
  partitionOf(holding: number): number;
}

const olderShareUsual = 0.25;
const perFundUsual = 50;
/** Of ten events of a holding the first makes a commitment, the second takes over its history, the others value it. */
const eventsPerCommitment = 10;
/** 2026-01-01T00:00:00Z. */
const startMicros = 1_767_225_600_000_000;
/** 2026-01-01 as Avro counts days. */
const firstDay = 20_454;
const days = 90;

const hexPairs = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'));
/** A uuid of version 4 from four 32-bit words. */
const uuidOf = (a: number, b: number, c: number, d: number): string => {
  const pair = (value: number): string => hexPairs[value & 0xffff] ?? '';
  return `${pair(a >>> 16)}${pair(a)}-${pair(b >>> 16)}-${pair((b & 0x0fff) | 0x4000)}-${pair(((c >>> 16) & 0x3fff) | 0x8000)}-${pair(c)}${pair(d >>> 16)}${pair(d)}`;
};
/** The uuid of a number of a kind: always the same. */
const idOf = (kind: number, number: number): string => {
  const mix = (word: number): number => Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) ^ (word << 7);
  return uuidOf(mix(number + kind * 0x9e3779b1), mix(number * 31 + kind), mix(number ^ 0x5bd1e995), number);
};
const kinds = { fund: 1, investor: 2, commitment: 3, user: 4 } as const;

/** Makes the events one after the other; it remembers what each holding has had and the last link of each partition. */
export const createEventSource = (options: EventSourceOptions): EventSource => {
  const { topic, partitions, keys, seed, olderShare = olderShareUsual } = options;
  const perFund = options.perFund ?? Math.max(1, Math.min(perFundUsual, Math.floor(keys / (partitions * 8))));
  const next = seededIntegers(seed);
  const word = (): number => next(0x1_0000_0000);
  const { largeFund = 0 } = options;
  const ordinary = Math.ceil((keys - largeFund) / perFund);
  const funds = ordinary + (largeFund > 0 ? 1 : 0);
  /** The large fund is the last one. */
  const fundOf = (holding: number): number => (holding < largeFund ? ordinary : (holding - largeFund) % ordinary);
  const fundIds = Array.from({ length: funds }, (_, fund) => idOf(kinds.fund, fund + seed * 7_919));
  const fundKeys = fundIds.map((id) => Buffer.from(id));
  const fundPartitions = fundIds.map((id) => partitionOf(id, partitions));
  const had = new Uint32Array(keys);
  const links = Array.from({ length: partitions }, () => genesisLink);
  const writers = new Map(
    Object.entries(writerVersions()).map(([name, { current, older }]) => [
      name as HoldingEventName,
      [current, older].map(({ id, schema }) => ({ id, type: rawType(schema), ceType: Buffer.from(`stratcap.event.${name}`) })),
    ]),
  );
  const ceVersion = Buffer.from('1.0');
  const ceSource = Buffer.from('/stratcap/ledger');
  const actor = { user_id: idOf(kinds.user, 1), user_role: 'fund-accountant' };
  const origin = { channel: 'API', ip: '10.20.30.40', user_agent: 'stratcap-bench/1', session_id: idOf(kinds.user, 2) };
  const amount = (): Buffer => bytesOf(BigInt(next(2_000_000_000)) * 10n + BigInt(next(10)));
  let made = 0;

  const bodyOf = (name: HoldingEventName, fund: number, investor: string, commitmentId: string): object => {
    const common = { commitment_id: commitmentId, fund_id: fundIds[fund], investor_id: investor, currency: 'USD' };
    switch (name) {
      case 'CommitmentMade':
        return {
          ...common,
          commitment_amount: amount(),
          commitment_date: firstDay + (made % days),
          commitment_type: 'INITIAL',
          side_letter_terms: null,
          assumed_fields: [],
          investor_version: 2,
          investor_kyc_status: 'APPROVED',
        };
      case 'OpeningBalanceRecorded': {
        const known = next(8) > 0;
        return {
          ...common,
          called_amount: amount(),
          distributed_amount: known ? amount() : null,
          remaining_value: known ? amount() : null,
          reported_irr: '0.1234',
          reported_multiple: null,
          reported_vintage_year: 2019,
          source: 'Public pension disclosure',
        };
      }
      case 'ValuationRecorded':
        return { ...common, remaining_value: amount(), valuation_source: 'Quarterly statement' };
    }
  };

  const eventOf = (holding: number): OutboundRecord => {
    const fund = fundOf(holding);
    const place = holding < largeFund ? holding : Math.floor((holding - largeFund) / ordinary);
    const investor = idOf(kinds.investor, place + ((fund * 13) % 997));
    const before = had[holding] ?? 0;
    had[holding] = before + 1;
    const nth = before % eventsPerCommitment;
    const commitmentId = idOf(kinds.commitment, holding * 64 + Math.floor(before / eventsPerCommitment));
    const name = holdingEvents[Math.min(nth, 2)] ?? 'ValuationRecorded';
    const older = next(1_000) < olderShare * 1_000 ? 1 : 0;
    const writer = writers.get(name)?.[older];
    if (writer === undefined) throw new Error(`there is no schema of ${name}`);
    made += 1;
    const eventId = uuidOf(word(), word(), word(), word());
    const body = writer.type.toBuffer({
      envelope: {
        chain_hash: genesisLink,
        event_id: eventId,
        tenant_id: '00000000-0000-4000-8000-000000000001',
        aggregate_type: 'COMMITMENT',
        aggregate_id: commitmentId,
        event_version: nth + 1,
        effective_date: firstDay + ((made + nth) % days),
        recorded_at: startMicros + made * 1_000,
        actor,
        origin,
        reason: null,
        correlation_id: uuidOf(word(), word(), word(), word()),
        causation_id: uuidOf(word(), word(), word(), word()),
        depends_on: [],
        findings: [],
      },
      ...bodyOf(name, fund, investor, commitmentId),
    });
    const value = framed(writer.id, body);
    const partition = fundPartitions[fund] ?? 0;
    links[partition] = sealLink(links[partition] ?? genesisLink, value);
    return {
      topic,
      partition,
      key: fundKeys[fund] ?? null,
      value,
      headers: { ce_specversion: ceVersion, ce_id: Buffer.from(eventId), ce_type: writer.ceType, ce_source: ceSource },
    };
  };

  return {
    next: (count) => Array.from({ length: count }, () => eventOf(made < keys ? made : next(keys))),
    oneEach: () =>
      Array.from({ length: partitions }, (_, partition) => {
        const fund = fundPartitions.slice(0, ordinary).indexOf(partition);
        if (fund < 0) throw new Error(`no fund of ${ordinary} stands in partition ${partition}: take more keys`);
        return eventOf(largeFund + fund);
      }),
    of: eventOf,
    partitionOf: (holding) => fundPartitions[fundOf(holding)] ?? 0,
  };
};
