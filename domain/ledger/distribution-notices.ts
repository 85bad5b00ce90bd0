// The notices of a distribution: gross by capital contributed, carried interest, tax and fee kept back, each adding up to the cent.
import type { CommandByType, DistributionNotice, Minor, Withholding } from '../messages.ts';
import { parseDecimalText } from '../numbers/decimal-text.ts';
import { type Fixed, fixedFromDecimal, fixedFromInteger, ONE, times } from '../numbers/fixed.ts';
import { formatRational } from '../numbers/rational.ts';
import { tierList, type TiersMinor } from '../waterfall/tier-amounts.ts';
import { unfundedOf } from './commitment-account.ts';
import { type DistributionPlan, type GrossShare, plannedDistribution } from './distribution-plan.ts';
import { oncePerDecision } from './once.ts';
import type { RuleContext } from './rule.ts';
import { roundToUnit, sharedBy } from './units.ts';

/** A withholding rate, or null when the text is no decimal fraction from 0 to 1. */
export const withholdingRate = (text: string): Fixed | null => {
  const decimal = parseDecimalText(text);
  const rate = decimal === null ? null : fixedFromDecimal(decimal);
  return rate === null || rate < 0n || rate > ONE ? null : rate;
};

/** What of a share goes to the general partner, returns capital and is preferred return. */
interface Split {
  readonly carry: Minor;
  readonly returnOfCapital: Minor;
  readonly preferredReturn: Minor;
}

/**
 * The tiers of a partner over its commitments: carried interest by gross, what returns capital by what is left, preferred return by
 * what is left of that. So no commitment gives more than it has.
 */
const splitTiers = (tiers: TiersMinor, shares: readonly GrossShare[], unit: Minor): readonly Split[] => {
  const gross = shares.map((share) => share.gross);
  const carry = sharedBy(
    tierList(tiers).reduce((sum, { gpMinor }) => sum + gpMinor, 0n),
    gross,
    unit,
  );
  const net = gross.map((minor, index) => minor - (carry[index] ?? 0n));
  const capital = sharedBy(tiers.kind === 'carry' ? tiers.returnOfCapital.lpMinor : 0n, net, unit);
  const left = net.map((minor, index) => minor - (capital[index] ?? 0n));
  const pref = sharedBy(tiers.kind === 'carry' ? tiers.preferredReturn.lpMinor : 0n, left, unit);
  return shares.map((_, index) => ({
    carry: carry[index] ?? 0n,
    returnOfCapital: capital[index] ?? 0n,
    preferredReturn: pref[index] ?? 0n,
  }));
};

const nothing: Split = { carry: 0n, returnOfCapital: 0n, preferredReturn: 0n };

const splits = ({ shares, tiers, unit }: DistributionPlan): ReadonlyMap<GrossShare, Split> => {
  const byPartner = Map.groupBy(shares, ({ partner }) => partner);
  return new Map(
    [...tiers].flatMap(([partner, paid]) => {
      const own = byPartner.get(partner) ?? [];
      return splitTiers(paid, own, unit).map((split, index) => [own[index] as GrossShare, split] as const);
    }),
  );
};

const withheld = (withholdings: readonly Withholding[], investorId: string, received: Minor, unit: Minor): Minor => {
  const entry = withholdings.find(({ investor_id }) => investor_id === investorId);
  const rate = entry === undefined ? null : withholdingRate(entry.rate);
  return rate === null ? 0n : roundToUnit(times(fixedFromInteger(received), rate), unit);
};

const noticesOf = (
  { deriveId }: RuleContext,
  command: CommandByType['DeclareDistribution'],
  plan: DistributionPlan,
): readonly DistributionNotice[] => {
  const gross = plan.shares.map((share) => share.gross);
  const offsets = sharedBy(command.management_fee_offset, gross, plan.unit);
  const recallables = sharedBy(command.recallable_amount, gross, plan.unit);
  const bySplit = splits(plan);
  return plan.shares.map((share, index): DistributionNotice => {
    const { carry, returnOfCapital, preferredReturn } = bySplit.get(share) ?? nothing;
    const offset = offsets[index] ?? 0n;
    const recallable = recallables[index] ?? 0n;
    const tax = withheld(command.withholdings, share.commitment.investorId, share.gross - carry, plan.unit);
    const unfunded = unfundedOf(share.commitment);
    return {
      notice_id: deriveId(command.distribution_id, share.id),
      commitment_id: share.id,
      investor_id: share.commitment.investorId,
      gross_distribution: share.gross,
      carried_interest: carry,
      management_fee_offset: offset,
      tax_withholding: tax,
      net_distribution: share.gross - carry - offset - tax,
      recallable_amount: recallable,
      return_of_capital: returnOfCapital,
      preferred_return: preferredReturn,
      unfunded_before: unfunded,
      unfunded_after: unfunded + recallable,
      residual: formatRational(share.residual),
    };
  });
};

/** Sum of one amount of notices. */
export const sumOfNotices = (
  notices: readonly DistributionNotice[],
  field:
    | 'gross_distribution'
    | 'carried_interest'
    | 'management_fee_offset'
    | 'tax_withholding'
    | 'net_distribution'
    | 'recallable_amount',
): Minor => notices.reduce((sum, notice) => sum + notice[field], 0n);

/** Whether a part can be shared out of a total. */
const isPartOf = (part: Minor, total: Minor): boolean => part >= 0n && part <= total;

/** The notices that a DeclareDistribution would send; none when it cannot be run or its parts exceed it. */
export const declaredNotices = oncePerDecision((context): readonly DistributionNotice[] => {
  const plan = plannedDistribution(context);
  if (context.command.type !== 'DeclareDistribution' || plan?.kind !== 'ok') return [];
  const { value } = context.command;
  const total = value.total_distribution_amount;
  return isPartOf(value.recallable_amount, total) && isPartOf(value.management_fee_offset, total)
    ? noticesOf(context, value, plan)
    : [];
});
