// The oracle: the waterfall of design.md 5 once more, slow and plain, written from that text and from nothing in domain/.

import { halfEvenCents, max, parse, parseCents, printCents, sum, type Fraction } from './fraction.ts';
import { runDealsAlone, runPool, type Flows } from './american.ts';
import { finalClawback } from './clawback.ts';
import type { Fund } from './realised.ts';
import { returnable, runOne, whole, type Paid, type Run } from './one-waterfall.ts';
import { apportion, printTiers, total } from './rounding.ts';
import { withDefaults, type Contribution, type Distribution, type Inputs, type Terms } from './terms.ts';

/** potentialClawback asks for one carry rate. */
const hasOneCarry = (terms: Terms): boolean => terms.hurdles === undefined && terms.carryTiers === undefined;

const printPaid = (terms: Terms, paid: Paid) => ({
  date: paid.date,
  ...(terms.style === 'american' && { deal: paid.deals.length === 1 ? paid.deals[0]! : paid.deals }),
  amount: printCents(parseCents(paid.amount)),
  ...(paid.isAdvance && { kind: 'tax' }),
  tiers: printTiers(paid.entries, terms.hurdles !== undefined),
  lpTotal: printCents(total(paid.entries, 'lp')),
  gpTotal: printCents(total(paid.entries, 'gp')),
  ...(terms.style === 'american' &&
    hasOneCarry(terms) &&
    paid.potentialClawback !== undefined && { potentialClawback: printCents(halfEvenCents(paid.potentialClawback)) }),
});

const sumOfTotals = (run: Run, side: 'lp' | 'gp'): bigint => run.paid.reduce((all, paid) => all + total(paid.entries, side), 0n);

const printRun = (terms: Terms, run: Run) => ({
  perDistribution: run.paid.map((paid) => printPaid(terms, paid)),
  totals: {
    lp: printCents(sumOfTotals(run, 'lp')),
    gpCarry: printCents(sumOfTotals(run, 'gp')),
    ...(terms.hurdles === undefined && {
      unreturnedCapital: printCents(halfEvenCents(run.unreturnedCapital)),
      unpaidPref: printCents(halfEvenCents(run.unpaidPref)),
    }),
  },
});

type Result = Run & { clawback: object | null };

const run = (terms: Terms, flows: Flows, fund: Fund): Result => {
  const { contributions, distributions, lastDay } = flows;
  const byDeals = terms.style === 'american' && !terms.lossCarryForward;
  const result = byDeals
    ? runDealsAlone(terms, flows)
    : terms.style === 'american'
      ? runPool(terms, flows, { ...fund, terms })
      : runOne(terms, contributions, distributions, lastDay);
  if (terms.clawback === undefined) return { ...result, clawback: null };
  const capital = whole(returnable(terms, contributions));
  const contributed = sum(capital.map((each) => each.amount));
  const cost = terms.capitalReturned === 'committed' ? max(contributed, parse(terms.committedCapital ?? '0')) : contributed;
  const booked = { lp: sumOfTotals(result, 'lp'), gp: sumOfTotals(result, 'gp') };
  const test = { terms, capital, cost, receipts: result.receipts, day: lastDay };
  return { ...result, clawback: finalClawback(test, booked, result.interim) };
};

const partnerOf = (flow: { partner?: string }): string => flow.partner ?? '';

/** Each distribution's share of each partner: by capital contributed up to that day, ties to the first contributor; what names its partner is that partner's. */
const apportionAll = (contributions: Contribution[], distributions: Distribution[]): Map<string, Distribution[]> => {
  const inOrder = contributions.toSorted((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date)));
  const partners = [...new Set([...inOrder, ...distributions.filter((flow) => flow.partner !== undefined)].map(partnerOf))];
  const shares = new Map<string, Distribution[]>(partners.map((partner) => [partner, []]));
  for (const flow of distributions) {
    if (flow.partner !== undefined) {
      shares.get(flow.partner)!.push(flow);
      continue;
    }
    const paidIn = (partner: string): Fraction =>
      sum(
        contributions.filter((each) => partnerOf(each) === partner && each.date <= flow.date).map((each) => parse(each.amount)),
      );
    const cents = apportion(parseCents(flow.amount), partners.map(paidIn));
    partners.forEach((partner, i) => shares.get(partner)!.push({ ...flow, amount: printCents(cents[i]!) }));
  }
  return shares;
};

