// `npm run -s bench -- latency`: how soon a booking is decided and how soon everyone sees it, while an import runs beside it. Open
// loop: bookings leave by the clock, whatever became of those before, and every time counts from when the booking was due.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { runCommand, startCommand, startOwnStack, removeStackFolder, type OwnStack } from '#tests/support/own-stack.ts';
import { openPage } from './open-page.ts';
import { writePositions } from './positions.ts';
import { spread, surroundings } from './report.ts';
import { warehouseOf } from './stores.ts';

export interface LatencyBenchOptions {
  readonly bookings: number;
  readonly perSecond: number;
  readonly seed: number;
  /** Whether an import runs beside the bookings. */
  readonly beside: boolean;
  readonly say: (text: string) => void;
}

const accounts = 40;
const importRows = 200_000;
const pollMs = 10;
const patienceMs = 60_000;
/** The value of booking n: no generated amount reaches it, and a later booking of an account has a higher one. */
const firstValue = 777_000_000;

interface Account {
  readonly commitment_id: string;
  readonly fund_id: string;
  readonly investor_id: string;
}

/** When each booking was due, and when it was first seen in a place; a later value of an account shows its earlier ones, too. */
const createSightings = (
  bookings: number,
): {
  due(booking: number, atMs: number): void;
  seen(account: number, value: number, atMs: number): void;
  missing(): number;
  latencies(): readonly number[];
} => {
  const dueAt: number[] = [];
  const seenAt: (number | undefined)[] = Array.from({ length: bookings });
  const next = Array.from({ length: accounts }, (_, account) => account);
  return {
    due: (booking, atMs) => (dueAt[booking] = atMs),
    seen: (account, value, atMs) => {
      for (let booking = next[account] ?? bookings; booking < bookings && booking <= value - firstValue; booking += accounts) {
        seenAt[booking] = atMs;
        next[account] = booking + accounts;
      }
    },
    missing: () => seenAt.filter((at) => at === undefined).length,
    latencies: () => seenAt.flatMap((at, booking) => (at === undefined ? [] : [at - (dueAt[booking] ?? at)])),
  };
};

