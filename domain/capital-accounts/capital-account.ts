// Capital accounts of a fund: per investor and in total, kept up as events arrive. Unknown parts stay unknown: a sum
// contains what is known and says how many parts are not, and a ratio over an unknown part is undefined.
import type { AnyEvent, CapitalAccount, LocalDate, Minor, Uuid } from '../messages.ts';
import { ratio } from './ratio.ts';

/** One commitment with the latest that is known of it. */
interface Part {
  readonly investorId: Uuid;
  readonly amount: Minor;
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

/** Running sums over a set of parts. */
interface Total {
  readonly parts: Set<Uuid>;
  committed: Minor;
  readonly called: Sum;
  readonly distributed: Sum;
  readonly remaining: Sum;
  /** What can still be called, per commitment never below zero. */
  readonly unfunded: Sum;
  /** How many parts stand at each date. */
  readonly dates: Map<LocalDate, number>;
}

export interface FundAccounts {
  readonly currency: string;
  readonly parts: Map<Uuid, Part>;
  readonly total: Total;
  readonly investors: Map<Uuid, Total>;
}

/** Capital accounts of all funds of a partition. */
export type CapitalAccounts = Map<Uuid, FundAccounts>;

const emptyTotal = (): Total => ({
  parts: new Set(),
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
const apply = (total: Total, id: Uuid, part: Part, sign: 1 | -1): void => {
  if (sign === 1) total.parts.add(id);
  else total.parts.delete(id);
  total.committed += sign === 1 ? part.amount : -part.amount;
  add(total.called, part.called, sign);
  add(total.distributed, part.distributed, sign);
  add(total.remaining, part.remaining, sign);
  add(total.unfunded, unfundedOf(part), sign);
  const count = (total.dates.get(part.asOf) ?? 0) + sign;
  if (count === 0) total.dates.delete(part.asOf);
  else total.dates.set(part.asOf, count);
};

const change = (accounts: FundAccounts, id: Uuid, part: Part, edit: (part: Part) => void): void => {
  const investor = accounts.investors.get(part.investorId) ?? emptyTotal();
  accounts.investors.set(part.investorId, investor);
  if (accounts.parts.has(id)) {
    apply(accounts.total, id, part, -1);
    apply(investor, id, part, -1);
  }
  edit(part);
  accounts.parts.set(id, part);
  apply(accounts.total, id, part, 1);
  apply(investor, id, part, 1);
};

/** Which accounts an event touched; null when it touched none. */
export interface Touched {
  readonly fundId: Uuid;
  readonly investorId: Uuid;
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

/**
 * Folds an event into the accounts, in place, and says which accounts it touched.
 *
 * The remaining value with the latest effective date counts, of one day the one recorded last; an older one changes nothing.
 * @throws Error when the event contradicts the log before it (a defect).
 */
export const foldCapitalAccounts = (accounts: CapitalAccounts, event: AnyEvent): Touched | null => {
  switch (event.type) {
    case 'CommitmentMade': {
      const { commitment_id, fund_id, investor_id, commitment_amount, commitment_date, currency } = event.value;
      const fund = accounts.get(fund_id) ?? { currency, parts: new Map(), total: emptyTotal(), investors: new Map() };
      accounts.set(fund_id, fund);
      const part: Part = {
        investorId: investor_id,
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
      change(fund, commitment_id, part, () => undefined);
      return { fundId: fund_id, investorId: investor_id };
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
      change(fund, commitment_id, part, () => {
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
      return { fundId: fund_id, investorId: investor_id };
    }
    case 'ValuationRecorded': {
      const { commitment_id, fund_id, investor_id, remaining_value, envelope } = event.value;
      const { fund, part } = partOf(accounts, fund_id, commitment_id);
      if (part.hasHistory && envelope.effective_date < part.valuedOn) return null;
      change(fund, commitment_id, part, () => {
        part.remaining = remaining_value;
        part.valuedOn = envelope.effective_date;
        part.asOf = part.hasHistory ? later(part.asOf, envelope.effective_date) : envelope.effective_date;
        part.hasHistory = true;
      });
      return { fundId: fund_id, investorId: investor_id };
    }
    default:
      return null;
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
  const total = investorId === null ? fund?.total : fund?.investors.get(investorId);
  if (fund === undefined || total === undefined)
    throw new Error(`no capital account of investor ${String(investorId)} in fund ${fundId}`);
  const parts = total.parts.size;
  const { called, distributed, remaining } = total;
  const wholeValue = distributed.unknown === 0 && remaining.unknown === 0 ? distributed.minor + remaining.minor : null;
  const paidIn = called.unknown === 0 ? called.minor : null;
  const perPaidIn = (minor: Minor | null): string | null => (minor === null || paidIn === null ? null : ratio(minor, paidIn));
  const dates = [...total.dates.keys()].sort();
  const single = investorId !== null && parts === 1 ? fund.parts.get([...total.parts][0] ?? '') : undefined;
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
