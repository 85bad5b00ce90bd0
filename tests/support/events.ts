// Makes events as a ledger writes them — versions without gaps, links sealed, times that never go back — for tests that need a log
// but no ledger. The same calls give the same bytes.
import { v5 as uuid5 } from 'uuid';
import type {
  AggregateType,
  AnyEvent,
  BankAccountAdded,
  CapitalAccount,
  CommandRejected,
  CommitmentMade,
  EventByType,
  EventEnvelope,
  EventType,
  FundCard,
  InvestorCard,
  OpeningBalanceRecorded,
  ValuationRecorded,
} from '#domain/messages.ts';
import type { OutboundRecord } from '#platform/kafka/port.ts';
import { partitionOf } from '#platform/kafka/partition.ts';
import type { Codec } from '#schemas/codec.ts';
import { genesisLink, sealLink } from '#schemas/hash-chain.ts';
import { topicName } from '#schemas/topics.ts';
import { idOf } from './cards.ts';

const tenantId = '00000000-0000-4000-8000-000000000001';
const startMicros = Date.UTC(2026, 0, 5, 9) * 1000;

type Body<T extends EventType> = Omit<EventByType[T], 'envelope'>;

/** What a test may say about an event beyond its body. */
export interface EventOptions {
  readonly envelope?: Partial<EventEnvelope>;
}

/** Events in the making: one log of `partitions` partitions. */
export interface EventBook {
  /** Appends an event of an aggregate whose records stand under `key`. */
  append<T extends EventType>(
    type: T,
    at: { readonly aggregate: AggregateType; readonly id: string; readonly key: string; readonly partition?: number },
    body: Body<T>,
    options?: EventOptions,
  ): AnyEvent;
  fundCreated(fund: FundCard, options?: EventOptions): AnyEvent;
  fundUpdated(fund: FundCard, changes: EventByType['FundUpdated']['changes'], options?: EventOptions): AnyEvent;
  fundClosed(fundId: string, finalCloseDate: string): AnyEvent;
  investorCreated(investor: InvestorCard, options?: EventOptions): AnyEvent;
  investorUpdated(investor: InvestorCard, changes: EventByType['InvestorUpdated']['changes']): AnyEvent;
  kycDecided(investorId: string, status: 'PENDING' | 'APPROVED' | 'REJECTED', date: string): AnyEvent;
  bankAccountAdded(investorId: string, account: BankAccountAdded['account']): AnyEvent;
  /** Depends on the investor at the version that it has by then. */
  commitmentMade(
    fund: FundCard,
    investor: InvestorCard,
    amountMinor: bigint,
    over?: Partial<Body<'CommitmentMade'>>,
    options?: EventOptions,
  ): CommitmentMade;
  openingBalance(
    commitment: CommitmentMade,
    over?: Partial<Body<'OpeningBalanceRecorded'>>,
    options?: EventOptions,
  ): OpeningBalanceRecorded;
  valuation(commitment: CommitmentMade, remainingMinor: bigint, date: string): ValuationRecorded;
  rejected(key: string, body: Body<'CommandRejected'>): CommandRejected;
  /** A fact that is true after the last event of the partition of its fund. */
  capitalAccount(commitment: CommitmentMade, over?: Partial<CapitalAccount>): void;
  /** Says that the facts hold everything up to the end of a partition. */
  progress(partition: number): void;
  /** Records made since the last call, events and facts, in the order of each partition. */
  take(topicPrefix: string): readonly OutboundRecord[];
  partitionOf(key: string): number;
  /** Number of events appended to a partition. */
  length(partition: number): number;
}

interface Made {
  readonly topic: 'events' | 'capital-accounts';
  readonly partition: number;
  readonly key: string;
  readonly value: Buffer;
}

/** A fresh log. Offsets of its facts are true when its records alone stand on the topics, written by a plain producer. */
export const createEventBook = ({ codec, partitions }: { readonly codec: Codec; readonly partitions: number }): EventBook =>
  new Book(codec, partitions);

class Book implements EventBook {
  private readonly codec: Codec;
  private readonly partitions: number;
  private readonly links: Buffer[];
  private readonly lengths: number[];
  private readonly lastEvents: (EventEnvelope | null)[];
  private readonly versions = new Map<string, number>();
  private made: Made[] = [];
  private count = 0;

  constructor(codec: Codec, partitions: number) {
    this.codec = codec;
    this.partitions = partitions;
    this.links = Array.from({ length: partitions }, () => genesisLink);
    this.lengths = Array.from({ length: partitions }, () => 0);
    this.lastEvents = Array.from({ length: partitions }, () => null);
  }

