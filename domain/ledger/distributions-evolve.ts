// Folds distributions and clawbacks.
import { toEpochDay } from '../dates/local-date.ts';
import type { DistributionNotice, EventByType, TierAmount } from '../messages.ts';
import type { TierMinor, TiersMinor } from '../waterfall/tier-amounts.ts';
import { accountOf, lifeOf } from './commitment-account.ts';
import { commitmentOf, distributionOf, fundOf } from './known.ts';
import type { DistributionState, LedgerState } from './state.ts';
import { everybody } from './waterfall-flows.ts';

const noTier: TierMinor = { lpMinor: 0n, gpMinor: 0n };

/** Tiers by partner as the event has them. Shares of partners free of carry have no tiers of a waterfall. */
const tiersIn = (amounts: readonly TierAmount[]): ReadonlyMap<string, TiersMinor> => {
  const byPartner = new Map<string, TierAmount[]>();
  for (const amount of amounts) {
    const partner = amount.partner ?? everybody;
    byPartner.set(partner, [...(byPartner.get(partner) ?? []), amount]);
  }
  return new Map(
    [...byPartner].flatMap(([partner, own]): readonly (readonly [string, TiersMinor])[] => {
      const tiers = own.map(({ lp, gp }): TierMinor => ({ lpMinor: lp, gpMinor: gp }));
      if (own[0]?.tier !== 'RETURN_OF_CAPITAL') return [[partner, { kind: 'hurdles', hurdles: tiers }]];
      const [returnOfCapital = noTier, preferredReturn = noTier, catchUp = noTier, split = noTier] = tiers;
      return [[partner, { kind: 'carry', returnOfCapital, preferredReturn, catchUp, split }]];
    }),
  );
};

const takeNotices = (
  state: LedgerState,
  distribution: DistributionState,
  id: string,
  notices: readonly DistributionNotice[],
): void => {
  const day = toEpochDay(distribution.date);
  distribution.notices = [...distribution.notices, ...notices];
  for (const notice of notices) {
    const account = accountOf(commitmentOf(state, notice.commitment_id));
    account.distributed += notice.gross_distribution - notice.carried_interest;
    account.recallable += notice.recallable_amount;
    account.residuals = { ...account.residuals, distribution: notice.residual };
    account.receipts.push({ distributionId: id, day, gross: notice.gross_distribution, carry: notice.carried_interest });
  }
};

export const foldDistributionDeclared = (state: LedgerState, value: EventByType['DistributionDeclared']): void => {
  lifeOf(fundOf(state, value.fund_id)).distributions.push(value.distribution_id);
  const distribution: DistributionState = {
    fundId: value.fund_id,
    number: value.distribution_number,
    version: value.envelope.event_version,
    status: 'DECLARED',
    date: value.distribution_date,
    kind: value.distribution_kind,
    investmentId: value.investment_id,
    total: value.total_distribution_amount,
    net: value.net_distribution,
    carry: value.carried_interest,
    withholding: value.tax_withholding,
    offset: value.management_fee_offset,
    tiers: tiersIn(value.calculation.tiers),
    notices: [],
  };
  state.distributions.set(value.distribution_id, distribution);
  takeNotices(state, distribution, value.distribution_id, value.notices);
};

export const foldDistributionNotices = (state: LedgerState, value: EventByType['DistributionNoticesDeclared']): void => {
  const distribution = distributionOf(state, value.distribution_id);
  distribution.version = value.envelope.event_version;
  takeNotices(state, distribution, value.distribution_id, value.notices);
};

/** Paid out: its notices are not needed any more. */
export const foldDistributionPaid = (state: LedgerState, value: EventByType['DistributionPaid']): void => {
  const distribution = distributionOf(state, value.distribution_id);
  distribution.version = value.envelope.event_version;
  distribution.status = 'PAID';
  distribution.notices = [];
};

export const foldDistributionCancelled = (state: LedgerState, value: EventByType['DistributionCancelled']): void => {
  const distribution = distributionOf(state, value.distribution_id);
  distribution.version = value.envelope.event_version;
  distribution.status = 'CANCELLED';
  for (const notice of distribution.notices) {
    const account = accountOf(commitmentOf(state, notice.commitment_id));
    account.distributed -= notice.gross_distribution - notice.carried_interest;
    account.recallable -= notice.recallable_amount;
    account.receipts = account.receipts.filter(({ distributionId }) => distributionId !== value.distribution_id);
  }
  distribution.notices = [];
};

export const foldCarryClawedBack = (state: LedgerState, value: EventByType['CarryClawedBack']): void => {
  const fund = fundOf(state, value.fund_id);
  const life = lifeOf(fund);
  fund.version = value.envelope.event_version;
  life.usedIds.add(value.clawback_id);
  life.clawbacks.push({ due: value.due, fromEscrow: value.from_escrow, released: value.escrow_released });
  for (const notice of value.notices)
    accountOf(commitmentOf(state, notice.commitment_id)).distributed += notice.gross_distribution;
};