const book = async (stack: OwnStack, account: Account, booking: number): Promise<number> => {
  const env = stack.env();
  const response = await fetch(`http://127.0.0.1:${stack.httpPort()}/v1/commands/record-valuation`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${env['STRATCAP_BOOKING_TOKEN']}`,
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({
      commitment_id: account.commitment_id,
      fund_id: account.fund_id,
      effective_date: '2025-12-31',
      remaining_value: `${firstValue + booking}.00`,
      valuation_source: 'bench',
    }),
  });
  const text = await response.text();
  if (response.status !== 200 && response.status !== 201)
    throw new Error(`booking ${booking} was answered ${response.status}: ${text}`);
  return Date.now();
};

const importBefore = async (stack: OwnStack, folder: string, seed: number): Promise<void> => {
  const file = join(folder, 'accounts.csv');
  writePositions(file, { rows: accounts, seed, investors: accounts, balances: true, prefix: 'Measured ' });
  const end = await runCommand(stack.dataFolder, ['import', file, '--json']);
  if (end.code !== 0) throw new Error(`the accounts could not be imported: ${end.stdout}${end.stderr}`);
};

/** Runs the measurement and returns the report. */
export const measureLatency = async ({ bookings, perSecond, seed, beside, say }: LatencyBenchOptions): Promise<object> => {
  const folder = mkdtempSync(join(tmpdir(), 'stratcap-bench-'));
  say('Starting a stack.');
  const stack = await startOwnStack();
  const db = new Client({ connectionString: stack.env()['DATABASE_URL'], application_name: 'stratcap-bench' });
  const warehouse = warehouseOf(stack);
  let page: Awaited<ReturnType<typeof openPage>> | null = null;
  let importing: ReturnType<typeof startCommand> | null = null;
  try {
    await db.connect();
    await importBefore(stack, folder, seed);
    const known = async (): Promise<readonly Account[]> =>
      (
        await db.query<Account>(
          "SELECT c.commitment_id, c.fund_id, c.investor_id FROM commitments c JOIN capital_accounts a ON a.fund_id = c.fund_id AND a.investor_id = c.investor_id JOIN funds f ON f.fund_id = c.fund_id WHERE f.fund_name LIKE 'Measured %' AND a.remaining_value IS NOT NULL ORDER BY c.commitment_id",
        )
      ).rows;
    while ((await known()).length < accounts) await sleep(100);
    const targets = await known();
    const fundId = targets[0]?.fund_id ?? '';
    const placeOf = new Map(targets.map(({ investor_id }, place) => [investor_id, place]));

    if (beside) {
      const file = join(folder, 'beside.csv');
      writePositions(file, { rows: importRows, seed: seed + 1, balances: true });
      importing = startCommand(stack.dataFolder, ['import', file, '--json']);
      const count = async (): Promise<number> =>
        Number((await db.query<{ n: string }>('SELECT count(*) AS n FROM commitments')).rows[0]?.n ?? 0);
      while ((await count()) < accounts + 1_000) await sleep(200);
      say('The import runs; the bookings begin.');
    }
    const places = {
      postgres: createSightings(bookings),
      clickhouse: createSightings(bookings),
      page: createSightings(bookings),
    };
    page = await openPage(`http://127.0.0.1:${stack.httpPort()}/funds/${fundId}`, (investorId, amount, atMs) =>
      places.page.seen(placeOf.get(investorId) ?? -1, amount, atMs),
    );

    let watching = true;
    const follow = async (
      place: 'postgres' | 'clickhouse',
      read: () => Promise<readonly { readonly investor_id: string; readonly value: string }[]>,
    ): Promise<void> => {
      while (watching) {
        const rows = await read();
        const now = Date.now();
        for (const { investor_id, value } of rows) places[place].seen(placeOf.get(investor_id) ?? -1, Number(value), now);
        await sleep(pollMs);
      }
    };
    const followers = [
      follow(
        'postgres',
        async () =>
          (
            await db.query<{ investor_id: string; value: string }>({
              name: 'watch',
              text: 'SELECT investor_id, remaining_value AS value FROM capital_accounts WHERE fund_id = $1 AND investor_id IS NOT NULL',
              values: [fundId],
            })
          ).rows,
      ),
      follow(
        'clickhouse',
        async () =>
          await warehouse.query<{ investor_id: string; value: string }>(
            'SELECT investor_id, max(remaining_value) AS value FROM fact_fund_performance WHERE fund_id = {fund:UUID} AND NOT is_fund_total GROUP BY investor_id',
            { fund: fundId },
          ),
      ),
    ];

    const before = surroundings();
    const outcomes: Promise<number>[] = [];
    const start = Date.now() + 500;
    const rowsAt = async (): Promise<number> =>
      Number((await db.query<{ n: string }>('SELECT count(*) AS n FROM commitments')).rows[0]?.n ?? 0);
    const rowsBefore = await rowsAt();
    for (let booking = 0; booking < bookings; booking += 1) {
      const dueMs = start + (booking * 1000) / perSecond;
      await sleep(Math.max(0, dueMs - Date.now()));
      for (const place of Object.values(places)) place.due(booking, dueMs);
      const account = targets[booking % accounts];
      if (account === undefined) throw new Error('an account is missing');
      const outcome = book(stack, account, booking).then((at) => at - dueMs);
      // Its failure is thrown below, where all are awaited.
      outcome.catch(() => undefined);
      outcomes.push(outcome);
    }
    const importRate = Math.round(((await rowsAt()) - rowsBefore) / ((Date.now() - start) / 1000));
    const outcomeMs = await Promise.all(outcomes);
    const until = Date.now() + patienceMs;
    while (Object.values(places).some((place) => place.missing() > 0) && Date.now() < until) await sleep(50);
    watching = false;
    await Promise.all(followers);
    const missing = Object.fromEntries(Object.entries(places).map(([place, sightings]) => [place, sightings.missing()]));
    return {
      bench: 'latency',
      bookings,
      perSecond,
      unit: 'ms from when the booking was due',
      beside: beside ? { importRowsPerSecond: importRate } : null,
      page: page.kind,
      outcome: spread(outcomeMs),
      postgres: spread(places.postgres.latencies()),
      clickhouse: spread(places.clickhouse.latencies()),
      openPage: spread(places.page.latencies()),
      neverSeen: missing,
      ...before,
    };
  } finally {
    await page?.close();
    importing?.child.kill('SIGTERM');
    await importing?.end;
    await db.end().catch(() => undefined);
    await warehouse.close();
    await stack.stop();
    removeStackFolder(stack.dataFolder);
    rmSync(folder, { recursive: true, force: true });
  }
};
