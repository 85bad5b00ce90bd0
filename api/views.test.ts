import { expect, test } from 'vitest';
import { totalRow, toApiTotal } from './capital-accounts/totals.ts';
import { toApiOutcome } from './commands/view.ts';
import type { EventRow } from './events/query.ts';
import { prefixQuery } from './funds/query.ts';
import { afterRow, orderBy } from './keyset.ts';
import { dateRange } from './shapes.ts';

const sums = totalRow.parse({
  funds: '3',
  investors: '2',
  accounts: '4',
  commitments: '5',
  complete_accounts: '2',
  committed_amount: '1000.00',
  called_amount: '700.00',
  distributed_amount: '300.01',
  remaining_value: null,
  unfunded_amount: '10.00',
  called_unknown: '1',
  distributed_unknown: '0',
  remaining_unknown: '2',
  complete_committed: '400.00',
  complete_called: '300.00',
  complete_distributed: '100.00',
  complete_remaining: '350.00',
  as_of_date: '2025-09-30',
  earliest_as_of_date: '2025-03-31',
});

test('multiples of a total come from summed parts of the wholly known accounts, with their number', () => {
  expect(toApiTotal(sums)).toMatchObject({
    pic: '0.7500000000',
    dpi: '0.3333333333',
    rvpi: '1.1666666667',
    tvpi: '1.5000000000',
    multiples_over: 2,
    accounts: 4,
    remaining_value: null,
    called_amount: '700.00',
  });
});

test('a total without a wholly known account has sums and no multiples', () => {
  expect(
    toApiTotal({
      ...sums,
      complete_accounts: 0,
      complete_committed: null,
      complete_called: null,
      complete_distributed: null,
      complete_remaining: null,
    }),
  ).toMatchObject({ pic: null, dpi: null, rvpi: null, tvpi: null, multiples_over: 0, committed_amount: '1000.00' });
});

test('the next page continues after the last row, unknown figures last', () => {
  const order = { column: 'a.dpi', type: 'numeric', direction: 'desc', id: 'f.fund_id' } as const;
  const values: unknown[] = [];
  const add = (value: unknown): string => `$${values.push(value)}`;
  expect(orderBy(order)).toBe('a.dpi desc NULLS LAST, f.fund_id ASC');
  expect(afterRow(order, ['1.5', 'id'], add)).toBe(
    '(a.dpi < $2::numeric OR (a.dpi = $2::numeric AND f.fund_id > $1::uuid) OR a.dpi IS NULL)',
  );
  expect(afterRow(order, [null, 'id'], add)).toBe('(a.dpi IS NULL AND f.fund_id > $3::uuid)');
  expect(values).toEqual(['id', '1.5', 'id']);
});

test('a search takes every word as a beginning and nothing else from the text', () => {
  expect(prefixQuery("KKR  As'ia! & (2)")).toBe('KKR:* & As:* & ia:* & 2:*');
  expect(prefixQuery('&|!')).toBeNull();
});

const event = (event_type: string, event_data: unknown): EventRow => ({
  event_id: 'e',
  event_type,
  aggregate_type: 'COMMITMENT',
  aggregate_id: 'a',
  event_version: 1,
  effective_date: '2026-01-01',
  recorded_at: '2026-01-01T00:00:00.000000Z',
  causation_id: 'c',
  correlation_id: 'c',
  chain_hash: '00',
  partition: 0,
  log_offset: '1',
  event_data,
  metadata: { findings: [{ rule: 'called-above-commitment', severity: 'WARNING', message: 'm', field: null }] },
});

test('a command is told by its events: accepted with its warnings, rejected with its reasons, unknown without any', () => {
  expect(toApiOutcome('c', [event('CommitmentMade', {})])).toMatchObject({
    kind: 'ACCEPTED',
    reasons: [],
    rule_results: [{ rule: 'called-above-commitment' }],
  });
  const reason = { rule: 'unknown-fund', severity: 'ERROR', message: 'no fund', field: 'fund_id' };
  expect(toApiOutcome('c', [event('CommandRejected', { command_type: 'MakeCommitment', reasons: [reason] })])).toMatchObject({
    kind: 'REJECTED',
    command_type: 'MakeCommitment',
    reasons: [reason],
  });
  expect(toApiOutcome('c', [])).toBeNull();
});

test('the dates of figures are their earliest and latest', () => {
  expect(dateRange(['2025-09-30', null, '2025-03-31'])).toEqual({ first: '2025-03-31', last: '2025-09-30' });
  expect(dateRange([null])).toEqual({ first: null, last: null });
});
