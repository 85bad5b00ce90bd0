// Capital accounts of funds that were taken over with their sums: per investor and in total, kept up as events arrive. Unknown parts
// stay unknown: a sum contains what is known and says how many parts are not, and a ratio over an unknown part is undefined. As soon
// as a fund has dated bookings its figures follow from them (domain/fund-book), and nothing is told of it here any more.
import { isDatedBooking, type DatedBooking } from '../fund-book/dated-booking.ts';
import type { AnyEvent, CapitalAccount, EventByType, EventEnvelope, EventType, LocalDate, Minor, Uuid } from '../messages.ts';
import { ratio } from './ratio.ts';

/** One commitment with the latest that is known of it. */
interface Part {
  amount: Minor;
  called: Minor | null;
  distributed: Minor | null;
  remaining: Minor | null;
  /** Effective date of the remaining value; the commitment date before there is one. */
  valuedOn: LocalDate;
  /** Latest effective date of anything in it. */
  asOf: LocalDate;
  reportedIrr: string | null;
  reportedMultiple: string | null;
  hasHistory: boolean;
}

/** A measure that is summed over parts. */
interface Sum {
  minor: Minor;
  unknown: number;
}

/** Sums over a set of parts. */
interface Total {
  parts: number;
  committed: Minor;
  readonly called: Sum;
  readonly distributed: Sum;
  readonly remaining: Sum;
  /** What can still be called, per commitment never below zero. */
  readonly unfunded: Sum;
  /** How many parts stand at each date. */
  readonly dates: Map<LocalDate, number>;
}

/**
 * Accounts of one fund. The sums of the whole fund run along with its events; those of an investor are added up when they are asked
 * for: an investor has one commitment in a fund, or a few, and running sums for each would be most of the memory of a processor.
 */
export interface FundAccounts {
  readonly currency: string;
  /** It has dated bookings. */
  hasDatedBookings: boolean;
  /** By commitment. */
  readonly parts: Map<Uuid, Part>;
  readonly total: Total;
  /** The parts of each investor; a single one stands by itself. */
  readonly investors: Map<Uuid, Part | Part[]>;
}

/** Capital accounts of all funds of a partition. */
export type CapitalAccounts = Map<Uuid, FundAccounts>;

const emptyTotal = (): Total => ({
  parts: 0,
  committed: 0n,
  called: { minor: 0n, unknown: 0 },
  distributed: { minor: 0n, unknown: 0 },
  remaining: { minor: 0n, unknown: 0 },
  unfunded: { minor: 0n, unknown: 0 },
  dates: new Map(),
});

const add = (sum: Sum, value: Minor | null, sign: 1 | -1): void => {
  if (value === null) sum.unknown += sign;
  else sum.minor += sign === 1 ? value : -value;
};

/** Called above the commitment leaves nothing to call: fees may be called outside it. */
const unfundedOf = ({ amount, called }: Part): Minor | null => (called === null ? null : called < amount ? amount - called : 0n);

/** Adds a part to a total, or takes it out before it changes. */
const apply = (total: Total, part: Part, sign: 1 | -1): void => {
  total.parts += sign;
  total.committed += sign === 1 ? part.amount : -part.amount;
  add(total.called, part.called, sign);
  add(total.distributed, part.distributed, sign);
  add(total.remaining, part.remaining, sign);
  add(total.unfunded, unfundedOf(part), sign);
  const count = (total.dates.get(part.asOf) ?? 0) + sign;
  if (count === 0) total.dates.delete(part.asOf);
  else total.dates.set(part.asOf, count);
};

const change = ({ total }: FundAccounts, part: Part, edit: () => void): void => {
  apply(total, part, -1);
  edit();
  apply(total, part, 1);
};

const partsOf = (held: Part | readonly Part[] | undefined): readonly Part[] =>
  held === undefined ? [] : 'amount' in held ? [held] : held;

const addPart = (fund: FundAccounts, commitmentId: Uuid, investorId: Uuid, part: Part): void => {
  const held = fund.investors.get(investorId);
  if (held === undefined) fund.investors.set(investorId, part);
  else if ('amount' in held) fund.investors.set(investorId, [held, part]);
  else held.push(part);
  fund.parts.set(commitmentId, part);
  apply(fund.total, part, 1);
};

const totalOf = (parts: readonly Part[]): Total => {
  const total = emptyTotal();
  for (const part of parts) apply(total, part, 1);
  return total;
};

/** Which accounts an event touched; null when it touched none. */
export interface Touched {
  readonly fundId: Uuid;
  readonly investorIds: readonly Uuid[];
}

