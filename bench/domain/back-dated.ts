// A valuation back-dated ten years in a fund of 500 investors while 20 bookings a second go on beside it: how long until every figure is
// told anew, and what the others feel of it.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type OwnStack, removeStackFolder, runCommand, startOwnStack } from '#tests/support/own-stack.ts';
import { spread } from '../report.ts';

const perSecond = 20;
const bookings = 200;

const post = async (stack: OwnStack, name: string, body: object): Promise<void> => {
  const response = await fetch(`http://127.0.0.1:${stack.httpPort()}/v1/commands/${name}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${stack.env()['STRATCAP_BOOKING_TOKEN']}`,
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${name} was answered ${response.status}: ${text}`);
};

/** Runs the measurement on a stack of its own. */
export const measureBackDated = async ({
  seed,
  say,
}: {
  readonly seed: string;
  readonly say: (text: string) => void;
}): Promise<object> => {
  const folder = mkdtempSync(join(tmpdir(), 'stratcap-bench-'));
  say('Starting a stack with a fund of 500 investors.');
  const stack = await startOwnStack();
  const db = new Client({ connectionString: stack.env()['DATABASE_URL'], application_name: 'stratcap-bench' });
  try {
    await db.connect();
    const file = join(folder, 'fund.jsonl');
    for (const args of [
      ['generate', '--funds', '1', '--investors', '500', '--years', '10', '--seed', seed, '--small', '--out', file],
      ['import', file, '--json'],
    ]) {
      const end = await runCommand(stack.dataFolder, args);
      if (end.code !== 0) throw new Error(`stratcap ${args[0] ?? ''} failed: ${end.stdout}${end.stderr}`);
    }
    const told = async (): Promise<{ readonly rows: number; readonly latest: string | null }> => {
      const { rows } = await db.query<{ n: string; latest: string | null }>(
        'SELECT count(*) AS n, max(recorded_at)::text AS latest FROM nav_rolls',
      );
      return { rows: Number(rows[0]?.n ?? 0), latest: rows[0]?.latest ?? null };
    };
    const settled = async (): Promise<void> => {
      const status = async (): Promise<number> => {
        const { stdout } = await runCommand(stack.dataFolder, ['status', '--json']);
        return (JSON.parse(stdout) as { readonly lag: number }).lag;
      };
      while ((await status()) > 0) await sleep(500);
    };
    await settled();
    const [deal] = (
      await db.query<{ investment_id: string; fund_id: string; investment_date: string; fair: string }>(
        'SELECT investment_id, fund_id, investment_date::text AS investment_date, remaining_cost AS fair FROM investments ORDER BY investment_date LIMIT 1',
      )
    ).rows;
    if (deal === undefined) throw new Error('the generated fund holds nothing');
    // Somebody else's fund, for the bookings beside.
    const investor =
      (await db.query<{ investor_id: string }>('SELECT investor_id FROM investors LIMIT 1')).rows[0]?.investor_id ?? '';
    const fundId = randomUUID();
    const commitmentId = randomUUID();
    await post(stack, 'create-fund', { fund: { fund_id: fundId, fund_name: 'Beside', fund_type: 'PE', base_currency: 'USD' } });
    await post(stack, 'make-commitment', {
      commitment_id: commitmentId,
      fund_id: fundId,
      investor_id: investor,
      commitment_amount: '1000000.00',
      currency: 'USD',
      commitment_date: '2020-01-01',
    });
    const before = await told();
    say('Bookings begin; the valuation is back-dated in the middle of them.');
    const latencies: Promise<number>[] = [];
    let bookedAt = 0;
    const start = Date.now() + 200;
    for (let booking = 0; booking < bookings; booking += 1) {
      const due = start + (booking * 1000) / perSecond;
      await sleep(Math.max(0, due - Date.now()));
      if (booking === bookings / 4) {
        bookedAt = Date.now();
        void post(stack, 'value-investment', {
          valuation_id: randomUUID(),
          investment_id: deal.investment_id,
          fund_id: deal.fund_id,
          effective_date: deal.investment_date,
          fair_value: deal.fair,
          valuation_method: 'market-multiple',
        });
      }
      const latency = post(stack, 'record-valuation', {
        commitment_id: commitmentId,
        fund_id: fundId,
        effective_date: '2025-12-31',
        remaining_value: `${1_000 + booking}.00`,
      }).then(() => Date.now() - due);
      latency.catch(() => undefined);
      latencies.push(latency);
    }
    const outcomes = await Promise.all(latencies);
    let after = await told();
    while (after.latest === before.latest) {
      await sleep(50);
      after = await told();
    }
    await settled();
    return {
      investors: 500,
      rows: before.rows,
      secondsUntilTold: Math.round((Date.now() - bookedAt) / 100) / 10,
      beside: { perSecond, unit: 'ms to the outcome, from when the booking was due', ...spread(outcomes) },
    };
  } finally {
    await db.end().catch(() => undefined);
    await stack.stop();
    removeStackFolder(stack.dataFolder);
    rmSync(folder, { recursive: true, force: true });
  }
};
