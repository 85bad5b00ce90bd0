// The oracle: the waterfall of design.md 5 once more, slow and plain, written from that text and from nothing in domain/.

import { halfEvenCents, parse, parseCents, printCents, sum } from './fraction.ts';
import { runAmerican } from './american.ts';
import { clawbackOf } from './clawback.ts';
import { runOne, type Paid, type Run } from './one-waterfall.ts';
import { apportion, printTiers, total } from './rounding.ts';
import { withDefaults, type Contribution, type Distribution, type Inputs, type Terms } from './terms.ts';

const printPaid = (terms: Terms, paid: Paid) => ({
  date: paid.date,
  ...(paid.deal !== undefined && { deal: paid.deal }),
  amount: printCents(parseCents(paid.amount)),
  tiers: printTiers(paid.entries, terms.hurdles !== undefined),
  lpTotal: printCents(total(paid.entries, 'lp')),
  gpTotal: printCents(total(paid.entries, 'gp')),
  ...(paid.potentialClawback !== undefined && { potentialClawback: printCents(halfEvenCents(paid.potentialClawback)) }),
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

const run = (terms: Terms, contributions: Contribution[], distributions: Distribution[], lastDay: string): Run =>
  terms.style === 'american'
    ? runAmerican(terms, contributions, distributions, lastDay)
    : runOne(terms, contributions, distributions, lastDay);

const partnerOf = (flow: { partner?: string }): string => flow.partner ?? '';

/** Each distribution's share of each partner: by capital contributed up to that day, ties to the first contributor. */
const apportionAll = (contributions: Contribution[], distributions: Distribution[]): Map<string, Distribution[]> => {
  const partners = [
    ...new Set(contributions.toSorted((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date))).map(partnerOf)),
  ];
  const shares = new Map<string, Distribution[]>(partners.map((partner) => [partner, []]));
  for (const flow of distributions) {
    const paidIn = (partner: string) =>
      contributions.filter((one) => partnerOf(one) === partner && one.date <= flow.date).map((one) => parse(one.amount));
    const cents = apportion(
      parseCents(flow.amount),
      partners.map((partner) => sum(paidIn(partner))),
    );
    partners.forEach((partner, i) => shares.get(partner)!.push({ ...flow, amount: printCents(cents[i]!) }));
  }
  return shares;
};

/** A day's distributions are one before they are apportioned (american without lossCarryForward: per deal). */
const together = (terms: Terms, distributions: Distribution[]): Distribution[] => {
  const perDeal = terms.style === 'american';
  const groups = new Map<string, Distribution>();
  for (const flow of distributions) {
    const key = perDeal ? `${flow.date} ${flow.deal ?? ''}` : flow.date;
    const before = groups.get(key);
    const amount = printCents(parseCents(before?.amount ?? '0') + parseCents(flow.amount));
    groups.set(key, before === undefined ? { ...flow } : { ...before, amount });
  }
  return [...groups.values()];
};

const addUp = (distributions: Distribution[][]): Distribution[] =>
  (distributions[0] ?? []).map((flow, i) => ({
    ...flow,
    amount: printCents(distributions.map((list) => parseCents(list[i]!.amount)).reduce((a, b) => a + b, 0n)),
  }));

/** Runs the waterfall of `inputs` and gives the result in the shape of design.md 5. */
export const oracleWaterfall = (inputs: Inputs) => {
  const terms = withDefaults(inputs.terms);
  if (terms.clawback !== undefined && (terms.hurdles !== undefined || terms.carryTiers !== undefined))
    return { error: 'clawback with hurdles or carryTiers' };
  const { contributions } = inputs;
  const lastDay =
    [...contributions, ...inputs.distributions]
      .map((flow) => flow.date)
      .toSorted()
      .at(-1) ?? '';
  const free = new Set(terms.carryFreePartners ?? []);
  const eachAlone = terms.carryByPartner !== undefined || terms.aggregation === 'partner';
  if (free.size === 0 && !eachAlone) {
    const result = run(terms, contributions, inputs.distributions, lastDay);
    return {
      ...printRun(terms, result),
      ...(terms.clawback !== undefined && { clawback: clawbackOf(terms, contributions, result.paid, lastDay) }),
    };
  }
  const shares = apportionAll(contributions, together(terms, inputs.distributions));
  const bearing = [...shares.keys()].filter((partner) => !free.has(partner));
  const commitment = [...shares].filter(([partner]) => free.has(partner)).flatMap(([, list]) => list);
  const commitmentShare = commitment.map((flow) => parseCents(flow.amount)).reduce((a, b) => a + b, 0n);
  const ofFree = (carry: bigint) =>
    free.size === 0
      ? {}
      : { gpCommitmentShare: printCents(commitmentShare), gpTotalInclCommitment: printCents(commitmentShare + carry) };
  const ownFlows = (partners: string[]) => contributions.filter((flow) => partners.includes(partnerOf(flow)));
  if (!eachAlone) {
    const own = ownFlows(bearing);
    const result = run(terms, own, addUp(bearing.map((partner) => shares.get(partner)!)), lastDay);
    const clawback = terms.clawback === undefined ? {} : { clawback: clawbackOf(terms, own, result.paid, lastDay) };
    return { ...printRun(terms, result), ...clawback, ...ofFree(sumOfTotals(result, 'gp')) };
  }
  const runs = bearing.map((partner) => {
    const termsOfPartner: Terms = {
      ...terms,
      ...(terms.carryByPartner?.[partner] !== undefined && { carry: terms.carryByPartner[partner] }),
      ...terms.partnerTerms?.[partner],
    };
    return { partner, terms: termsOfPartner, run: run(termsOfPartner, ownFlows([partner]), shares.get(partner)!, lastDay) };
  });
  const carry = runs.map((each) => sumOfTotals(each.run, 'gp')).reduce((a, b) => a + b, 0n);
  const perPartner = Object.fromEntries(
    runs.map((each) => {
      const paid = each.run.paid.map((one) => printPaid(each.terms, one));
      return [each.partner, paid.length === 1 ? paid[0]! : paid];
    }),
  );
  return { perPartner, gpCarryTotal: printCents(carry), ...ofFree(carry) };
};
