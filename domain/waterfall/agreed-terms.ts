// Which terms of the agreement hold on a day: versions of the fund by effective date, with what single investors agreed in side
// letters put over them.
import { type EpochDay, toEpochDay } from '../dates/local-date.ts';
import type { FundTerm, Uuid } from '../messages.ts';
import type { PartnerTerms, WaterfallTerms } from './terms.ts';

export interface AdoptedTerm {
  readonly term: FundTerm;
  /** Null: the terms of the fund. */
  readonly investorId: Uuid | null;
  readonly version: number;
}

/** Everything adopted, in order of adoption. */
export type AgreedTerms = readonly AdoptedTerm[];
export const noTerms: AgreedTerms = [];

/** Adds a version. */
export const adoptTerm = (terms: AgreedTerms, adopted: AdoptedTerm): AgreedTerms => [...terms, adopted];

const holdsOn = ({ term }: AdoptedTerm, day: EpochDay): boolean =>
  toEpochDay(term.effective_date) <= day && (term.expiry_date === null || day < toEpochDay(term.expiry_date));

/** Of the terms that hold on a day the one with the latest effective date, of one date the one adopted last. */
const latest = (terms: AgreedTerms, day: EpochDay): AdoptedTerm | null =>
  terms
    .filter((adopted) => holdsOn(adopted, day))
    .reduce<AdoptedTerm | null>(
      (best, adopted) => (best === null || adopted.term.effective_date >= best.term.effective_date ? adopted : best),
      null,
    );

/** The waterfall that holds on a day. `waterfall` has the side letters in `partnerTerms`; partners are investor ids. */
export interface AgreedWaterfall {
  readonly termId: Uuid;
  /** Version of the fund's terms, the latest of all that went in. */
  readonly version: number;
  readonly waterfall: WaterfallTerms;
}

/** Null when no WATERFALL term of the fund holds on the day. Term values were checked when they were adopted. */
export const waterfallOn = (terms: AgreedTerms, day: EpochDay): AgreedWaterfall | null => {
  const waterfalls = terms.filter(({ term }) => term.term_type === 'WATERFALL');
  const ofFund = latest(
    waterfalls.filter(({ investorId }) => investorId === null),
    day,
  );
  if (ofFund === null) return null;
  const letters = [...new Set(waterfalls.map(({ investorId }) => investorId))]
    .filter((investorId) => investorId !== null)
    .sort()
    .flatMap((investorId) => {
      const adopted = latest(
        waterfalls.filter((term) => term.investorId === investorId),
        day,
      );
      return adopted === null ? [] : [{ investorId, adopted }];
    });
  const waterfall = JSON.parse(ofFund.term.term_value) as WaterfallTerms;
  const partnerTerms: Record<string, PartnerTerms> = { ...waterfall.partnerTerms };
  for (const { investorId, adopted } of letters) {
    partnerTerms[investorId] = { ...partnerTerms[investorId], ...(JSON.parse(adopted.term.term_value) as PartnerTerms) };
  }
  return {
    termId: ofFund.term.term_id,
    version: Math.max(ofFund.version, ...letters.map(({ adopted }) => adopted.version)),
    waterfall: letters.length === 0 ? waterfall : { ...waterfall, aggregation: 'partner', partnerTerms },
  };
};
