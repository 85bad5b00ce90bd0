// Generated fund lives through intake, ledger, processors and sinks, and every read of them over HTTP: the figures agree with one another.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '#domain/dates/local-date.ts';
import { parseMoney } from '#domain/money/money.ts';
import type { CallReply } from './capital-calls/route.ts';
import type { CallRow } from './capital-calls/lists.ts';
import type { DistributionRow } from './distributions/lists.ts';
import type { DistributionReply } from './distributions/route.ts';
import type { FundReply } from './funds/view.ts';
import type { InvestmentRow } from './investments/lists.ts';
import type { TrialBalanceReply } from './journal/route.ts';
import { startLiveSystem, type LiveSystem } from './live-system.fixture.ts';
import type { ValuationPreview } from './what-if/route.ts';
import type { JCurveReply, NavRollReply, PerformanceReply } from './performance/view.ts';

let system: LiveSystem;
let funds: readonly string[];
let end: string;

beforeAll(async () => {
  system = await startLiveSystem();
  funds = await system.bookGenerated({ funds: 2, investors: 3, years: 4 });
  end = await system.end();
}, 180_000);
afterAll(() => system?.stop());

const minor = (text: string | null | undefined): bigint => {
  const parsed = parseMoney(text ?? '');
  if (parsed.kind === 'error') throw new Error(`${text} is no money`);
  return parsed.minor;
};
const sum = (texts: readonly (string | null)[]): bigint => texts.reduce((total, text) => total + minor(text), 0n);
const read = async <Body>(path: string): Promise<Body> => {
  const reply = await system.get<Body>(`${path}${path.includes('?') ? '&' : '?'}wait_for=${end}&wait_timeout_ms=30000`);
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  return reply.body;
};