const partOf = (
  accounts: CapitalAccounts,
  fundId: Uuid,
  commitmentId: Uuid,
): { readonly fund: FundAccounts; readonly part: Part } => {
  const fund = accounts.get(fundId);
  const part = fund?.parts.get(commitmentId);
  if (fund === undefined || part === undefined)
    throw new Error(`the log names commitment ${commitmentId} of fund ${fundId}, which no earlier event made`);
  return { fund, part };
};
const later = (left: LocalDate, right: LocalDate): LocalDate => (left > right ? left : right);

const touched = ({ hasDatedBookings }: FundAccounts, fundId: Uuid, ...investorIds: readonly Uuid[]): Touched | null =>
  hasDatedBookings ? null : { fundId, investorIds };

/** The part of a known amount that moves with a transfer, rounded down. */
const movedOf = (minor: Minor | null, movedMinor: Minor, ofMinor: Minor): Minor | null =>
  minor === null ? null : (minor * movedMinor) / ofMinor;

type Fields<Type extends EventType, Field extends keyof EventByType[Type]> = {
  readonly type: Type;
  readonly value: Pick<EventByType[Type], Field> & { readonly envelope: Pick<EventEnvelope, 'effective_date'> };
};
type Reference = 'commitment_id' | 'fund_id' | 'investor_id';
type AccountEventType =
  | 'CommitmentMade'
  | 'OpeningBalanceRecorded'
  | 'ValuationRecorded'
  | 'CommitmentAmountChanged'
  | 'CommitmentCancelled'
  | 'CommitmentTransferred';

/** What the fold reads of each event: a processor needs to decode no more. */
type AccountEvent =
  | Fields<'CommitmentMade', Reference | 'commitment_amount' | 'commitment_date' | 'currency'>
  | Fields<
      'OpeningBalanceRecorded',
      Reference | 'called_amount' | 'distributed_amount' | 'remaining_value' | 'reported_irr' | 'reported_multiple'
    >
  | Fields<'ValuationRecorded', Reference | 'remaining_value'>
  | Fields<'CommitmentAmountChanged', Reference | 'new_amount'>
  | Fields<'CommitmentCancelled', Reference>
  | Fields<
      'CommitmentTransferred',
      | Reference
      | 'to_commitment_id'
      | 'to_investor_id'
      | 'transferred_amount'
      | 'old_amount'
      | 'new_amount'
      | 'paid_in_moved'
      | 'distributed_moved'
    >
  | { readonly type: DatedBooking; readonly value: { readonly fund_id: Uuid } }
  | { readonly type: Exclude<EventType, AccountEventType | DatedBooking> };

/**
 * Folds an event into the accounts, in place, and says which accounts it touched.
 *
 * The remaining value with the latest effective date counts, of one day the one recorded last; an older one changes nothing.
 * @throws Error when the event contradicts the log before it (a defect).
 */
