// What must hold of the log itself, whatever the stores contain: parts add up to their wholes, and nobody gets more than agreed.
import { Decimal } from 'decimal.js';
import type { Figure } from '#domain/fund-book/figures.ts';
import { rollRows } from '#domain/fund-book/run.ts';
import type { AnyEvent, EventByType, Minor, NavRoll, Uuid } from '#domain/messages.ts';
import type { FundFacts } from './fund-facts.ts';
import type { Difference } from './model.ts';
import { decimalText } from './text.ts';
import { wrongInputs } from './waterfall-inputs.ts';

type Complain = (table: string, key: string, field: string, expected: Minor | string, found: Minor) => void;

const sum = (parts: readonly Minor[]): Minor => parts.reduce((total, part) => total + part, 0n);

const sharedRows = [...rollRows, 'opening_nav', 'closing_nav', 'accrued_carried_interest', 'net_nav'] as const;

/** A roll ends where its rows lead, and the investors together are the fund. */
const checkRolls = (figures: readonly Figure[], complain: Complain): void => {
  const days = new Map<string, { fund: NavRoll | null; investors: NavRoll[] }>();
  for (const figure of figures) {
    if (figure.type !== 'NavRoll') continue;
    const { value } = figure;
    const key = `${value.fund_id}|${value.as_of_date}`;
    const own = `${value.fund_id}|${value.investor_id ?? ''}|${value.as_of_date}`;
    const led = value.opening_nav + sum(rollRows.map((row) => value[row]));
    if (led !== value.closing_nav) complain('nav_rolls', own, 'closing_nav', led, value.closing_nav);
    const net = value.closing_nav - value.accrued_carried_interest;
    if (net !== value.net_nav) complain('nav_rolls', own, 'net_nav', net, value.net_nav);
    const day = days.get(key) ?? { fund: null, investors: [] };
    days.set(key, day);
    if (value.investor_id === null) day.fund = value;
    else day.investors.push(value);
  }
  for (const [key, { fund, investors }] of days) {
    if (fund === null || investors.length === 0) continue;
    // Results of the time before there was any commitment belong to nobody yet.
    for (const row of sharedRows) {
      const together = sum(investors.map((roll) => roll[row]));
      if (together !== fund[row]) complain('nav_rolls', key, `${row} of the investors against the fund`, fund[row], together);
    }
  }
};

const checkLiquidations = (figures: readonly Figure[], complain: Complain): void => {
  for (const figure of figures) {
    if (figure.type !== 'HypotheticalLiquidation') continue;
    const { fund_id, as_of_date, nav, lp_net, accrued_carried_interest } = figure.value;
    const parts = lp_net + accrued_carried_interest;
    if (parts !== nav) complain('hypothetical_liquidations', `${fund_id}|${as_of_date}`, 'lp_net + carried interest', nav, parts);
  }
};

const checkJournal = ({ bookings }: FundFacts, complain: Complain): void => {
  for (const { journal_entry_id, lines } of bookings().entries) {
    const debit = sum(lines.map((line) => line.debit));
    const credit = sum(lines.map((line) => line.credit));
    if (debit !== credit) complain('journal_entries', journal_entry_id, 'credit', debit, credit);
  }
};

interface Notified {
  readonly table: string;
  readonly due: Readonly<Record<string, Minor>>;
  readonly found: Record<string, Minor>;
  notices: number;
  readonly noticeCount: number;
}

const distributionParts = [
  'carried_interest',
  'management_fee_offset',
  'tax_withholding',
  'net_distribution',
  'recallable_amount',
] as const;

const notifiedBy = (event: AnyEvent): { readonly id: Uuid; readonly notified: Notified } | null => {
  if (event.type === 'CapitalCallIssued') {
    const { call_id, total_call_amount, investment_amount, management_fee_amount, expenses_amount, notice_count } = event.value;
    const due = {
      call_amount: total_call_amount,
      investment_portion: investment_amount,
      management_fee_portion: management_fee_amount,
      expenses_portion: expenses_amount,
    };
    return { id: call_id, notified: { table: 'capital_calls', due, found: {}, notices: 0, noticeCount: notice_count } };
  }
  if (event.type !== 'DistributionDeclared') return null;
  const { value } = event;
  const due = {
    gross_distribution: value.total_distribution_amount,
    ...Object.fromEntries(distributionParts.map((part) => [part, value[part]])),
  };
  const notified = { table: 'distributions', due, found: {}, notices: 0, noticeCount: value.notice_count };
  return { id: value.distribution_id, notified };
};

const addNotices = (
  notified: Notified,
  notices: readonly object[],
  complain: Complain,
  check: (notice: Readonly<Record<string, unknown>>) => void,
): void => {
  for (const notice of notices as readonly Readonly<Record<string, unknown>>[]) {
    for (const name of Object.keys(notified.due)) notified.found[name] = (notified.found[name] ?? 0n) + (notice[name] as Minor);
    const unfunded = notice['unfunded_after'] as Minor;
    if (unfunded < 0n) complain(notified.table, String(notice['notice_id']), 'unfunded_after', '0.00 or more', unfunded);
    check(notice);
  }
  notified.notices += notices.length;
};

