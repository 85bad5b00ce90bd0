// The state of a ledger as the rows that it must have in the operational model, and those rows as they stand there.
import type { Pool } from 'pg';
import { sumOf } from '#domain/ledger/capital-call-notice.ts';
import { unfundedOf } from '#domain/ledger/commitment-account.ts';
import type { LedgerState } from '#domain/ledger/state.ts';
import { heldOn } from '#domain/journal/investment-history.ts';
import { formatMoney } from '#domain/money/money.ts';
import { inTransaction } from '#platform/postgres/transaction.ts';
import type { AnyEvent } from '#domain/messages.ts';
import { addEvent } from './add-event.ts';
import { emptyBatch } from './batch.ts';
import { writeBatch } from './write.ts';

type Rows = Readonly<Record<string, readonly string[]>>;

const line = (...parts: readonly (string | number | bigint | boolean | null)[]): string =>
  parts.map((part) => (typeof part === 'bigint' ? formatMoney(part) : String(part))).join(' ');

const latestDate = (dates: readonly string[]): string | null => dates.toSorted().at(-1) ?? null;

/** What a ledger knows, one line per row. */
export const rowsOfState = (state: LedgerState): Rows => ({
  funds: [...state.funds].map(([id, { version, card }]) => line(id, version, card.fund_status)).toSorted(),
  commitments: [...state.commitments].map(([id, { amount, status, version }]) => line(id, amount, status, version)).toSorted(),
  // Positions that were taken over may have been called elsewhere; what is left of those that end counts no more.
  unfunded: [...state.commitments]
    .filter(([, { status, openedOn }]) => status === 'ACTIVE' && openedOn === null)
    .map(([id, commitment]) => line(id, unfundedOf(commitment)))
    .toSorted(),
  calls: [...state.calls].map(([id, { number, status, version, paid }]) => line(id, number, status, version, paid)).toSorted(),
  notices: [...state.calls]
    .flatMap(([, { notices }]) =>
      [...notices].map(([id, { due, paid, status, payments }]) => {
        const standing = payments.filter(({ isReversed }) => !isReversed);
        return line(id, sumOf(due), sumOf(paid), status, latestDate(standing.map(({ date }) => date)));
      }),
    )
    .toSorted(),
  payments: [...state.calls]
    .flatMap(([, { notices }]) =>
      [...notices.values()].flatMap(({ payments }) =>
        payments.map(({ id, portions, date, isReversed }) => line(id, sumOf(portions), date, isReversed)),
      ),
    )
    .toSorted(),
  distributions: [...state.distributions]
    .map(([id, { number, status, version, total, net, carry }]) => line(id, number, status, version, total, net, carry))
    .toSorted(),
  investments: [...state.investments]
    .map(([id, { status, version }]) => {
      const { costMinor, fairMinor } = heldOn(state.journal.investments.get(id) ?? []);
      return line(id, status, version, costMinor, fairMinor);
    })
    .toSorted(),
  transactions: [...state.funds.values()]
    .flatMap(({ life }) => [...(life?.transactions ?? [])].map(([id, { amount, isReversed }]) => line(id, amount, isReversed)))
    .toSorted(),
  references: [...state.references].map(([id, { version }]) => line(id, version)).toSorted(),
});

const queries: Readonly<Record<string, string>> = {
  funds: "SELECT concat_ws(' ', fund_id, version, fund_status)",
  commitments: "SELECT concat_ws(' ', commitment_id, commitment_amount, status, version)",
  unfunded: "SELECT concat_ws(' ', commitment_id, commitment_amount - drawn_amount(commitment_id))",
  calls: "SELECT concat_ws(' ', call_id, call_number, call_status, version, paid_amount)",
  notices: "SELECT concat_ws(' ', notice_id, call_amount, paid_amount, notice_status, coalesce(payment_date::text, 'null'))",
  payments: "SELECT concat_ws(' ', payment_id, amount, payment_date, is_reversed::text)",
  distributions:
    "SELECT concat_ws(' ', distribution_id, distribution_number, distribution_status, version, total_distribution_amount, net_distribution, carried_interest)",
  investments: "SELECT concat_ws(' ', investment_id, investment_status, version, remaining_cost, current_fair_value)",
  transactions: "SELECT concat_ws(' ', transaction_id, amount, is_reversed::text)",
  references: "SELECT concat_ws(' ', id, version)",
};

const sources: Readonly<Record<string, string>> = {
  funds: 'funds',
  commitments: 'commitments',
  unfunded:
    "commitments c WHERE status = 'ACTIVE' AND NOT EXISTS (SELECT FROM opening_balances o WHERE o.commitment_id = c.commitment_id)",
  calls: 'capital_calls',
  notices: 'capital_call_notices',
  payments: 'capital_call_payments',
  distributions: 'distributions',
  investments: 'investments',
  transactions: "fund_transactions WHERE transaction_type NOT IN ('INVESTMENT', 'REALISATION', 'WRITE_OFF')",
  references:
    '(SELECT rate_id AS id, version FROM exchange_rates UNION ALL SELECT account_id, version FROM chart_of_accounts UNION ALL SELECT config_id, version FROM system_configurations) AS reference',
};

/** The same lines from the tables. */
export const rowsOfTables = async (pool: Pool): Promise<Rows> => {
  const rows: Record<string, readonly string[]> = {};
  for (const [name, select] of Object.entries(queries)) {
    const found = await pool.query<{ line: string }>(`${select} AS line FROM ${sources[name] ?? ''}`);
    rows[name] = found.rows.map((row) => row.line).toSorted();
  }
  return rows;
};

/** Events of a test ledger as a log has them: with a link of the chain. */
const onLog = (event: AnyEvent): AnyEvent =>
  ({
    type: event.type,
    value: { ...event.value, envelope: { ...event.value.envelope, chain_hash: Buffer.alloc(32) } },
  }) as unknown as AnyEvent;

/** Writes events, the first of them at an offset, as one transaction of the sink after another, each of so many events. */
export const writeEvents = async (
  pool: Pool,
  events: readonly AnyEvent[],
  sizeAt: (transaction: number) => number,
  firstOffset = 0,
): Promise<void> => {
  for (let at = 0, transaction = 0; at < events.length; transaction += 1) {
    const batch = emptyBatch();
    const size = sizeAt(transaction);
    events
      .slice(at, at + size)
      .forEach((event, place) => addEvent(batch, onLog(event), { partition: 0, offset: BigInt(firstOffset + at + place) }));
    at += size;
    await inTransaction(pool, (client) => writeBatch(client, batch));
  }
};