/** A day's distributions are one before they are apportioned (those of one deal, kind and partner). */
const together = (terms: Terms, distributions: Distribution[]): Distribution[] => {
  const groups = new Map<string, Distribution>();
  for (const flow of distributions) {
    const deal = terms.style === 'american' ? (flow.deal ?? '') : '';
    const key = JSON.stringify([flow.date, deal, flow.kind === 'tax', flow.partner, flow.costShare]);
    const before = groups.get(key);
    const amount = printCents(parseCents(before?.amount ?? '0') + parseCents(flow.amount));
    groups.set(key, { ...(before ?? flow), amount });
  }
  return [...groups.values()];
};

const isRejected = (terms: Terms): boolean =>
  terms.clawback !== undefined && (terms.hurdles !== undefined || terms.carryTiers !== undefined);

const termsOfPartner = (terms: Terms, partner: string): Terms => ({
  ...terms,
  ...(terms.carryByPartner?.[partner] !== undefined && { carry: terms.carryByPartner[partner] }),
  ...terms.partnerTerms?.[partner],
});

/** Runs the waterfall of `inputs` and gives the result in the shape of design.md 5. */
export const oracleWaterfall = (inputs: Inputs) => {
  const terms = withDefaults(inputs.terms);
  if (isRejected(terms)) return { error: 'clawback with hurdles or carryTiers' };
  const lastDay =
    [...inputs.contributions, ...inputs.distributions]
      .map((flow) => flow.date)
      .toSorted()
      .at(-1) ?? '';
  const flows: Flows = { contributions: inputs.contributions, distributions: inputs.distributions, lastDay };
  const fund: Fund = { ...flows, terms, valuations: inputs.valuations ?? [] };
  const free = new Set(terms.carryFreePartners ?? []);
  const eachAlone = terms.carryByPartner !== undefined || terms.partnerTerms !== undefined || terms.aggregation === 'partner';
  if (free.size === 0 && !eachAlone) {
    const result = run(terms, flows, fund);
    return { ...printRun(terms, result), ...(result.clawback !== null && { clawback: result.clawback }) };
  }
  const shares = apportionAll(flows.contributions, together(terms, flows.distributions));
  const flowsOf = (partners: string[]): Flows => ({
    ...flows,
    contributions: flows.contributions.filter((flow) => partners.includes(partnerOf(flow))),
    distributions: partners.flatMap((partner) => shares.get(partner)!),
  });
  const commitment = [...shares].filter(([partner]) => free.has(partner)).flatMap(([, list]) => list);
  const commitmentShare = commitment.map((flow) => parseCents(flow.amount)).reduce((a, b) => a + b, 0n);
  const ofFree = (carry: bigint): object =>
    free.size === 0
      ? {}
      : { gpCommitmentShare: printCents(commitmentShare), gpTotalInclCommitment: printCents(commitmentShare + carry) };
  const bearing = [...shares.keys()].filter((partner) => !free.has(partner));
  if (!eachAlone) {
    const result = run(terms, flowsOf(bearing), fund);
    return {
      ...printRun(terms, result),
      ...(result.clawback !== null && { clawback: result.clawback }),
      ...ofFree(sumOfTotals(result, 'gp')),
    };
  }
  const runs = bearing.map((partner) => {
    const own = termsOfPartner(terms, partner);
    return { partner, terms: own, run: run(own, flowsOf([partner]), fund) };
  });
  const carry = runs.map((each) => sumOfTotals(each.run, 'gp')).reduce((a, b) => a + b, 0n);
  const perPartner = Object.fromEntries(
    runs.map((each) => {
      const paid = each.run.paid.map((one) => printPaid(each.terms, one));
      return [each.partner, paid.length === 1 ? paid[0]! : paid];
    }),
  );
  const clawbacks =
    terms.clawback === undefined || runs.length === 0
      ? {}
      : { clawback: Object.fromEntries(runs.map((each) => [each.partner, each.run.clawback])) };
  return { perPartner, gpCarryTotal: printCents(carry), ...clawbacks, ...ofFree(carry) };
};
