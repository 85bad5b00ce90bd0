// Every given waterfall case lived through by commands: calls, payments, deals, distributions, clawback. What the ledger books is what
// the case expects, to the cent.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testId } from '#tests/support/commands.ts';
import {
  adopt,
  callId,
  clawBack,
  dealId,
  declare,
  draftCall,
  fundWith,
  invest,
  investorId,
  issueCall,
  commitmentId,
  pay,
  transact,
  writeOff,
} from '#tests/support/fund-commands.ts';
import { testLedger, type TestLedger } from '#tests/support/ledger.ts';
import { formatMoney, parseMoney } from '../money/money.ts';

interface Flow {
  readonly date: string;
  readonly amount: string;
  readonly partner?: string;
  readonly deal?: string;
}
interface Tier {
  readonly lp: string;
  readonly gp: string;
}
interface Paid {
  readonly date: string;
  readonly tiers?: Readonly<Record<string, Tier>> | readonly Tier[];
  readonly lpTotal: string;
  readonly gpTotal: string;
}
interface Case {
  readonly id: string;
  readonly inputs: { readonly contributions: readonly Flow[]; readonly distributions: readonly Flow[]; readonly terms: object };
  readonly expected: {
    readonly perDistribution?: readonly Paid[];
    readonly perPartner?: Readonly<Record<string, Paid>>;
    readonly totals?: {
      readonly lp: string;
      readonly gpCarry: string;
      readonly unreturnedCapital?: string;
      readonly unpaidPref?: string;
    };
    readonly gpCommitmentShare?: string;
    readonly gpCarryTotal?: string;
    readonly clawback?: { readonly due: string; readonly lpAfter: string };
  };
}

const { cases } = JSON.parse(readFileSync(new URL('../../tests/cases/waterfall.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

const minor = (text: string): bigint => {
  const parsed = parseMoney(text);
  if (parsed.kind === 'error') throw new Error(`${text} is no amount`);
  return parsed.minor;
};
const nameOf = ({ partner = 'LP' }: Flow): string => partner;
const committed = 1_000_000_000_00n;

/** The fund of a case with all its contributions paid in and its deals made. */
const contributed = ({ inputs }: Case): TestLedger => {
  const names = [...new Set(inputs.contributions.map(nameOf))];
  const terms = Object.entries(inputs.terms).map(([key, value]: [string, unknown]) => {
    if (key === 'carryFreePartners') return [key, (value as string[]).map(investorId)];
    if (key !== 'carryByPartner') return [key, value];
    return [key, Object.fromEntries(Object.entries(value as object).map(([name, carry]) => [investorId(name), carry as string]))];
  });
  const ledger = testLedger().given(
    ...fundWith(Object.fromEntries(names.map((name) => [name, committed]))),
    adopt(Object.fromEntries(terms) as object),
  );
  inputs.contributions.forEach((flow, index) => {
    const others = names.filter((name) => name !== nameOf(flow)).map(commitmentId);
    const deal = flow.deal === undefined ? null : dealId(flow.deal);
    ledger.given(
      draftCall(index + 1, minor(flow.amount), flow.date, { excused_commitments: others, investment_id: deal }),
      issueCall(index + 1),
    );
    const [notice] = ledger.last('CapitalCallIssued').notices;
    ledger.given(pay(index + 1, notice?.notice_id ?? '', minor(flow.amount), flow.date));
    if (flow.deal !== undefined) ledger.given(invest(flow.deal, minor(flow.amount), flow.date));
  });
  return ledger;
};

/** Distributions in order, with the income that they are paid from; a distribution of 0.00 writes its deal off. */
const distribute = (ledger: TestLedger, { inputs }: Case): void => {
  inputs.distributions.forEach((flow, index) => {
    const amount = minor(flow.amount);
    if (amount === 0n) return ledger.given(writeOff(flow.deal ?? '', flow.date));
    return ledger.given(
      transact('OTHER_INCOME', amount, flow.date, { transaction_id: testId(`income ${index}`) }),
      declare(index + 1, amount, flow.date, { investment_id: flow.deal === undefined ? null : dealId(flow.deal) }),
    );
  });
};

const named = ['returnOfCapital', 'preferredReturn', 'catchUp', 'split'];
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

it.each(cases.map((one) => [one.id, one] as const))('case %s is booked as expected', (_, one) => {
  const ledger = contributed(one);
  distribute(ledger, one);
  const declared = ledger.all('DistributionDeclared');
  const { perDistribution, perPartner, totals, gpCommitmentShare, gpCarryTotal, clawback } = one.expected;
  const free = (one.inputs.terms as { carryFreePartners?: string[] }).carryFreePartners?.map(investorId) ?? [];

  perDistribution?.forEach((paid, index) => {
    const tiers = (declared[index]?.calculation.tiers ?? []).filter(({ partner }) => !free.includes(partner ?? ''));
    const texts = tiers.map(({ lp, gp }) => ({ lp: formatMoney(lp), gp: formatMoney(gp) }));
    if (paid.tiers !== undefined)
      expect(texts).toEqual(
        Array.isArray(paid.tiers) ? paid.tiers : named.map((name) => (paid.tiers as Record<string, Tier>)[name]),
      );
    expect(formatMoney(sum(tiers.map(({ lp }) => lp)))).toBe(paid.lpTotal);
    expect(formatMoney(sum(tiers.map(({ gp }) => gp)))).toBe(paid.gpTotal);
  });
  for (const [partner, paid] of Object.entries(perPartner ?? {})) {
    const own = declared.flatMap(({ notices }) => notices).filter(({ investor_id }) => investor_id === investorId(partner));
    expect(formatMoney(sum(own.map(({ carried_interest }) => carried_interest)))).toBe(paid.gpTotal);
    expect(formatMoney(sum(own.map(({ net_distribution }) => net_distribution)))).toBe(paid.lpTotal);
  }
  const carry = sum(declared.map(({ carried_interest }) => carried_interest));
  if (totals !== undefined) expect(formatMoney(carry)).toBe(totals.gpCarry);
  if (gpCarryTotal !== undefined) expect(formatMoney(carry)).toBe(gpCarryTotal);
  if (totals?.unreturnedCapital !== undefined)
    expect(formatMoney(declared.at(-1)?.calculation.unreturned_capital ?? -1n)).toBe(totals.unreturnedCapital);
  if (totals?.unpaidPref !== undefined)
    expect(formatMoney(declared.at(-1)?.calculation.unpaid_preferred_return ?? -1n)).toBe(totals.unpaidPref);
  if (gpCommitmentShare !== undefined) {
    const own = declared.flatMap(({ notices }) => notices).filter(({ investor_id }) => free.includes(investor_id));
    expect(own.map(({ net_distribution, carried_interest }) => [formatMoney(net_distribution), carried_interest])).toEqual([
      [gpCommitmentShare, 0n],
    ]);
  }
  if (clawback !== undefined) {
    ledger.accepts(clawBack(one.inputs.distributions.at(-1)?.date ?? ''), 'CarryClawedBack');
    const claimed = ledger.last('CarryClawedBack');
    const lp = sum(declared.map(({ net_distribution }) => net_distribution));
    expect(formatMoney(claimed.due)).toBe(clawback.due);
    expect(formatMoney(lp + sum(claimed.notices.map(({ net_distribution }) => net_distribution)))).toBe(clawback.lpAfter);
  }
  expect(ledger.state.calls.get(callId(1))?.status).toBe('SETTLED');
});
