// Several distributions of a day are one to the waterfall: a later one receives the day's total result less what was booked
// (design.md 5, Exactness).
import { toEpochDay } from '../dates/local-date.ts';
import type { CommandByType, Minor, Uuid } from '../messages.ts';
import { lessBooked } from '../waterfall/booked.ts';
import type { OneWaterfall } from '../waterfall/one-waterfall.ts';
import { tierList, type TiersMinor } from '../waterfall/tier-amounts.ts';
import type { FundState, LedgerState } from './state.ts';
import type { FundWaterfall } from './terms.ts';
import { tiersInUnits, unitOf } from './units.ts';

const totalOf = (tiers: TiersMinor): Minor => tierList(tiers).reduce((sum, { lpMinor, gpMinor }) => sum + lpMinor + gpMinor, 0n);

/** Tiers of another shape (the terms changed on the day) count in the last tier. */
const shapedLike = (like: TiersMinor, tiers: TiersMinor): TiersMinor => {
  if (like.kind === tiers.kind && tierList(like).length === tierList(tiers).length) return tiers;
  const nothing = { lpMinor: 0n, gpMinor: 0n };
  const all = tierList(tiers).reduce(
    (sum, { lpMinor, gpMinor }) => ({ lpMinor: sum.lpMinor + lpMinor, gpMinor: sum.gpMinor + gpMinor }),
    nothing,
  );
  if (like.kind === 'hurdles')
    return { kind: 'hurdles', hurdles: like.hurdles.map((_, index) => (index === like.hurdles.length - 1 ? all : nothing)) };
  return { kind: 'carry', returnOfCapital: nothing, preferredReturn: nothing, catchUp: nothing, split: all };
};

/** A distribution that is being decided. */
export interface Declaration {
  readonly state: LedgerState;
  readonly fund: FundState;
  readonly waterfall: FundWaterfall;
  readonly command: CommandByType['DeclareDistribution'];
}

/** Whether two distributions of a day are one to the waterfall. */
const mergesWith = (
  { terms }: FundWaterfall,
  left: { readonly isTax: boolean; readonly deal: Uuid | null },
  right: { readonly isTax: boolean; readonly deal: Uuid | null },
): boolean => {
  const taxApart = terms.hurdles === undefined && terms.taxDistributions !== 'none';
  const dealsApart = terms.style === 'american' && terms.lossCarryForward === false;
  return (!taxApart || left.isTax === right.isTax) && (!dealsApart || left.deal === right.deal);
};

const bookedOn = ({ state, fund, waterfall, command }: Declaration): readonly ReadonlyMap<string, TiersMinor>[] =>
  (fund.life?.distributions ?? []).flatMap((id) => {
    const other = state.distributions.get(id);
    if (other === undefined || other.status === 'CANCELLED' || other.date !== command.distribution_date) return [];
    const merged = mergesWith(
      waterfall,
      { isTax: other.kind === 'TAX', deal: other.investmentId },
      { isTax: command.distribution_kind === 'TAX', deal: command.investment_id },
    );
    return merged ? [other.tiers] : [];
  });

/** Tiers of the day, or null when nothing was distributed then. */
const tiersOfDay = (waterfall: OneWaterfall | undefined, { waterfall: terms, command }: Declaration): TiersMinor | null => {
  const day = toEpochDay(command.distribution_date);
  const own = { isTax: command.distribution_kind === 'TAX', deal: command.investment_id };
  const paid = waterfall?.paid.find(
    (entry) =>
      entry.day === day &&
      mergesWith(terms, own, {
        isTax: entry.isTax,
        deal: own.deal !== null && entry.deals.includes(own.deal) ? own.deal : (entry.deals[0] ?? null),
      }),
  );
  return paid?.tiers ?? null;
};

/**
 * The tiers that a distribution pays each partner: those of the day less what was booked for it. A transfer or new terms since may
 * have changed whose the earlier ones of the day are; then the day without this one counts, which `withoutOwn` runs when asked.
 */
export const tiersBeyondBooked = (
  declaration: Declaration,
  byPartner: ReadonlyMap<string, Minor>,
  waterfalls: ReadonlyMap<string, OneWaterfall>,
  withoutOwn: () => ReadonlyMap<string, OneWaterfall>,
): ReadonlyMap<string, TiersMinor> => {
  const bookedBefore = bookedOn(declaration);
  const unit = unitOf(declaration.fund.card.base_currency);
  let earlier: ReadonlyMap<string, OneWaterfall> | null = null;
  return new Map(
    [...byPartner].map(([partner, minor]) => {
      const ofDay = tiersOfDay(waterfalls.get(partner), declaration);
      if (ofDay === null)
        throw new Error(`the waterfall of partner '${partner}' paid nothing on its day; a defect of the ledger`);
      const booked = bookedBefore.flatMap((tiers) => tiers.get(partner) ?? []);
      const isAsBooked = booked.reduce((sum, tiers) => sum + totalOf(tiers), 0n) === totalOf(ofDay) - minor;
      if (!isAsBooked) earlier ??= withoutOwn();
      const before = isAsBooked ? booked : [tiersOfDay(earlier?.get(partner), declaration)].filter((tiers) => tiers !== null);
      const paid = lessBooked(
        ofDay,
        before.map((tiers) => shapedLike(ofDay, tiers)),
      );
      if (totalOf(paid) !== minor) throw new Error(`tiers of '${partner}' add up to ${totalOf(paid)} cents, not to ${minor}`);
      return [partner, tiersInUnits(paid, unit)];
    }),
  );
};
