// The independent recomputation: folds the events of the log, in the plainest way, into everything that the stores should
// contain. It shares no code with the processors or the sinks, and checks the log itself on the way.
import type { AnyEvent, BankAccount, CommitmentStatus, FundCard, InvestorCard, Micros, Minor, Uuid } from '#domain/messages.ts';
import type { Codec } from '#schemas/codec.ts';
import { carriedLink, genesisLink, linkOf } from '#schemas/hash-chain.ts';

/** One difference between what the log says and what was found. */
export interface Difference {
  /** log, postgres or clickhouse. */
  readonly where: string;
  /** Table, or the check of the log. */
  readonly table: string;
  /** Key of the row, or place on the log. */
  readonly key: string;
  readonly field: string;
  readonly expected: string | null;
  readonly found: string | null;
}

/** An event with its place. */
export interface PlacedEvent {
  readonly event: AnyEvent;
  readonly partition: number;
  readonly offset: bigint;
}

interface Stamps {
  readonly createdAt: Micros;
  readonly tenantId: Uuid;
}
export interface FundModel extends Stamps {
  card: FundCard;
  version: number;
  updatedAt: Micros;
}
export interface InvestorModel extends Stamps {
  card: InvestorCard;
  version: number;
  updatedAt: Micros;
  readonly accounts: { readonly account: BankAccount; readonly createdAt: Micros }[];
}
export interface CommitmentModel extends Stamps {
  readonly made: Extract<AnyEvent, { type: 'CommitmentMade' }>['value'];
  version: number;
  updatedAt: Micros;
  opening: Extract<AnyEvent, { type: 'OpeningBalanceRecorded' }>['value'] | null;
  amount: Minor;
  status: CommitmentStatus;
}

/** Everything that follows from the log up to a position. */
export interface Model {
  readonly funds: Map<Uuid, FundModel>;
  readonly investors: Map<Uuid, InvestorModel>;
  readonly commitments: Map<Uuid, CommitmentModel>;
  /** Last event_version of every aggregate. */
  readonly versions: Map<Uuid, number>;
  /** All events in the order of their partition. */
  readonly events: PlacedEvent[];
  readonly differences: Difference[];
}

/** Checks of one partition of the log while it is read. */
export interface PartitionCheck {
  link: Buffer;
  recordedAt: Micros;
}

export const emptyModel = (): Model => ({
  funds: new Map(),
  investors: new Map(),
  commitments: new Map(),
  versions: new Map(),
  events: [],
  differences: [],
});
export const newPartitionCheck = (): PartitionCheck => ({ link: genesisLink, recordedAt: 0 });

const complain = (model: Model, place: string, check: string, expected: string, found: string): void => {
  model.differences.push({ where: 'log', table: 'events', key: place, field: check, expected, found });
};

/** Reads one record of the events topic into the model: chain, decoding, versions and times are checked. */
export const readEvent = (
  model: Model,
  check: PartitionCheck,
  record: { readonly partition: number; readonly offset: bigint; readonly value: Buffer | null },
  codec: Codec,
): void => {
  const place = `partition ${record.partition} offset ${record.offset}`;
  if (record.value === null) {
    complain(model, place, 'value', 'an event', 'a tombstone');
    return;
  }
  const link = linkOf(check.link, record.value);
  const carried = carriedLink(record.value);
  if (!link.equals(carried)) complain(model, place, 'chain_hash', link.toString('hex'), carried.toString('hex'));
  check.link = carried;
  let event: AnyEvent;
  try {
    const { type, value } = codec.decode(record.value);
    event = { type, value } as AnyEvent;
  } catch (error) {
    complain(model, place, 'value', 'a readable event', error instanceof Error ? error.message : String(error));
    return;
  }
  if (event.value.envelope.recorded_at < check.recordedAt)
    complain(model, place, 'recorded_at', `not before ${check.recordedAt}`, String(event.value.envelope.recorded_at));
  check.recordedAt = Math.max(check.recordedAt, event.value.envelope.recorded_at);
  model.events.push({ event, partition: record.partition, offset: record.offset });
};

const versionOf = (model: Model, { type, value: { envelope } }: AnyEvent): number => {
  if (type === 'CommandRejected') return 0;
  return model.versions.get(envelope.aggregate_id) ?? 0;
};

/** Folds the events that were read. Investors first: commitments of other partitions name them. */
export const foldModel = (model: Model): Model => {
  const seen = new Set<string>();
  const scoped = (investorFirst: boolean): readonly PlacedEvent[] =>
    model.events.filter(({ event }) => (event.value.envelope.aggregate_type === 'INVESTOR') === investorFirst);
  for (const placed of [...scoped(true), ...scoped(false)]) {
    const { envelope } = placed.event.value;
    const place = `partition ${placed.partition} offset ${placed.offset}`;
    if (seen.has(envelope.event_id)) complain(model, place, 'event_id', 'an id that is used once', envelope.event_id);
    seen.add(envelope.event_id);
    const expected = versionOf(model, placed.event) + 1;
    if (envelope.event_version !== expected)
      complain(model, place, 'event_version', String(expected), String(envelope.event_version));
    for (const { aggregate_id, event_version } of envelope.depends_on) {
      if ((model.investors.get(aggregate_id)?.version ?? 0) < event_version)
        complain(model, place, 'depends_on', `${aggregate_id} version ${event_version} on the log`, 'missing');
    }
    if (placed.event.type !== 'CommandRejected') model.versions.set(envelope.aggregate_id, envelope.event_version);
    apply(model, placed.event, place);
  }
  return model;
};

