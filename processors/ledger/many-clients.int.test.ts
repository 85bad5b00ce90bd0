// Fifty clients book on one fund at once, over the real broker: nothing is lost, versions have no gaps, nothing is over-called.
import { v5 as uuidV5 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unfundedOf } from '#domain/ledger/commitment-account.ts';
import { evolve } from '#domain/ledger/evolve.ts';
import { emptyLedger } from '#domain/ledger/state.ts';
import type { AnyCommand, AnyEvent } from '#domain/messages.ts';
import { testCommand, testId } from '#tests/support/commands.ts';
import { callId, commitmentId, draftCall, fundWith, issueCall, lifeFund, pay, transact } from '#tests/support/fund-commands.ts';
import { startIntakeSystem, type IntakeSystem } from '#tests/support/intake-system.ts';

const clients = 50;
const rounds = 6;
const names = ['A', 'B', 'C', 'D', 'E'] as const;
let system: IntakeSystem;
beforeAll(async () => {
  system = await startIntakeSystem();
});
afterAll(() => system.stop());

/** What a client books in a round: a call of its own on what is left, a payment on the first call, an income, a changed amount. */
const bookings = (client: number, round: number): readonly AnyCommand[] => {
  const number = 2 + client * rounds + round;
  const name = names[client % names.length] ?? 'A';
  return [
    draftCall(number, 70_00n, '2020-04-01', { call_number: number }),
    issueCall(number),
    pay(1, uuidV5(commitmentId(name), callId(1)), 1_00n, '2020-04-01', { payment_id: testId(`payment ${client} ${round}`) }),
    transact('OTHER_INCOME', 1_00n, '2020-04-01', { transaction_id: testId(`income ${client} ${round}`) }),
    testCommand('ChangeCommitmentAmount', {
      commitment_id: commitmentId(name),
      fund_id: lifeFund,
      new_amount: 1_000_00n - BigInt(client * rounds + round),
      modification_id: testId(`change ${client} ${round}`),
    }),
  ];
};

test('fifty clients at once lose nothing, leave no gap and over-call nobody', { timeout: 120_000 }, async () => {
  const submit = async (command: AnyCommand) => await system.intake.submit(command, { timeoutMs: 60_000, withPosition: false });
  const amounts = Object.fromEntries(names.map((name) => [name, 1_000_00n]));
  for (const command of [...fundWith(amounts), draftCall(1, 500_00n, '2020-03-02'), issueCall(1)]) await submit(command);
  const outcomes = await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const kinds: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        for (const command of bookings(client, round)) {
          const submission = await submit(command);
          kinds.push(submission.kind === 'decided' ? `${command.type} ${submission.outcome.kind}` : 'pending');
        }
      }
      return kinds;
    }),
  );
  const decided = outcomes.flat();
  expect(decided).toHaveLength(clients * rounds * 5);
  expect(decided.filter((kind) => kind === 'pending')).toEqual([]);
  // 5,000.00 are committed and 500.00 called: 64 calls of 70.00 fit at most, the others are refused.
  const issued = decided.filter((kind) => kind === 'IssueCapitalCall ACCEPTED').length;
  expect(issued).toBeGreaterThan(30);
  expect(issued).toBeLessThanOrEqual(64);

  const state = emptyLedger();
  const versions = new Map<string, number>();
  const events = await system.eventsOnLog();
  let accepted = 0;
  for (const { type, value } of events) {
    const { aggregate_id, event_version } = value.envelope;
    expect(event_version).toBe((versions.get(aggregate_id) ?? 0) + 1);
    versions.set(aggregate_id, event_version);
    if (type !== 'CommandRejected') accepted += 1;
    evolve(state, { type, value } as unknown as AnyEvent);
    for (const commitment of state.commitments.values()) expect(unfundedOf(commitment)).toBeGreaterThanOrEqual(0n);
  }
  // Every payment of 1.00 and every income of 1.00 that was accepted is in cash.
  const paid = decided.filter((kind) => kind === 'RecordCapitalCallPayment ACCEPTED').length;
  const income = decided.filter((kind) => kind === 'RecordFundTransaction ACCEPTED').length;
  expect(income).toBe(clients * rounds);
  expect(state.funds.get(lifeFund)?.life?.balances.get('1000')).toBe(BigInt(paid + income) * 1_00n);
  expect(accepted).toBeGreaterThan(decided.filter((kind) => kind.endsWith('ACCEPTED')).length);
});
