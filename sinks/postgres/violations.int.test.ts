// What the ledger would never write is refused by the database, too, when the transaction commits: each fault is planted into the life of
// a fund in the transaction that writes its last events.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool } from 'pg';
import { createPostgresPool } from '#platform/postgres/pool.ts';
import { inTransaction } from '#platform/postgres/transaction.ts';
import { createIsolation, type Isolation } from '#tests/support/stack.ts';
import { testId } from '#tests/support/commands.ts';
import { callId, commitmentId, distributionId } from '#tests/support/fund-commands.ts';
import { checksumPostgres } from './checksum.ts';
import { rowsOfState, rowsOfTables, writeEvents } from './ledger-rows.fixture.ts';
import { liveLedger } from './life.fixture.ts';
import { migrateOperationalModel } from './migrations.ts';

let isolation: Isolation;
let pool: Pool;
const ledger = liveLedger(1);
beforeAll(async () => {
  isolation = await createIsolation({ stores: ['postgres'] });
  pool = createPostgresPool({
    databaseUrl: isolation.addresses.databaseUrl,
    applicationName: 'violations-test',
    connectionsMin: 0,
  });
  await migrateOperationalModel(pool);
  await writeEvents(pool, ledger.events, () => 25);
});
afterAll(async () => {
  await pool.end();
  await isolation.drop();
});

/** Runs statements in one transaction and tells the constraint that refuses it, and whether only the commit did. */
const refusalOf = async (...statements: readonly string[]): Promise<{ readonly constraint: string; readonly at: string }> => {
  let at = 'statement';
  try {
    await inTransaction(pool, async (client) => {
      for (const statement of statements) expect((await client.query(statement)).rowCount).toBeGreaterThan(0);
      at = 'commit';
    });
  } catch (error) {
    return { constraint: String((error as { constraint?: unknown }).constraint), at };
  }
  return { constraint: 'none', at };
};

const atCommit = (constraint: string) => ({ constraint, at: 'commit' });
const atOnce = (constraint: string) => ({ constraint, at: 'statement' });

let before: Awaited<ReturnType<typeof checksumPostgres>>;
beforeEach(async () => {
  before = await checksumPostgres(pool);
});

const notice = (call: number): string => `call_id = '${callId(call)}' AND commitment_id = '${commitmentId('Ada')}'`;