describe('the life of a fund over HTTP', () => {
  it('has calls whose notices add up, with the payments on them', async () => {
    for (const fund of funds) {
      const { capital_calls } = await read<{ capital_calls: readonly CallRow[] }>(`/v1/funds/${fund}/capital-calls?limit=500`);
      const issued = capital_calls.filter((call) => call.notice_count > 0);
      expect(issued.length).toBeGreaterThan(2);
      for (const call of issued.slice(0, 5)) {
        const one = await read<CallReply>(`/v1/capital-calls/${call.call_id}`);
        expect(one.notices).toHaveLength(call.notice_count);
        expect(sum(one.notices.map((notice) => notice.call_amount))).toBe(minor(call.total_call_amount));
        expect(sum(one.payments.filter((payment) => !payment.is_reversed).map((payment) => payment.amount))).toBe(
          minor(call.paid_amount),
        );
        expect(one.notices.every((notice) => minor(notice.unfunded_after) >= 0n)).toBe(true);
      }
    }
  });

  it('explains a distribution by tiers that add up to it, with formulae, terms and the events that went in', async () => {
    const [fund = ''] = funds;
    const { distributions } = await read<{ distributions: readonly DistributionRow[] }>(`/v1/funds/${fund}/distributions`);
    expect(distributions.length).toBeGreaterThan(0);
    for (const row of distributions) {
      const { distribution, notices, calculation } = await read<DistributionReply>(`/v1/distributions/${row.distribution_id}`);
      expect(sum(notices.map((notice) => notice.gross_distribution))).toBe(minor(distribution.total_distribution_amount));
      expect(sum((calculation?.tiers ?? []).flatMap(({ lp, gp }) => [lp, gp]))).toBe(
        minor(distribution.total_distribution_amount),
      );
      expect(calculation?.gp_total).toBe(distribution.carried_interest);
      expect(calculation?.event?.aggregate_id).toBe(distribution.distribution_id);
      expect(calculation?.source_events.length).toBeGreaterThan(0);
      expect(calculation?.source_events.every((event) => event.effective_date <= distribution.distribution_date)).toBe(true);
      expect(calculation?.tiers.every((tier) => tier.formula.length > 20)).toBe(true);
    }
  });

  it('has a NAV roll that ties, whose investors add up to the fund, and a period that opens where the one before closed', async () => {
    for (const fund of funds) {
      const roll = await read<NavRollReply>(`/v1/funds/${fund}/nav-roll`);
      if (roll.fund === null) throw new Error(`fund ${fund} has no roll`);
      expect(sum(roll.investors.map((row) => row.closing_nav))).toBe(minor(roll.fund.closing_nav));
      const period = await read<NavRollReply>(`/v1/funds/${fund}/nav-roll?from=2025-01-01&as_of=2025-12-31`);
      const before = await read<NavRollReply>(`/v1/funds/${fund}/nav-roll?as_of=2024-12-31`);
      expect(period.fund?.opening_nav).toBe(before.fund?.closing_nav);
      const row = period.fund;
      if (row === null) throw new Error('no roll of 2025');
      const moved = [
        row.opening_nav,
        row.contributions,
        row.distributions,
        row.management_fees,
        row.expenses,
        row.interest_income,
        row.dividend_income,
        row.other_income,
        row.interest_expense,
        row.realised_gain_loss,
        row.unrealised_change,
        row.transfers,
        row.carried_interest_paid,
      ];
      expect(sum(moved)).toBe(minor(row.closing_nav));
      expect(period).toMatchObject({ from: '2025-01-01', as_of: '2025-12-31', known_at: null });
    }
  });

  it('gives performance as of a past day, the same from both stores, and as it was known before', async () => {
    const [fund = ''] = funds;
    const now = await read<PerformanceReply>(`/v1/funds/${fund}/performance`);
    expect(now.investors.length).toBeGreaterThanOrEqual(3);
    expect(sum(now.investors.map((row) => row.nav))).toBe(minor(now.fund?.nav));
    const past = await read<PerformanceReply>(`/v1/funds/${fund}/performance?as_of=2024-06-30`);
    expect(past.as_of).toBe('2024-06-30');
    expect(past.fund?.as_of_date ?? '9').toMatch(/^20(?:2[0-3]|24-0[1-6])/);
    const known = await read<PerformanceReply>(`/v1/funds/${fund}/performance?as_of=2024-06-30&known_at=2099-01-01T00:00:00Z`);
    const { meta: _left, known_at: _now, ...figures } = past;
    const { meta: _right, known_at, ...fromWarehouse } = known;
    expect(known_at).toBe('2099-01-01T00:00:00.000000Z');
    expect(fromWarehouse).toEqual(figures);
    const roll = await read<NavRollReply>(`/v1/funds/${fund}/nav-roll?as_of=2024-06-30`);
    const rollThen = await read<NavRollReply>(`/v1/funds/${fund}/nav-roll?as_of=2024-06-30&known_at=2099-01-01T00:00:00Z`);
    expect([rollThen.fund, rollThen.investors]).toEqual([roll.fund, roll.investors]);
    const never = await read<PerformanceReply>(`/v1/funds/${fund}/performance?known_at=2000-01-01T00:00:00Z`);
    expect([never.fund, never.investors]).toEqual([null, []]);
  });

  it('keeps what was known before a back-dated valuation, and says the new figure now', async () => {
    const [fund = ''] = funds;
    const { investments } = await read<{ investments: readonly InvestmentRow[] }>(`/v1/funds/${fund}/investments`);
    const [held] = investments;
    if (held === undefined) throw new Error('there is no investment');
    const day = addDays(held.investment_date, 10);
    const before = await read<PerformanceReply>(`/v1/funds/${fund}/performance?as_of=${day}`);
    const knownAt = new Date().toISOString();
    const booked = await system.post<{ position: string; ids: { valuation_id: string } }>('/v1/commands/value-investment', {
      fund_id: fund,
      investment_id: held.investment_id,
      effective_date: day,
      fair_value: '123456789.01',
      valuation_method: 'back-dated',
    });
    expect(booked.status).toBe(200);
    end = booked.body.position;
    const after = await read<PerformanceReply>(`/v1/funds/${fund}/performance?as_of=${day}`);
    const then = await read<PerformanceReply>(`/v1/funds/${fund}/performance?as_of=${day}&known_at=${knownAt}`);
    expect(then.fund).toEqual(before.fund);
    expect(after.fund?.nav).not.toBe(before.fund?.nav);
    const one = await read<{ valuations: readonly { valuation_id: string; fair_value: string }[] }>(
      `/v1/investments/${held.investment_id}`,
    );
    expect(one.valuations.find(({ valuation_id }) => valuation_id === booked.body.ids.valuation_id)?.fair_value).toBe(
      '123456789.01',
    );
  });

  it('answers what other valuations would make of the fund, booked or not the same', async () => {
    const [fund = ''] = funds;
    const { investments } = await read<{ investments: readonly InvestmentRow[] }>(`/v1/funds/${fund}/investments`);
    const [held] = investments;
    const day = addDays(held?.investment_date ?? '', 20);
    const ask = (fair_value: string) =>
      system.post<ValuationPreview>(`/v1/funds/${fund}/valuation-preview`, {
        as_of: day,
        valuations: [{ investment_id: held?.investment_id, fair_value }],
      });
    const preview = await ask('222222222.22');
    expect(preview.status, JSON.stringify(preview.body)).toBe(200);
    const { as_booked, with_valuations } = preview.body;
    expect(with_valuations.liquidation?.nav).not.toBe(as_booked.liquidation?.nav);
    expect(sum(with_valuations.investors.map(({ nav }) => nav))).toBe(minor(with_valuations.fund?.nav));
    const booked = await system.post<{ position: string }>('/v1/commands/value-investment', {
      fund_id: fund,
      investment_id: held?.investment_id,
      effective_date: day,
      fair_value: '222222222.22',
      valuation_method: 'as previewed',
    });
    end = booked.body.position;
    const { fund: told } = await read<PerformanceReply>(`/v1/funds/${fund}/performance?as_of=${day}`);
    const { recorded_at: _at, ...figures } = told ?? { recorded_at: '' };
    const { name: _name, ...foreseen } = with_valuations.fund ?? { name: null };
    expect(figures).toEqual(foreseen);
    const wrong = await system.post<{ detail: string }>(`/v1/funds/${fund}/valuation-preview`, {
      as_of: day,
      valuations: [{ investment_id: fund, fair_value: '1.00' }],
    });
    expect([wrong.status, wrong.body.detail]).toEqual([400, expect.stringContaining('There is no investment')]);
  });

  it('has a trial balance that balances, whose cash is available, on every day and as known at every moment', async () => {
    for (const fund of funds) {
      for (const times of ['', '?as_of=2024-06-30', `?known_at=2099-01-01T00:00:00Z`]) {
        const balance = await read<TrialBalanceReply>(`/v1/funds/${fund}/trial-balance${times}`);
        expect(balance.accounts.length).toBeGreaterThan(3);
        expect(balance.debit).toBe(balance.credit);
        expect(balance.accounts.every(({ account_name }) => account_name !== null)).toBe(true);
        expect(balance.cash).toBe(balance.accounts.find(({ account_code }) => account_code === '1000')?.balance);
      }
      const never = await read<TrialBalanceReply>(`/v1/funds/${fund}/trial-balance?known_at=2000-01-01T00:00:00Z`);
      expect([never.accounts, never.debit]).toEqual([[], '0.00']);
    }
  });

  it('lists the journal entry by entry, balanced, each once through the cursors', async () => {
    const [fund = ''] = funds;
    const seen = new Set<string>();
    let cursor: string | null = null;
    do {
      const page: {
        journal_entries: readonly { journal_entry_id: string; lines: readonly { debit: string; credit: string }[] }[];
        next_cursor: string | null;
      } = await read(
        `/v1/funds/${fund}/journal-entries?limit=100${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      for (const entry of page.journal_entries) {
        expect(seen.has(entry.journal_entry_id)).toBe(false);
        seen.add(entry.journal_entry_id);
        expect(sum(entry.lines.map(({ debit }) => debit))).toBe(sum(entry.lines.map(({ credit }) => credit)));
      }
      cursor = page.next_cursor;
    } while (cursor !== null);
    const { rows } = await system.pool.query<{ n: string }>(
      'SELECT count(DISTINCT journal_entry_id) AS n FROM journal_entries WHERE fund_id = $1',
      [fund],
    );
    expect(String(seen.size)).toBe(rows[0]?.n);
  });

  it('draws the J-curve from the facts: it ends with the sums of the fund', async () => {
    const [fund = ''] = funds;
    const curve = await read<JCurveReply>(`/v1/funds/${fund}/j-curve`);
    const now = await read<PerformanceReply>(`/v1/funds/${fund}/performance`);
    const last = curve.quarters.at(-1);
    expect(curve.quarters.length).toBeGreaterThan(8);
    expect([last?.contributions, last?.distributions, last?.nav]).toEqual([
      now.fund?.called_capital,
      now.fund?.distributed_capital,
      now.fund?.nav,
    ]);
    expect(new Set(curve.quarters.map(({ quarter_end }) => quarter_end)).size).toBe(curve.quarters.length);
    expect(curve.quarters.some(({ cumulative_net_flow }) => cumulative_net_flow.startsWith('-'))).toBe(true);
  });

  it('lists what else stands there, and says what is not there', async () => {
    const [fund = ''] = funds;
    for (const path of ['investments', 'transactions', 'waterfall-configs', 'cash-flows', 'carry-clawbacks'])
      await read(`/v1/funds/${fund}/${path}?limit=3`);
    for (const path of ['exchange-rates', 'accounts', 'configurations', 'business-dates', `quality-findings?fund_id=${fund}`])
      await read(`/v1/${path}`);
    const whole = await read<FundReply>(`/v1/funds/${fund}`);
    expect(whole.terms.some(({ terms_version }) => terms_version !== null)).toBe(true);
    const nobody = '00000000-0000-4000-8000-00000000dead';
    for (const path of [
      `funds/${nobody}/capital-calls`,
      `capital-calls/${nobody}`,
      `distributions/${nobody}`,
      `calculations/${nobody}`,
      `investments/${nobody}`,
      `funds/${nobody}/performance`,
      `funds/${nobody}/trial-balance`,
      `funds/${nobody}/nav-roll?known_at=2026-01-01T00:00:00Z`,
      `funds/${nobody}/j-curve`,
    ])
      expect((await system.get(`/v1/${path}`)).status, path).toBe(404);
    expect((await system.get(`/v1/funds/${fund}/performance?known_at=yesterday`)).status).toBe(400);
  });
});