/** Notices add up to what was called or distributed, each to its own parts, and never more is called than was committed. */
const checkNotices = (events: readonly AnyEvent[], complain: Complain): void => {
  const all = new Map<Uuid, Notified>();
  const parts =
    (names: readonly string[], whole: string) =>
    (notice: Readonly<Record<string, unknown>>): void => {
      const total = sum(names.map((name) => notice[name] as Minor));
      if (total !== notice[whole]) complain('notices', String(notice['notice_id']), whole, notice[whole] as Minor, total);
    };
  const call = parts(['investment_portion', 'management_fee_portion', 'expenses_portion'], 'call_amount');
  const paid = parts(['carried_interest', 'management_fee_offset', 'tax_withholding', 'net_distribution'], 'gross_distribution');
  for (const event of events) {
    const begun = notifiedBy(event);
    if (begun !== null) all.set(begun.id, begun.notified);
    if (event.type === 'CapitalCallIssued' || event.type === 'CapitalCallNoticesIssued') {
      const notified = all.get(event.value.call_id);
      if (notified !== undefined) addNotices(notified, event.value.notices, complain, call);
    }
    if (event.type === 'DistributionDeclared' || event.type === 'DistributionNoticesDeclared') {
      const notified = all.get(event.value.distribution_id);
      if (notified !== undefined) addNotices(notified, event.value.notices, complain, paid);
    }
  }
  for (const [id, { table, due, found, notices, noticeCount }] of all) {
    if (notices !== noticeCount) complain(table, id, 'notice_count', String(noticeCount), BigInt(notices) * 100n);
    for (const [name, minor] of Object.entries(due))
      if ((found[name] ?? 0n) !== minor) complain(table, id, `${name} of the notices`, minor, found[name] ?? 0n);
  }
};

interface Flow {
  readonly date: string;
  readonly amount: string;
  readonly partner?: string;
}

/** Terms under which one share of the whole profit is all that the general partner may ever get. */
const isPlain = (terms: Readonly<Record<string, unknown>>): boolean =>
  terms['style'] === 'european' &&
  (terms['overDistribution'] ?? 'floor') === 'floor' &&
  ['hurdles', 'carryTiers', 'carryByPartner', 'partnerTerms'].every((name) => (terms[name] ?? null) === null) &&
  (terms['aggregation'] ?? 'fund') === 'fund' &&
  (terms['capitalReturned'] ?? 'contributed') === 'contributed' &&
  (terms['writeDowns'] ?? 'none') === 'none';

/** A share of the profit so far, or of what is distributed where more had been paid before than the profit now gives. */
const checkCarry = (
  { distribution_id, distribution_kind, calculation }: EventByType['DistributionDeclared'],
  complain: Complain,
): void => {
  // Tax is paid ahead of carried interest.
  if (distribution_kind === 'TAX') return;
  const terms = JSON.parse(calculation.terms) as Readonly<Record<string, unknown>>;
  const free = new Set((terms['carryFreePartners'] as readonly string[] | undefined) ?? []);
  const flows = (json: string): readonly Flow[] =>
    (JSON.parse(json) as readonly Flow[]).filter(({ partner }) => partner === undefined || !free.has(partner));
  const contributions = flows(calculation.contributions);
  // Very long lists are left out of the event.
  if (!isPlain(terms) || contributions.length === 0) return;
  const distributed = new Decimal(decimalText(calculation.lp_total + calculation.gp_total) ?? '0');
  const earlier = flows(calculation.distributions).reduce((total, { amount }) => total.plus(amount), new Decimal(0));
  const paidIn = contributions.reduce((total, { amount }) => total.plus(amount), new Decimal(0));
  const share = new Decimal(typeof terms['carry'] === 'string' ? terms['carry'] : '0.2');
  // One unit of any currency, for rounding.
  const limit = Decimal.max(share.times(distributed.plus(earlier).minus(paidIn)), share.times(distributed)).plus(1);
  const carried = calculation.gp_total;
  if (limit.lt(decimalText(carried) ?? '0'))
    complain('distributions', distribution_id, 'carried_interest', `at most ${limit.toFixed(2)}`, carried);
};

/** Tiers are the distribution, less what partners without carry get; carried interest is what they give the general partner. */
const checkTiers = (value: EventByType['DistributionDeclared'], complain: Complain): void => {
  const { distribution_id: id, calculation, carried_interest, total_distribution_amount } = value;
  const lp = sum(calculation.tiers.map((tier) => tier.lp));
  const gp = sum(calculation.tiers.map((tier) => tier.gp));
  if (lp !== calculation.lp_total) complain('distributions', id, 'lp_total', lp, calculation.lp_total);
  if (gp !== calculation.gp_total) complain('distributions', id, 'gp_total', gp, calculation.gp_total);
  if (gp !== carried_interest) complain('distributions', id, 'carried_interest of the tiers', carried_interest, gp);
  const terms = JSON.parse(calculation.terms) as { readonly carryFreePartners?: readonly string[] };
  const isAll = (terms.carryFreePartners ?? []).length === 0;
  if (isAll ? lp + gp !== total_distribution_amount : lp + gp > total_distribution_amount)
    complain('distributions', id, 'total of the tiers', total_distribution_amount, lp + gp);
};

/** Differences of some funds that the log has with itself. */
export const logChecks = (facts: FundFacts): readonly Difference[] => {
  const differences: Difference[] = [];
  const complain: Complain = (table, key, field, expected, found) =>
    void differences.push({
      where: 'log',
      table,
      key,
      field,
      expected: typeof expected === 'bigint' ? decimalText(expected) : expected,
      found: decimalText(found),
    });
  const events = facts.events.flat().map(({ event }) => event);
  checkNotices(events, complain);
  for (const event of events) {
    if (event.type !== 'DistributionDeclared') continue;
    checkTiers(event.value, complain);
    checkCarry(event.value, complain);
  }
  for (const { distributionId, field, expected, found } of wrongInputs(events))
    complain('distributions', distributionId, `${field} of the waterfall`, expected, found);
  checkJournal(facts, complain);
  checkRolls(facts.figures(), complain);
  checkLiquidations(facts.figures(), complain);
  return differences;
};
