// Capital accounts recomputed from all events of a fund at once, without running sums: the second opinion on the processor.
import { Decimal } from 'decimal.js';
import type { AnyEvent, LocalDate, Minor, Uuid } from '#domain/messages.ts';
import { sumKnown, type KnownSum, type PlacedEvent } from './model.ts';

/** What is known of one commitment. */
interface Holding {
  readonly investorId: Uuid;
  readonly committed: Minor;
  readonly called: Minor | null;
  readonly distributed: Minor | null;
  readonly remaining: Minor | null;
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

type MoneyEvent = Extract<AnyEvent, { type: 'CommitmentMade' | 'OpeningBalanceRecorded' | 'ValuationRecorded' }>;
const isMoneyEvent = (event: AnyEvent): event is MoneyEvent =>
  ['CommitmentMade', 'OpeningBalanceRecorded', 'ValuationRecorded'].includes(event.type);

/** The value that counts is the one with the latest effective date, of one day the one recorded last. */
const holdingOf = (events: readonly MoneyEvent[]): Holding => {
  const made = events[0];
  if (made?.type !== 'CommitmentMade') throw new Error('a commitment begins with CommitmentMade');
  const opening = events.find((event) => event.type === 'OpeningBalanceRecorded')?.value ?? null;
  let remaining: Minor | null = 0n;
  let valuedOn: LocalDate | null = null;
  for (const event of events) {
    if (event.type === 'CommitmentMade') continue;
    const date = event.value.envelope.effective_date;
    if (valuedOn !== null && date < valuedOn) continue;
    remaining = event.value.remaining_value;
    valuedOn = date;
  }
  const dates = [valuedOn, opening?.envelope.effective_date ?? null].filter((date) => date !== null).sort();
  return {
    investorId: made.value.investor_id,
    committed: made.value.commitment_amount,
    called: opening === null ? 0n : opening.called_amount,
    distributed: opening === null ? 0n : opening.distributed_amount,
    remaining,
    asOf: dates.at(-1) ?? made.value.commitment_date,
    reportedIrr: opening?.reported_irr ?? null,
    reportedMultiple: opening?.reported_multiple ?? null,
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

/** Whether an event changed the accounts: an older valuation does not. */
const changes = (earlier: readonly MoneyEvent[], event: MoneyEvent): boolean => {
  if (event.type !== 'ValuationRecorded') return true;
  const latest = earlier
    .filter((former) => former.type !== 'CommitmentMade')
    .map((former) => former.value.envelope.effective_date)
    .sort()
    .at(-1);
  return latest === undefined || event.value.envelope.effective_date >= latest;
};

/**
 * Every account after every event that touched it, in the order of the log: the last of each key is the current one.
 * Only the holdings of the touched fund are looked at, so that a fund with n events costs n times its holdings.
 */
export const expectedAccounts = (events: readonly PlacedEvent[], visit: (account: ExpectedAccount) => void): void => {
  const funds = new Map<
    Uuid,
    { readonly currency: string; readonly commitments: Map<Uuid, MoneyEvent[]>; readonly holdings: Map<Uuid, Holding> }
  >();
  for (const placed of events) {
    const { event } = placed;
    if (!isMoneyEvent(event)) continue;
    const { fund_id: fundId, commitment_id: id, investor_id: investorId } = event.value;
    const fund = funds.get(fundId) ?? {
      currency: event.value.currency,
      commitments: new Map<Uuid, MoneyEvent[]>(),
      holdings: new Map<Uuid, Holding>(),
    };
    funds.set(fundId, fund);
    const history = fund.commitments.get(id) ?? [];
    const changed = changes(history, event);
    history.push(event);
    fund.commitments.set(id, history);
    fund.holdings.set(id, holdingOf(history));
    if (!changed) continue;
    const all = [...fund.holdings.values()];
    visit(
      accountOf(
        fundId,
        investorId,
        fund.currency,
        all.filter((holding) => holding.investorId === investorId),
        placed,
      ),
    );
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