const apply = (model: Model, event: AnyEvent, place: string): void => {
  const { envelope } = event.value;
  const at = envelope.recorded_at;
  const stamps = { createdAt: at, updatedAt: at, tenantId: envelope.tenant_id, version: envelope.event_version };
  const missing = (what: string): void => complain(model, place, what, 'an earlier event that creates it', 'none');
  const touchFund = (id: Uuid, edit: (fund: FundModel) => void): void => {
    const fund = model.funds.get(id);
    if (fund === undefined) return missing(`fund ${id}`);
    edit(fund);
    fund.version = envelope.event_version;
    fund.updatedAt = at;
  };
  const touchInvestor = (id: Uuid, edit: (investor: InvestorModel) => void): void => {
    const investor = model.investors.get(id);
    if (investor === undefined) return missing(`investor ${id}`);
    edit(investor);
    investor.version = envelope.event_version;
    investor.updatedAt = at;
  };
  switch (event.type) {
    case 'FundCreated':
      model.funds.set(event.value.fund.fund_id, { card: event.value.fund, ...stamps });
      return;
    case 'FundUpdated':
      touchFund(event.value.fund.fund_id, (fund) => (fund.card = event.value.fund));
      return;
    case 'FundClosed':
      touchFund(
        event.value.fund_id,
        (fund) => (fund.card = { ...fund.card, fund_status: 'CLOSED', final_close_date: event.value.final_close_date }),
      );
      return;
    case 'InvestorCreated':
      model.investors.set(event.value.investor.investor_id, { card: event.value.investor, accounts: [], ...stamps });
      return;
    case 'InvestorUpdated':
      touchInvestor(event.value.investor.investor_id, (investor) => (investor.card = event.value.investor));
      return;
    case 'KycDecisionRecorded': {
      const { kyc_status, kyc_date, kyc_source } = event.value;
      touchInvestor(
        event.value.investor_id,
        (investor) => (investor.card = { ...investor.card, kyc_status, kyc_date, kyc_source }),
      );
      return;
    }
    case 'BankAccountAdded':
      touchInvestor(event.value.investor_id, (investor) =>
        investor.accounts.push({ account: event.value.account, createdAt: at }),
      );
      return;
    case 'CommitmentMade':
      if (!model.funds.has(event.value.fund_id)) missing(`fund ${event.value.fund_id}`);
      model.commitments.set(event.value.commitment_id, {
        made: event.value,
        opening: null,
        amount: event.value.commitment_amount,
        status: 'ACTIVE',
        ...stamps,
      });
      return;
    case 'OpeningBalanceRecorded':
    case 'ValuationRecorded': {
      const commitment = model.commitments.get(event.value.commitment_id);
      if (commitment === undefined) return missing(`commitment ${event.value.commitment_id}`);
      commitment.version = envelope.event_version;
      commitment.updatedAt = at;
      if (event.type === 'OpeningBalanceRecorded') commitment.opening = event.value;
      return;
    }
    case 'CommitmentAmountChanged':
    case 'CommitmentCancelled':
    case 'CommitmentTransferred': {
      const commitment = model.commitments.get(event.value.commitment_id);
      if (commitment === undefined) return missing(`commitment ${event.value.commitment_id}`);
      commitment.version = envelope.event_version;
      commitment.updatedAt = at;
      if (event.type === 'CommitmentCancelled') commitment.status = 'CANCELLED';
      else commitment.amount = event.value.new_amount;
      if (event.type === 'CommitmentTransferred' && event.value.new_amount === 0n) commitment.status = 'TRANSFERRED';
      return;
    }
    case 'FundTermAdopted':
    case 'FundTransactionRecorded':
    case 'FundTransactionReversed':
    case 'CarryClawedBack':
      // Events of the fund that leave its card as it is.
      touchFund(event.value.fund_id, () => undefined);
      return;
    default:
      return;
  }
};

/** Sum of parts of which some are unknown. */
export interface KnownSum {
  readonly minor: Minor;
  readonly unknown: number;
  readonly parts: number;
}
/** Adds up what is known. */
export const sumKnown = (parts: readonly (Minor | null)[]): KnownSum => ({
  minor: parts.reduce<Minor>((sum, part) => sum + (part ?? 0n), 0n),
  unknown: parts.filter((part) => part === null).length,
  parts: parts.length,
});