describe('the database refuses', () => {
  it('nothing of the life of a fund', async () => {
    expect(await rowsOfTables(pool)).toEqual(rowsOfState(ledger.state));
  });

  it.each([
    [
      'a commitment drawn by more than it has',
      atCommit('commitments_unfunded_not_negative'),
      [
        `UPDATE capital_call_notices SET call_amount = call_amount + 60000000, investment_portion = investment_portion + 60000000 WHERE ${notice(1)}`,
      ],
    ],
    [
      'a cancelled notice that comes back and draws more than is left',
      atCommit('commitments_unfunded_not_negative'),
      [
        `UPDATE capital_call_notices SET call_amount = call_amount + 60000000, investment_portion = investment_portion + 60000000 WHERE ${notice(2)}`,
        `UPDATE capital_call_notices SET notice_status = 'PENDING' WHERE ${notice(2)}`,
      ],
    ],
    [
      'a commitment decreased below what was called',
      atCommit('commitments_unfunded_not_negative'),
      [`UPDATE commitments SET commitment_amount = 1.00 WHERE commitment_id = '${commitmentId('Ada')}'`],
    ],
    [
      'more moved by a transfer than was transferred',
      atCommit('commitments_unfunded_not_negative'),
      [
        `INSERT INTO commitment_modifications SELECT gen_random_uuid(), commitment_id, fund_id, modification_type, old_amount, new_amount, to_commitment_id, 99000000, 0, 0, 0, 0, effective_date, reason, created_at FROM commitment_modifications WHERE modification_id = '${testId('transfer')}'`,
      ],
    ],
    [
      'a call whose notices do not add up',
      atCommit('capital_calls_notices_add_up'),
      [
        `UPDATE capital_call_notices SET call_amount = call_amount + 0.01, investment_portion = investment_portion + 0.01 WHERE call_id = '${callId(3)}'`,
        `UPDATE capital_calls SET call_status = 'ISSUED' WHERE call_id = '${callId(3)}'`,
      ],
    ],
    [
      'a call of which a notice is missing',
      atCommit('capital_calls_notices_add_up'),
      [`UPDATE capital_calls SET notice_count = notice_count + 1 WHERE call_id = '${callId(3)}'`],
    ],
    [
      'a distribution whose notices carry less than it',
      atCommit('distributions_notices_add_up'),
      [
        `UPDATE distribution_notices SET carried_interest = carried_interest + 0.01, net_distribution = net_distribution - 0.01 WHERE distribution_id = '${distributionId(1)}'`,
        `UPDATE distributions SET notice_count = notice_count WHERE distribution_id = '${distributionId(1)}'`,
      ],
    ],
    [
      'a notice paid by more than it asks for',
      atOnce('capital_call_notices_paid'),
      [`UPDATE capital_call_notices SET paid_amount = call_amount + 0.01 WHERE ${notice(1)}`],
    ],
    [
      'a notice that is not the sum of its portions',
      atOnce('capital_call_notices_parts'),
      [`UPDATE capital_call_notices SET expenses_portion = expenses_portion + 0.01 WHERE ${notice(1)}`],
    ],
    [
      'a notice that leaves less than nothing unfunded',
      atOnce('capital_call_notices_unfunded_not_negative'),
      [`UPDATE capital_call_notices SET unfunded_after = -0.01 WHERE ${notice(1)}`],
    ],
    [
      'a distribution that is not the sum of its parts',
      atOnce('distributions_parts'),
      ['UPDATE distributions SET tax_withholding = tax_withholding + 0.01'],
    ],
    [
      'a distribution notice that is not the sum of its parts',
      atOnce('distribution_notices_parts'),
      ['UPDATE distribution_notices SET net_distribution = net_distribution + 0.01'],
    ],
    [
      'a call of nothing',
      atOnce('check_call_amount'),
      [
        `UPDATE capital_calls SET total_call_amount = 0, investment_amount = 0, management_fee_amount = 0, expenses_amount = 0 WHERE call_id = '${callId(2)}'`,
      ],
    ],
    [
      'two calls of one number',
      atOnce('capital_calls_number_key'),
      [`UPDATE capital_calls SET call_number = 1 WHERE call_id = '${callId(2)}'`],
    ],
    ['a payment of nothing', atOnce('capital_call_payments_amount_positive'), ['UPDATE capital_call_payments SET amount = 0']],
    [
      'a wholly transferred commitment that is still active',
      atOnce('check_commitment_amount'),
      [`UPDATE commitments SET commitment_amount = 0 WHERE commitment_id = '${commitmentId('Bert')}'`],
    ],
    [
      'a second rate of two currencies and a day',
      atOnce('exchange_rates_key'),
      [
        'INSERT INTO exchange_rates SELECT gen_random_uuid(), base_currency, target_currency, 2, rate_date, NULL, created_at, updated_at, 1 FROM exchange_rates',
      ],
    ],
  ] as const)('%s', async (_what, refusal, statements) => {
    expect(await refusalOf(...statements)).toEqual(refusal);
    expect(await checksumPostgres(pool)).toEqual(before);
  });

  it('a recallable distribution taken back after it was called again', async () => {
    const recalled = `WITH ada AS (SELECT n.notice_id FROM distribution_notices n WHERE distribution_id = '${distributionId(1)}' AND commitment_id = '${commitmentId('Ada')}')`;
    expect(
      await refusalOf(
        `${recalled} UPDATE distribution_notices SET recallable_amount = 70000000 WHERE notice_id IN (SELECT notice_id FROM ada)`,
        `UPDATE capital_call_notices SET call_amount = call_amount + 60000000, investment_portion = investment_portion + 60000000 WHERE ${notice(1)}`,
        `${recalled} UPDATE distribution_notices SET notice_status = 'CANCELLED' WHERE notice_id IN (SELECT notice_id FROM ada)`,
      ),
    ).toEqual(atCommit('commitments_unfunded_not_negative'));
  });

  it('a roll of the net asset value that does not tie', async () => {
    const roll = (closing: string, net: string): string =>
      `INSERT INTO nav_rolls VALUES (gen_random_uuid(), NULL, '2021-12-31', 'USD', 0, 100, -10, -1, -1, 1, 1, 0, 0, 5, 5, 0, 0, ${closing}, 7, ${net}, gen_random_uuid(), 1, 0, 0, now())`;
    expect(await refusalOf(roll('100.01', '93.01'))).toEqual(atOnce('nav_rolls_tie'));
    expect(await refusalOf(roll('100', '93.01'))).toEqual(atOnce('nav_rolls_net'));
  });
});
