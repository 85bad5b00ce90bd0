import { expect, test } from 'vitest';
import type { AnyCommand, CommandOutcome } from '#domain/messages.ts';
import { eventIdOf } from '#schemas/event-id.ts';
import { contentDigest, fingerprint } from './content-digest.ts';
import { belongsToAnother, differencesOf, reusedKey } from './reused-key.ts';

const commandId = '3d5a6a0e-7c0e-4c53-9a57-0f3a1f6f2b10';
const digest = contentDigest({ amount: 5n });
const command = {
  type: 'MakeCommitment',
  value: {
    header: { command_id: commandId, effective_date: '2024-01-02', reason: null },
    fund_id: 'fund',
    commitment_amount: 100_050n,
    currency: 'USD',
  },
} as unknown as AnyCommand;
const outcome = (event_id: string): CommandOutcome =>
  ({ command_id: commandId, command_type: 'MakeCommitment', events: [{ event_id, event_type: 'CommitmentMade' }] }) as never;
const booked = {
  event_type: 'CommitmentMade',
  effective_date: '2024-01-02',
  reason: null,
  event_data: { fund_id: 'fund', commitment_amount: '1000.00', currency: 'USD' },
};

test('the digest does not depend on the order of the fields, and tells an amount from its text', () => {
  expect(contentDigest({ a: 1, b: { c: null, d: [1n] } })).toBe(contentDigest({ b: { d: [1n], c: null }, a: 1 }));
  expect(contentDigest({ a: 1n })).not.toBe(contentDigest({ a: '1n' }));
  expect(contentDigest(['ab', 'c'])).not.toBe(contentDigest(['a', 'bc']));
});

test('a personal value enters the digest only in a form that needs the key of its owner', () => {
  const key = { keyId: 'k', version: 1, key: Buffer.alloc(32, 1) };
  const print = fingerprint(key, 'tax_id', '12-3456789');
  expect(print).not.toContain('3456789');
  expect(fingerprint(key, 'tax_id', '12-3456789')).toBe(print);
  expect(fingerprint(key, 'tax_id', '12-3456780')).not.toBe(print);
  expect(fingerprint(key, 'phone', '12-3456789')).not.toBe(print);
  expect(fingerprint({ ...key, key: Buffer.alloc(32, 2) }, 'tax_id', '12-3456789')).not.toBe(print);
});

test('an outcome belongs to another command when its events follow from another content', () => {
  expect(belongsToAnother(outcome(eventIdOf(commandId, 0, digest)), commandId, digest)).toBe(false);
  expect(belongsToAnother(outcome(eventIdOf(commandId, 0, contentDigest('other'))), commandId, digest)).toBe(true);
});

test('a booking whose sender named no content is taken as the same command', () => {
  expect(belongsToAnother(outcome(eventIdOf(commandId, 0, null)), commandId, digest)).toBe(false);
});

test('the refusal names the key and every field that differs, amounts as decimal text', async () => {
  expect(differencesOf(command, [booked])).toEqual(['commitment_amount was "1000.00" and is "1000.50" now']);
  const problem = await reusedKey(command, outcome('x'), async () => [booked]);
  expect(problem.kind).toBe('idempotency-key-reused');
  expect(problem.message).toContain(commandId);
  expect(problem.message).toContain('commitment_amount was "1000.00" and is "1000.50" now');
});

test('a changed fund is compared with the card that the change led to', () => {
  const update = {
    type: 'UpdateFund',
    value: {
      header: { effective_date: '2024-01-02', reason: 'typo' },
      fund_id: 'fund',
      set: { geography: 'Asia', fund_name: null },
    },
  } as unknown as AnyCommand;
  const event = { ...booked, event_data: { fund: { fund_id: 'fund', geography: 'Europe', fund_name: 'One' } } };
  expect(differencesOf(update, [event])).toEqual([
    'fund.geography was "Europe" and is "Asia" now',
    'reason was null and is "typo" now',
  ]);
});

test('while the store is away the refusal is told without the fields', async () => {
  const problem = await reusedKey(command, outcome('x'), () => Promise.reject(new Error('away')));
  expect(problem.message).toContain('the same command with another content, which led to CommitmentMade');
  expect((await reusedKey(command, outcome('x'), undefined)).message).toContain('nothing was booked now');
});
