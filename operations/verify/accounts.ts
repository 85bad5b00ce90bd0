// Capital accounts recomputed from all events of a fund at once, without running sums: the second opinion on the processor.
import { Decimal } from 'decimal.js';
import { isDatedBooking } from '#domain/fund-book/dated-booking.ts';
import type { AnyEvent, EventByType, LocalDate, Minor, Uuid } from '#domain/messages.ts';
import { fundOf } from './fund-log.ts';
import { sumKnown, type KnownSum, type PlacedEvent } from './model.ts';

/** What is known of one commitment. */
interface Holding {
  readonly investorId: Uuid;
  readonly committed: Minor;
  readonly called: Minor | null;
  readonly distributed: Minor | null;
  readonly remaining: Minor | null;
  /** Null while nothing was recorded of it. */
  readonly valuedOn: LocalDate | null;
  readonly asOf: LocalDate;
  readonly reportedIrr: string | null;
  readonly reportedMultiple: string | null;
}

/** A capital account as the log says it should be, with the last event that touched it. */
export interface ExpectedAccount {
  readonly fundId: Uuid;
  readonly investorId: Uuid | null;
  readonly currency: string;
  readonly asOf: LocalDate;
  readonly earliest: LocalDate;
  readonly committed: KnownSum;
  readonly called: KnownSum;
  readonly distributed: KnownSum;
  readonly remaining: KnownSum;
  readonly unfunded: KnownSum;
  readonly reportedIrr: string | null;
  readonly reportedMultiple: string | null;
  readonly source: PlacedEvent;
}

/** A commitment as it was made. */
const madeOf = (made: EventByType['CommitmentMade']): Holding => ({
  investorId: made.investor_id,
  committed: made.commitment_amount,
  called: 0n,
  distributed: 0n,
  remaining: 0n,
  valuedOn: null,
  asOf: made.commitment_date,
  reportedIrr: null,
  reportedMultiple: null,
});

/** The value that counts is the one with the latest effective date, of one day the one recorded last; null for one that comes too late. */
const valued = (held: Holding, date: LocalDate, remaining: Minor | null): Holding | null => {
  if (held.valuedOn !== null && date < held.valuedOn) return null;
  return { ...held, remaining, valuedOn: date, asOf: date };
};

const opened = (held: Holding, { envelope, ...value }: EventByType['OpeningBalanceRecorded']): Holding => ({
  ...(valued(held, envelope.effective_date, value.remaining_value) ?? held),
  called: value.called_amount,
  distributed: value.distributed_amount,
  reportedIrr: value.reported_irr,
  reportedMultiple: value.reported_multiple,
});

/** What two commitments hold after one was transferred to the other, wholly or in part. */
const transferred = (
  from: Holding,
  to: Holding,
  value: EventByType['CommitmentTransferred'],
): { readonly from: Holding; readonly to: Holding } => {
  const { called, distributed, remaining, valuedOn, asOf } = from;
  const moved = remaining === null ? null : (remaining * value.transferred_amount) / value.old_amount;
  return {
    to: {
      ...to,
      called: called === null ? null : value.paid_in_moved,
      distributed: distributed === null ? null : value.distributed_moved,
      remaining: moved,
      valuedOn,
      asOf,
    },
    from: {
      ...from,
      committed: value.new_amount,
      called: called === null ? null : called - value.paid_in_moved,
      distributed: distributed === null ? null : distributed - value.distributed_moved,
      remaining: remaining === null || moved === null ? null : remaining - moved,
    },
  };
};

const unfundedOf = ({ committed, called }: Holding): Minor | null =>
  called === null ? null : called > committed ? 0n : committed - called;

const accountOf = (
  fundId: Uuid,
  investorId: Uuid | null,
  currency: string,
  holdings: readonly Holding[],
  source: PlacedEvent,
): ExpectedAccount => {
  const dates = holdings.map((holding) => holding.asOf).sort();
  const single = investorId !== null && holdings.length === 1 ? holdings[0] : undefined;
  return {
    fundId,
    investorId,
    currency,
    asOf: dates.at(-1) ?? '',
    earliest: dates[0] ?? '',
    committed: sumKnown(holdings.map((holding) => holding.committed)),
    called: sumKnown(holdings.map((holding) => holding.called)),
    distributed: sumKnown(holdings.map((holding) => holding.distributed)),
    remaining: sumKnown(holdings.map((holding) => holding.remaining)),
    unfunded: sumKnown(holdings.map(unfundedOf)),
    reportedIrr: single?.reportedIrr ?? null,
    reportedMultiple: single?.reportedMultiple ?? null,
    source,
  };
};