  partitionOf(key: string): number {
    return partitionOf(key, this.partitions);
  }

  length(partition: number): number {
    return this.lengths[partition] ?? 0;
  }

  append<T extends EventType>(
    type: T,
    {
      aggregate,
      id,
      key,
      partition = this.partitionOf(key),
    }: { readonly aggregate: AggregateType; readonly id: string; readonly key: string; readonly partition?: number },
    body: Body<T>,
    options: EventOptions = {},
  ): AnyEvent {
    const version = (this.versions.get(id) ?? 0) + 1;
    this.count += 1;
    const commandId = idOf(`command ${this.count}`);
    const envelope: EventEnvelope = {
      chain_hash: Buffer.alloc(32),
      event_id: uuid5('0', commandId),
      tenant_id: tenantId,
      aggregate_type: aggregate,
      aggregate_id: id,
      event_version: version,
      effective_date: '2026-01-05',
      recorded_at: startMicros + this.count * 1_000_001,
      actor: { user_id: idOf('user'), user_role: 'fund-accountant' },
      origin: { channel: 'FILE', ip: '127.0.0.1', user_agent: 'test', session_id: null },
      reason: null,
      correlation_id: idOf('correlation'),
      causation_id: commandId,
      depends_on: [],
      findings: [],
      ...options.envelope,
    };
    this.versions.set(id, envelope.event_version);
    const value = this.codec.encode(`stratcap.event.${type}`, { envelope, ...body });
    const link = sealLink(this.links[partition] ?? genesisLink, value);
    this.links[partition] = link;
    this.lengths[partition] = this.length(partition) + 1;
    this.lastEvents[partition] = envelope;
    this.made.push({ topic: 'events', partition, key, value });
    return { type, value: { envelope: { ...envelope, chain_hash: link }, ...body } } as unknown as AnyEvent;
  }

  fundCreated(fund: FundCard, options?: EventOptions): AnyEvent {
    return this.append('FundCreated', { aggregate: 'FUND', id: fund.fund_id, key: fund.fund_id }, { fund }, options);
  }

  fundUpdated(fund: FundCard, changes: EventByType['FundUpdated']['changes'], options?: EventOptions): AnyEvent {
    return this.append('FundUpdated', { aggregate: 'FUND', id: fund.fund_id, key: fund.fund_id }, { fund, changes }, options);
  }

  fundClosed(fundId: string, finalCloseDate: string): AnyEvent {
    return this.append(
      'FundClosed',
      { aggregate: 'FUND', id: fundId, key: fundId },
      { fund_id: fundId, final_close_date: finalCloseDate },
    );
  }

  investorCreated(investor: InvestorCard, options?: EventOptions): AnyEvent {
    return this.append(
      'InvestorCreated',
      { aggregate: 'INVESTOR', id: investor.investor_id, key: investor.investor_id },
      { investor },
      options,
    );
  }

  investorUpdated(investor: InvestorCard, changes: EventByType['InvestorUpdated']['changes']): AnyEvent {
    return this.append(
      'InvestorUpdated',
      { aggregate: 'INVESTOR', id: investor.investor_id, key: investor.investor_id },
      { investor, changes },
    );
  }

  kycDecided(investorId: string, status: 'PENDING' | 'APPROVED' | 'REJECTED', date: string): AnyEvent {
    return this.append(
      'KycDecisionRecorded',
      { aggregate: 'INVESTOR', id: investorId, key: investorId },
      { investor_id: investorId, kyc_status: status, kyc_date: date, kyc_source: 'check', previous_status: 'APPROVED' },
    );
  }

  bankAccountAdded(investorId: string, account: BankAccountAdded['account']): AnyEvent {
    return this.append(
      'BankAccountAdded',
      { aggregate: 'INVESTOR', id: investorId, key: investorId },
      { investor_id: investorId, account },
    );
  }

