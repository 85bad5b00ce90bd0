// The beginning of a generated fund: the fund, its commitments and the terms that it adopts.
import { addYears } from '#domain/dates/local-date.ts';
import type { FundType, LocalDate, Minor, Uuid } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import type { PartnerTerms } from '#domain/waterfall/terms.ts';
import type { Random } from './random.ts';
import type { Simulation } from './simulation.ts';
import { type GeneratedTerms, termsOf } from './terms.ts';

export const thousand = 1_000_00n;
export const million = 1_000_000_00n;

/** What a generated fund is. */
export interface FundPlan {
  readonly number: number;
  readonly currency: string;
  readonly years: number;
  /** Who commits; the first may be the general partner itself. */
  readonly investors: readonly Uuid[];
  /** Investors who may take a commitment over. */
  readonly others: readonly Uuid[];
  /** First day. */
  readonly start: LocalDate;
  /** Nothing is dated later: a fund that is not at its end by then stays open. */
  readonly today: LocalDate;
  /** Few bookings for each of many investors. */
  readonly isShort: boolean;
}

const strategies = ['Buyout', 'Growth', 'Venture', 'Credit', 'Infrastructure', 'Real Estate'];
const names = [
  'Aspen',
  'Birch',
  'Cedar',
  'Dogwood',
  'Elm',
  'Fir',
  'Ginkgo',
  'Hazel',
  'Ivy',
  'Juniper',
  'Kauri',
  'Larch',
  'Maple',
  'Oak',
  'Pine',
  'Rowan',
];
const fundTypes: readonly FundType[] = ['PE', 'VC', 'PRIVATE_CREDIT', 'INFRASTRUCTURE', 'REAL_ESTATE', 'SECONDARIES'];

/** Fund, terms, commitments. Returns the fund with what the rest of its life needs. */
export const setUp = (simulation: Simulation, plan: FundPlan, random: Random) => {
  const { number, start, currency } = plan;
  const fundId = simulation.id('fund', number);
  const terms = termsOf(number, random);
  const size = random.share(million, random.whole(80, 900), million);
  simulation.book('CreateFund', start, {
    fund: {
      fund_id: fundId,
      fund_name: `${names[number % names.length] ?? ''} ${random.pick(strategies)} Partners ${['I', 'II', 'III', 'IV', 'V'][number % 5] ?? ''} (${number + 1})`,
      fund_type: random.pick(fundTypes),
      fund_size: size,
      target_size: size,
      base_currency: currency,
      vintage_year: Number(start.slice(0, 4)),
      inception_date: start,
      target_close_date: addYears(start, 1),
      final_close_date: null,
      management_fee_rate: '0.02',
      carried_interest_rate: '0.2',
      hurdle_rate: '0.08',
      catch_up_provision: true,
      fund_manager: `${names[(number * 7) % names.length] ?? ''} Capital Management`,
      investment_strategy: random.pick(strategies),
      sub_strategy: null,
      geography: random.pick(['North America', 'Europe', 'Asia Pacific', 'Global']),
      fund_status: 'ACTIVE',
      terms: [],
      assumed_fields: [],
    },
  });
  // All but the last commit what is left over them in proportion to a random weight, in steps of 10,000.
  const weights = plan.investors.map(() => random.whole(1, 20));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const commitments = plan.investors.map((investorId, place) => {
    const amount = random.share(size, (0.92 * (weights[place] ?? 1)) / total, 10n * thousand);
    const commitmentId = simulation.id('commitment', number, place);
    simulation.book('MakeCommitment', start, {
      commitment_id: commitmentId,
      fund_id: fundId,
      investor_id: investorId,
      commitment_amount: amount > 0n ? amount : 10n * thousand,
      currency,
      commitment_date: start,
      commitment_type: 'INITIAL',
      side_letter_terms: null,
      assumed_fields: [],
    });
    return commitmentId;
  });
  return { fundId, terms, commitments, size };
};

/** Adopts waterfall, side letter and notice period. */
export const adoptTerms = (
  simulation: Simulation,
  plan: FundPlan,
  fundId: Uuid,
  terms: GeneratedTerms,
  committed: Minor,
): void => {
  const adopt = (name: string, type: 'WATERFALL' | 'CAPITAL_CALL', value: object, investorId: Uuid | null): void =>
    void simulation.book('AdoptFundTerm', plan.start, {
      fund_id: fundId,
      term: {
        term_id: simulation.id('term', plan.number, name),
        term_type: type,
        term_name: name,
        term_value: JSON.stringify(value),
        effective_date: plan.start,
        expiry_date: null,
      },
      investor_id: investorId,
    });
  adopt(
    'Distribution waterfall',
    'WATERFALL',
    {
      ...terms.waterfall,
      ...(terms.waterfall.capitalReturned === 'committed' ? { committedCapital: formatMoney(committed) } : {}),
      ...(terms.carryFree.length === 0
        ? {}
        : { carryFreePartners: terms.carryFree.flatMap((place) => plan.investors[place] ?? []) }),
      ...(terms.carryByPlace === null
        ? {}
        : {
            carryByPartner: Object.fromEntries(
              Object.entries(terms.carryByPlace).flatMap(([place, carry]) => {
                const investorId = plan.investors[Number(place)];
                return investorId === undefined ? [] : [[investorId, carry]];
              }),
            ),
          }),
    },
    null,
  );
  const [, favoured] = plan.investors;
  if (terms.used.includes('partnerTerms') && favoured !== undefined)
    adopt('Side letter', 'WATERFALL', { carry: '0.1' } satisfies PartnerTerms, favoured);
  if (plan.number % 3 === 0) adopt('Notice of calls', 'CAPITAL_CALL', { noticeBusinessDays: 5 }, null);
};