interface Fund {
  readonly currency: string;
  readonly holdings: Map<Uuid, Holding>;
  isDated: boolean;
}

/** Changes the holdings of a fund and says whose accounts changed; null when none did. */
const foldHoldings = ({ holdings }: Fund, event: AnyEvent): readonly Uuid[] | null => {
  const held = (id: Uuid): Holding => {
    const holding = holdings.get(id);
    if (holding === undefined) throw new Error(`the log names commitment ${id}, which no earlier event made`);
    return holding;
  };
  switch (event.type) {
    case 'CommitmentMade':
      holdings.set(event.value.commitment_id, madeOf(event.value));
      return [event.value.investor_id];
    case 'OpeningBalanceRecorded':
      holdings.set(event.value.commitment_id, opened(held(event.value.commitment_id), event.value));
      return [event.value.investor_id];
    case 'ValuationRecorded': {
      const { commitment_id, investor_id, remaining_value, envelope } = event.value;
      const after = valued(held(commitment_id), envelope.effective_date, remaining_value);
      if (after === null) return null;
      holdings.set(commitment_id, after);
      return [investor_id];
    }
    case 'CommitmentAmountChanged':
    case 'CommitmentCancelled': {
      const { commitment_id, investor_id } = event.value;
      const committed = event.type === 'CommitmentCancelled' ? 0n : event.value.new_amount;
      holdings.set(commitment_id, { ...held(commitment_id), committed });
      return [investor_id];
    }
    case 'CommitmentTransferred': {
      const { commitment_id, to_commitment_id, investor_id, to_investor_id } = event.value;
      const { from, to } = transferred(held(commitment_id), held(to_commitment_id), event.value);
      holdings.set(commitment_id, from);
      holdings.set(to_commitment_id, to);
      return [investor_id, to_investor_id];
    }
    default:
      return null;
  }
};

/**
 * Every account after every event that touched it, in the order of the log: the last of each key is the current one.
 * Only the holdings of the touched fund are looked at, so that a fund with n events costs n times its holdings.
 */
export const expectedAccounts = (events: readonly PlacedEvent[], visit: (account: ExpectedAccount) => void): void => {
  const funds = new Map<Uuid, Fund>();
  for (const placed of events) {
    const { event } = placed;
    const fundId = fundOf(event);
    if (fundId === null) continue;
    const isFirst = event.type === 'CommitmentMade' && !funds.has(fundId);
    if (isFirst) funds.set(fundId, { currency: event.value.currency, holdings: new Map(), isDated: false });
    const fund = funds.get(fundId);
    if (fund === undefined || fund.isDated) continue;
    // Figures of a fund follow from its flows as soon as there are some: nothing is told of its accounts any more.
    if (isDatedBooking(event)) fund.isDated = true;
    const touched = foldHoldings(fund, event);
    if (touched === null) continue;
    const all = [...fund.holdings.values()];
    for (const investorId of touched) {
      const own = all.filter((holding) => holding.investorId === investorId);
      visit(accountOf(fundId, investorId, fund.currency, own, placed));
    }
    visit(accountOf(fundId, null, fund.currency, all, placed));
  }
};

/** A quotient as the stores should show it: ten decimals, half away from zero; null where undefined. */
export const expectedRatio = (numerator: KnownSum | Minor | null, denominator: KnownSum): string | null => {
  const top =
    numerator === null ? null : typeof numerator === 'bigint' ? numerator : numerator.unknown > 0 ? null : numerator.minor;
  if (top === null || denominator.unknown > 0 || denominator.minor <= 0n) return null;
  return new Decimal(top.toString()).div(denominator.minor.toString()).toFixed(10, Decimal.ROUND_HALF_UP);
};