  commitmentMade(
    fund: FundCard,
    investor: InvestorCard,
    amountMinor: bigint,
    over: Partial<Body<'CommitmentMade'>> = {},
    options: EventOptions = {},
  ): CommitmentMade {
    const id = over.commitment_id ?? idOf(`commitment ${fund.fund_name} ${investor.investor_name}`);
    const version = this.versions.get(investor.investor_id) ?? 1;
    const depends_on = [{ aggregate_id: investor.investor_id, event_version: version }];
    const made = this.append(
      'CommitmentMade',
      { aggregate: 'COMMITMENT', id, key: fund.fund_id },
      {
        commitment_id: id,
        fund_id: fund.fund_id,
        investor_id: investor.investor_id,
        commitment_amount: amountMinor,
        currency: fund.base_currency,
        commitment_date: '2019-01-01',
        commitment_type: 'INITIAL',
        side_letter_terms: null,
        assumed_fields: [],
        investor_version: version,
        investor_kyc_status: 'APPROVED',
        ...over,
      },
      { envelope: { depends_on, ...options.envelope } },
    );
    return made.value as CommitmentMade;
  }

  openingBalance(
    commitment: CommitmentMade,
    over: Partial<Body<'OpeningBalanceRecorded'>> = {},
    options?: EventOptions,
  ): OpeningBalanceRecorded {
    const { commitment_id, fund_id, investor_id, currency } = commitment;
    return this.append(
      'OpeningBalanceRecorded',
      { aggregate: 'COMMITMENT', id: commitment_id, key: fund_id },
      {
        commitment_id,
        fund_id,
        investor_id,
        currency,
        called_amount: 10_000n,
        distributed_amount: null,
        remaining_value: 12_345n,
        reported_irr: null,
        reported_multiple: null,
        reported_vintage_year: null,
        source: 'test',
        ...over,
      },
      options,
    ).value as OpeningBalanceRecorded;
  }

  valuation(commitment: CommitmentMade, remainingMinor: bigint, date: string): ValuationRecorded {
    const { commitment_id, fund_id, investor_id, currency } = commitment;
    return this.append(
      'ValuationRecorded',
      { aggregate: 'COMMITMENT', id: commitment_id, key: fund_id },
      {
        commitment_id,
        fund_id,
        investor_id,
        currency,
        remaining_value: remainingMinor,
        valuation_source: 'statement',
      },
      { envelope: { effective_date: date } },
    ).value as ValuationRecorded;
  }

  rejected(key: string, body: Body<'CommandRejected'>): CommandRejected {
    const id = idOf(`rejected ${this.count + 1}`);
    return this.append('CommandRejected', { aggregate: 'COMMAND', id, key }, body, { envelope: { causation_id: id } })
      .value as CommandRejected;
  }

  capitalAccount(commitment: CommitmentMade, over: Partial<CapitalAccount> = {}): void {
    const partition = this.partitionOf(commitment.fund_id);
    const last = this.lastEvents[partition];
    if (last === undefined || last === null) throw new Error('a fact needs an event before it');
    const fact: CapitalAccount = {
      fund_id: commitment.fund_id,
      investor_id: commitment.investor_id,
      currency: commitment.currency,
      as_of_date: '2026-01-05',
      earliest_as_of_date: '2026-01-05',
      commitments: 1,
      committed_amount: commitment.commitment_amount,
      called_amount: null,
      distributed_amount: null,
      remaining_value: null,
      total_value: null,
      unfunded_amount: null,
      called_unknown: 1,
      distributed_unknown: 1,
      remaining_unknown: 1,
      pic: null,
      dpi: null,
      rvpi: null,
      tvpi: null,
      irr: null,
      irr_status: 'NO_FLOWS',
      reported_irr: null,
      reported_multiple: null,
      source_event: { aggregate_id: last.aggregate_id, event_version: last.event_version },
      position: { partition, offset: this.length(partition) - 1 },
      recorded_at: last.recorded_at,
      paid_in_amount: null,
      recallable_amount: null,
      accrued_carried_interest: null,
      ...over,
    };
    const value = this.codec.encode('stratcap.fact.CapitalAccount', fact);
    this.made.push({ topic: 'capital-accounts', partition, key: `${fact.fund_id}|${fact.investor_id ?? ''}`, value });
  }

  progress(partition: number): void {
    const processor = 'capital-accounts';
    const value = this.codec.encode('stratcap.fact.ProcessorProgress', {
      processor,
      partition,
      next_offset: this.length(partition),
      recorded_at: this.lastEvents[partition]?.recorded_at ?? null,
    });
    this.made.push({ topic: 'capital-accounts', partition, key: `progress|${processor}|${partition}`, value });
  }

  take(topicPrefix: string): readonly OutboundRecord[] {
    const made = this.made;
    this.made = [];
    return made.map(({ topic, partition, key, value }) => ({
      topic: topicName(topicPrefix, topic),
      partition,
      key: Buffer.from(key, 'utf8'),
      value,
    }));
  }
}
