// Fifty clients book on one fund at the same time over HTTP, through the real intake and the real ledger.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fundBody, idOf, investorBody, startIntakeSystem, type IntakeSystem } from '#tests/support/intake-system.ts';

let system: IntakeSystem;
beforeAll(async () => {
  system = await startIntakeSystem();
});
afterAll(() => system?.stop());

interface Notice {
  readonly notice_id: string;
  readonly call_amount: bigint;
  readonly unfunded_after: bigint;
}
const clients = 50;

test(
  'no update is lost, versions have no gaps, and no commitment is called beyond what it has',
  { timeout: 120_000 },
  async () => {
    const fund_id = idOf(await system.post('create-fund', fundBody()));
    const pledge = { fund_id, commitment_amount: '1000.00', currency: 'USD', commitment_date: '2020-01-01' };
    const replies = await Promise.all(
      Array.from({ length: clients }, async () => {
        const investor_id = idOf(await system.post('create-investor', investorBody()));
        return await system.post('make-commitment', { ...pledge, investor_id });
      }),
    );
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([201]));

    // Each client wants to call a twentieth of everything: twenty of the calls fit.
    const draft = {
      fund_id,
      call_date: '2020-02-03',
      due_date: '2020-03-02',
      call_purpose: 'all at once',
      investment_amount: '2500.00',
    };
    const issued = await Promise.all(
      Array.from({ length: clients }, async () => {
        const call_id = idOf(await system.post('draft-capital-call', draft));
        return await system.post('issue-capital-call', { fund_id, call_id });
      }),
    );
    const accepted = issued.filter(({ statusCode }) => statusCode === 200);
    const refused = issued.filter(({ statusCode }) => statusCode === 422);
    expect([accepted.length, refused.length]).toEqual([20, 30]);
    expect(refused.every((reply) => reply.body.includes('call-exceeds-unfunded'))).toBe(true);

    // All of them pay the same notice, each two hundredths more than its fiftieth: only as many fit as it has.
    const events = await system.eventsOnLog();
    const calls = events
      .filter(({ type }) => type === 'CapitalCallIssued')
      .map(({ value }) => value as unknown as { call_id: string; notices: readonly Notice[] });
    expect(calls.flatMap(({ notices }) => notices).every(({ unfunded_after }) => unfunded_after >= 0n)).toBe(true);
    const [call] = calls;
    const [notice] = call?.notices ?? [];
    const paid = await Promise.all(
      Array.from({ length: clients }, () =>
        system.post('record-capital-call-payment', {
          fund_id,
          call_id: call?.call_id,
          notice_id: notice?.notice_id,
          amount: '2.00',
          payment_date: '2020-02-20',
        }),
      ),
    );
    expect(notice?.call_amount).toBe(5000n);
    expect(paid.filter(({ statusCode }) => statusCode === 200)).toHaveLength(25);

    // Fifty updates of the fund that have seen the same version: one wins.
    const races = await Promise.all(
      Array.from({ length: clients }, (_unused, place) =>
        system.post('update-fund', { fund_id, set: { geography: `place ${place}` }, expected_version: 1 }),
      ),
    );
    expect(
      races
        .map(({ statusCode }) => statusCode)
        .sort((left, right) => left - right)
        .slice(0, 2),
    ).toEqual([200, 409]);

    const versions = new Map<string, number[]>();
    for (const { value } of await system.eventsOnLog()) {
      const { aggregate_id, event_version } = value.envelope;
      versions.set(aggregate_id, [...(versions.get(aggregate_id) ?? []), event_version]);
    }
    for (const [aggregate, found] of versions)
      expect(found, aggregate).toEqual(Array.from({ length: found.length }, (_unused, place) => place + 1));
  },
);