export const foldCapitalAccounts = (accounts: CapitalAccounts, event: AccountEvent | AnyEvent): Touched | null => {
  switch (event.type) {
    case 'CommitmentMade': {
      const { commitment_id, fund_id, investor_id, commitment_amount, commitment_date, currency } = event.value;
      const fund = accounts.get(fund_id) ?? {
        currency,
        hasDatedBookings: false,
        parts: new Map(),
        total: emptyTotal(),
        investors: new Map(),
      };
      accounts.set(fund_id, fund);
      const part: Part = {
        amount: commitment_amount,
        called: 0n,
        distributed: 0n,
        remaining: 0n,
        valuedOn: commitment_date,
        asOf: commitment_date,
        reportedIrr: null,
        reportedMultiple: null,
        hasHistory: false,
      };
      addPart(fund, commitment_id, investor_id, part);
      return touched(fund, fund_id, investor_id);
    }
    case 'OpeningBalanceRecorded': {
      const {
        commitment_id,
        fund_id,
        investor_id,
        called_amount,
        distributed_amount,
        remaining_value,
        reported_irr,
        reported_multiple,
        envelope,
      } = event.value;
      const { fund, part } = partOf(accounts, fund_id, commitment_id);
      change(fund, part, () => {
        part.called = called_amount;
        part.distributed = distributed_amount;
        if (envelope.effective_date >= part.valuedOn || !part.hasHistory) {
          part.remaining = remaining_value;
          part.valuedOn = envelope.effective_date;
        }
        part.asOf = part.hasHistory ? later(part.asOf, envelope.effective_date) : envelope.effective_date;
        part.reportedIrr = reported_irr;
        part.reportedMultiple = reported_multiple;
        part.hasHistory = true;
      });
      return touched(fund, fund_id, investor_id);
    }
    case 'ValuationRecorded': {
      const { commitment_id, fund_id, investor_id, remaining_value, envelope } = event.value;
      const { fund, part } = partOf(accounts, fund_id, commitment_id);
      if (part.hasHistory && envelope.effective_date < part.valuedOn) return null;
      change(fund, part, () => {
        part.remaining = remaining_value;
        part.valuedOn = envelope.effective_date;
        part.asOf = part.hasHistory ? later(part.asOf, envelope.effective_date) : envelope.effective_date;
        part.hasHistory = true;
      });
      return touched(fund, fund_id, investor_id);
    }
    case 'CommitmentAmountChanged': {
      const { commitment_id, fund_id, investor_id, new_amount } = event.value;
      const { fund, part } = partOf(accounts, fund_id, commitment_id);
      change(fund, part, () => (part.amount = new_amount));
      return touched(fund, fund_id, investor_id);
    }
    case 'CommitmentCancelled': {
      const { commitment_id, fund_id, investor_id } = event.value;
      const { fund, part } = partOf(accounts, fund_id, commitment_id);
      change(fund, part, () => (part.amount = 0n));
      return touched(fund, fund_id, investor_id);
    }
    case 'CommitmentTransferred': {
      const value = event.value;
      const { fund, part: from } = partOf(accounts, value.fund_id, value.commitment_id);
      const { part: to } = partOf(accounts, value.fund_id, value.to_commitment_id);
      const remaining = movedOf(from.remaining, value.transferred_amount, value.old_amount);
      change(fund, to, () => {
        to.called = from.called === null ? null : value.paid_in_moved;
        to.distributed = from.distributed === null ? null : value.distributed_moved;
        to.remaining = remaining;
        to.valuedOn = from.valuedOn;
        to.asOf = from.asOf;
        to.hasHistory = from.hasHistory;
      });
      change(fund, from, () => {
        from.amount = value.new_amount;
        if (from.called !== null) from.called -= value.paid_in_moved;
        if (from.distributed !== null) from.distributed -= value.distributed_moved;
        if (from.remaining !== null) from.remaining -= remaining ?? 0n;
      });
      return touched(fund, value.fund_id, value.investor_id, value.to_investor_id);
    }
    default: {
      if (!isDatedBooking(event)) return null;
      const fund = accounts.get(event.value.fund_id);
      if (fund !== undefined) fund.hasDatedBookings = true;
      return null;
    }
  }
};

const known = (sum: Sum, parts: number): Minor | null => (sum.unknown === parts && parts > 0 ? null : sum.minor);

/** Where and when a figure is true; the shell knows it, the figure carries it. */
export type FactSource = Pick<CapitalAccount, 'source_event' | 'position' | 'recorded_at'>;

/** The capital account of an investor in a fund, or of the whole fund when `investorId` is null. */
export const capitalAccountOf = (
  accounts: CapitalAccounts,
  fundId: Uuid,
  investorId: Uuid | null,
  source: FactSource,
): CapitalAccount => {
  const fund = accounts.get(fundId);
  const own = investorId === null ? null : partsOf(fund?.investors.get(investorId));
  if (fund === undefined || own?.length === 0)
    throw new Error(`no capital account of investor ${String(investorId)} in fund ${fundId}`);
  const total = own === null ? fund.total : totalOf(own);
  const { parts, called, distributed, remaining } = total;
  const wholeValue = distributed.unknown === 0 && remaining.unknown === 0 ? distributed.minor + remaining.minor : null;
  const paidIn = called.unknown === 0 ? called.minor : null;
  const perPaidIn = (minor: Minor | null): string | null => (minor === null || paidIn === null ? null : ratio(minor, paidIn));
  const dates = [...total.dates.keys()].sort();
  const single = own?.length === 1 ? own[0] : undefined;
  return {
    fund_id: fundId,
    investor_id: investorId,
    currency: fund.currency,
    as_of_date: dates.at(-1) ?? '',
    earliest_as_of_date: dates[0] ?? '',
    commitments: parts,
    committed_amount: total.committed,
    called_amount: known(called, parts),
    distributed_amount: known(distributed, parts),
    remaining_value: known(remaining, parts),
    total_value: wholeValue,
    unfunded_amount: total.unfunded.unknown === 0 ? total.unfunded.minor : null,
    called_unknown: called.unknown,
    distributed_unknown: distributed.unknown,
    remaining_unknown: remaining.unknown,
    pic: paidIn === null ? null : ratio(paidIn, total.committed),
    dpi: perPaidIn(distributed.unknown === 0 ? distributed.minor : null),
    rvpi: perPaidIn(remaining.unknown === 0 ? remaining.minor : null),
    tvpi: perPaidIn(wholeValue),
    irr: null,
    irr_status: 'NO_FLOWS',
    reported_irr: single?.reportedIrr ?? null,
    reported_multiple: single?.reportedMultiple ?? null,
    paid_in_amount: null,
    recallable_amount: null,
    accrued_carried_interest: null,
    ...source,
  };
};
