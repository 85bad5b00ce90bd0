// The terms of a fund that hold on a day: what its card was set up with and every version adopted since.
import { type EpochDay, fromEpochDay } from '../dates/local-date.ts';
import type { FundCard, FundTerm, TermType, Uuid } from '../messages.ts';
import { type AgreedTerms, waterfallOn } from '../waterfall/agreed-terms.ts';
import type { WaterfallTerms } from '../waterfall/terms.ts';
import type { FundState } from './state.ts';
import { termsOfCard } from './waterfall-term.ts';

/** All terms in the order of adoption; those of the card are version 0. */
const agreedTerms = (card: FundCard, adopted: AgreedTerms): AgreedTerms => [
  ...card.terms.map((term) => ({ term, investorId: null, version: 0 })),
  ...adopted,
];

/** The term of a type that holds for the fund on a day: the latest effective date, of one date the one adopted last. */
export const termOn = (fund: FundState, type: TermType, day: EpochDay): FundTerm | null => {
  const date = fromEpochDay(day);
  return agreedTerms(fund.card, fund.life?.terms ?? [])
    .filter(({ term, investorId }) => investorId === null && term.term_type === type)
    .map(({ term }) => term)
    .filter((term) => term.effective_date <= date && (term.expiry_date === null || date < term.expiry_date))
    .reduce<FundTerm | null>((best, term) => (best === null || term.effective_date >= best.effective_date ? term : best), null);
};

/** The waterfall of a day. `termId` is null where the fund has adopted none: the defaults with the rates of its card. */
export interface FundWaterfall {
  readonly termId: Uuid | null;
  readonly version: number;
  readonly terms: WaterfallTerms;
}

/** The waterfall of a card and of what was adopted since, as it holds on a day, side letters merged. */
export const waterfallOfCard = (card: FundCard, adopted: AgreedTerms, day: EpochDay): FundWaterfall => {
  const agreed = waterfallOn(agreedTerms(card, adopted), day);
  return agreed === null
    ? { termId: null, version: 0, terms: termsOfCard(card) }
    : { termId: agreed.termId, version: agreed.version, terms: agreed.waterfall };
};

/** The waterfall that holds for a fund on a day, side letters merged. */
export const fundWaterfallOn = ({ card, life }: FundState, day: EpochDay): FundWaterfall =>
  waterfallOfCard(card, life?.terms ?? [], day);
