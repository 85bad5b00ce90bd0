// How a waterfall came to its figures, in words and formulae: what each tier pays, by the terms that were used (design.md 5).
import { z } from 'zod';

/** Terms of a calculation, as far as the words need them; what is absent is the default. */
const terms = z.looseObject({
  style: z.string().default('european'),
  hurdleRate: z.string().nullable().default('0.08'),
  hurdleAccrual: z.string().default('effective'),
  dayCount: z.string().default('act/365f'),
  tierOrder: z.string().default('capital-first'),
  catchUp: z.string().default('1.0'),
  carry: z.string().default('0.2'),
  hurdles: z.array(z.looseObject({})).optional(),
  carryTiers: z.array(z.looseObject({})).optional(),
  carryFreePartners: z.array(z.string()).default([]),
});

export const balances =
  'K is unreturned capital, P unpaid preferred return, up to the day of the distribution; profit = all distributed so far, this distribution’s earlier tiers included, − all contributions so far.';

/** The words of one tier, of a partner where each has a waterfall of its own. */
export const tierFormula = (tier: string, partner: string | null, text: unknown): string => {
  const used = terms.parse(text);
  if (partner !== null && used.carryFreePartners.includes(partner))
    return 'This partner is free of carried interest: its share goes to it whole.';
  if (used.hurdles !== undefined)
    return 'Limited partners receive the balance of the hurdle, the general partner gp / (1 − gp) of that; the last entry takes the rest.';
  switch (tier) {
    case 'RETURN_OF_CAPITAL':
      return `All to the limited partners: min(max(0, K), K + P), ${used.tierOrder === 'pref-first' ? 'after' : 'before'} the preferred return.`;
    case 'PREFERRED_RETURN':
      return used.hurdleRate === null
        ? 'These terms have no preferred return.'
        : `All to the limited partners: the rest of K + P; P accrues at ${used.hurdleRate} (${used.hurdleAccrual}, ${used.dayCount}).`;
    case 'CATCH_UP':
      return `The general partner takes the share ${used.catchUp} while carried interest is below ${used.carry} × profit: length (${used.carry} × profit − GP) / (${used.catchUp} − ${used.carry}).`;
    case 'SPLIT':
      return used.carryTiers === undefined
        ? `${used.carry} to the general partner, the rest to the limited partners.`
        : 'By the carry tier that the receipts of the limited partners have reached.';
    default:
      return 'No formula is known for this tier.';
  }
};

export const rounding =
  'Balances are exact. The lp and gp entries of all tiers are rounded together to the cent by largest remainder, ties to the earlier tier, lp before gp, so that they add up to the distribution.';
export const sharing =
  'Each notice: gross is the share of the commitment by capital contributed (largest remainder over residuals carried on); net = gross − carried interest − management fee offset − tax withholding.';
