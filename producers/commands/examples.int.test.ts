// The examples of docs/commands over HTTP through the real intake to the real ledger: a fund from its terms to a distribution and a
// clawback; what may be left out of a command; what-if; what must be refused.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bookingToken,
  fundBody,
  host,
  idOf,
  investorBody,
  startIntakeSystem,
  type IntakeSystem,
} from '#tests/support/intake-system.ts';

const folder = new URL('../../docs/commands/life-of-a-fund/', import.meta.url);
const examples = readdirSync(folder)
  .sort()
  .map((file): readonly [string, Readonly<Record<string, unknown>>] => [
    file,
    JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Readonly<Record<string, unknown>>,
  ]);
let system: IntakeSystem;
beforeAll(async () => {
  system = await startIntakeSystem();
});
afterAll(() => system?.stop());

interface Tier {
  readonly lp: string;
  readonly gp: string;
}
interface Preview {
  readonly preview_basis: string;
  readonly carried_interest: string;
  readonly calculation: { readonly terms: string; readonly tiers: readonly Tier[] };
  readonly notices: readonly { readonly gross_distribution: string; readonly net_distribution: string }[];
}
const cents = (text: string): bigint => BigInt(text.replace('.', ''));
const sum = (texts: readonly string[]): bigint => texts.reduce((total, text) => total + cents(text), 0n);

test('the life of a fund is accepted step by step, and the whole of it again changes nothing', { timeout: 120_000 }, async () => {
  const keys = new Map(examples.map(([file]) => [file, randomUUID()]));
  for (const [file, { type, ...body }] of examples) {
    const reply = await system.post(String(type), body, { 'idempotency-key': keys.get(file) ?? '' });
    expect([200, 201], `${file}: ${reply.body}`).toContain(reply.statusCode);
  }
  const booked = (await system.eventsOnLog()).map(({ type }) => type);
  expect(booked).not.toContain('CommandRejected');
  for (const type of [
    'CapitalCallIssued',
    'CommitmentTransferred',
    'DistributionDeclared',
    'DistributionPaid',
    'CarryClawedBack',
  ])
    expect(booked).toContain(type);
  for (const [file, { type, ...body }] of examples) {
    const reply = await system.post(String(type), body, { 'idempotency-key': keys.get(file) ?? '' });
    expect(reply.json(), file).toMatchObject({ replayed: true });
  }
  expect((await system.eventsOnLog()).map(({ type }) => type)).toEqual(booked);
});

test('the examples name every command that a client may send', () => {
  const types = new Set(examples.map(([, { type }]) => type));
  // Positions that were taken over and investors have examples of their own; a call is settled by hand when its rest is overdue, by the
  // clock, which is no client.
  const elsewhere = [
    'add-bank-account',
    'advance-business-date',
    'record-opening-balance',
    'record-valuation',
    'settle-capital-call',
    'update-investor',
  ];
  const known = readdirSync(new URL('../../schemas/commands/', import.meta.url)).map((file) => file.replace('.avsc', ''));
  expect(new Set([...types, ...elsewhere])).toEqual(new Set(known));
});

/** A fund with two paid-in investors and 1,000.00 of cash. */
const paidInFund = async (): Promise<{ readonly fund_id: string; readonly commitments: readonly string[] }> => {
  const fund_id = idOf(await system.post('create-fund', fundBody()));
  const commitments: string[] = [];
  for (const commitment_amount of ['600.00', '400.00']) {
    const investor_id = idOf(await system.post('create-investor', investorBody()));
    const pledge = { fund_id, investor_id, commitment_amount, currency: 'USD', commitment_date: '2020-01-01' };
    commitments.push(idOf(await system.post('make-commitment', pledge)));
  }
  const draft = { fund_id, call_date: '2020-02-03', due_date: '2020-03-02', call_purpose: 'all', investment_amount: '1000.00' };
  const call_id = idOf(await system.post('draft-capital-call', draft));
  const issued = await system.post('issue-capital-call?preview=true', { fund_id, call_id });
  const [{ notices }] = issued.json<{ preview_events: [{ notices: { notice_id: string; call_amount: string }[] }] }>()
    .preview_events;
  await system.post('issue-capital-call', { fund_id, call_id });
  for (const { notice_id, call_amount } of notices) {
    const paid = await system.post('record-capital-call-payment', {
      fund_id,
      call_id,
      notice_id,
      amount: call_amount,
      payment_date: '2020-03-02',
    });
    expect(paid.statusCode, paid.body).toBe(200);
  }
  return { fund_id, commitments };
};
const preview = (fundId: string, body: object) =>
  system.app.inject({
    method: 'POST',
    url: `/v1/funds/${fundId}/waterfall-preview`,
    headers: { host, authorization: `Bearer ${bookingToken}`, 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  });

test('what a command leaves out follows from its id: the reply tells the ids, the event has the usual choices and the day of its field', async () => {
  const fund_id = idOf(await system.post('create-fund', fundBody()));
  const key = randomUUID();
  const draft = { fund_id, call_date: '2020-02-03', due_date: '2020-03-02', call_purpose: 'fees', management_fee_amount: '5.00' };
  const [first, again] = [
    await system.post('draft-capital-call', draft, { 'idempotency-key': key }),
    await system.post('draft-capital-call', draft, { 'idempotency-key': key }),
  ];
  const { ids } = first.json<{ ids: { call_id: string } }>();
  expect(ids.call_id).toBe(idOf(first));
  expect(again.json<{ ids: object }>().ids).toEqual(ids);
  const drafted = (await system.eventsOnLog()).find(({ value }) => value.envelope.causation_id === key)?.value;
  expect(drafted).toMatchObject({
    call_id: ids.call_id,
    investment_amount: 0n,
    management_fee_amount: 500n,
    management_fee_inside: true,
    allocation_basis: 'COMMITMENT',
    envelope: { effective_date: '2020-02-03' },
  });
});

test('reference data that is set again keeps the id of what it names', async () => {
  const rate = { base_currency: 'GBP', target_currency: 'USD', rate_date: '2026-01-02' };
  const first = await system.post('set-exchange-rate', { ...rate, exchange_rate: '1.25' });
  const corrected = await system.post('set-exchange-rate', { ...rate, exchange_rate: '1.26' });
  expect([first.statusCode, corrected.statusCode]).toEqual([201, 200]);
  expect(idOf(corrected)).toBe(idOf(first));
});

test('only the clock moves business dates', async () => {
  const reply = await system.post('advance-business-date', { business_date: '2026-01-02', partition: 0 });
  expect([reply.statusCode, reply.json<{ type: string; detail: string }>()]).toEqual([
    403,
    expect.objectContaining({
      type: 'urn:stratcap:problem:clock-only',
      detail: expect.stringContaining('stratcap clock advance'),
    }),
  ]);
});

test('a what-if tells tiers, notices and basis for any amount, date and terms, and books nothing', async () => {
  const { fund_id } = await paidInFund();
  const before = (await system.eventsOnLog()).length;
  const agreed = await preview(fund_id, { distribution_date: '2021-03-02', total_distribution_amount: '900.00' });
  expect(agreed.statusCode, agreed.body).toBe(200);
  const body = agreed.json<Preview>();
  expect(sum(body.calculation.tiers.flatMap(({ lp, gp }) => [lp, gp]))).toBe(90_000n);
  expect(sum(body.notices.map(({ gross_distribution }) => gross_distribution))).toBe(90_000n);
  expect([body.carried_interest, body.notices.length, body.preview_basis]).toEqual(['0.00', 2, expect.stringContaining(fund_id)]);
  const other = await preview(fund_id, {
    distribution_date: '2021-03-02',
    total_distribution_amount: '900.00',
    assumed_terms: { hurdles: [{ untilLpIrr: null, gp: '0.5' }] },
  });
  expect(other.json<Preview>().carried_interest, other.body).toBe('450.00');
  expect((await system.eventsOnLog()).length).toBe(before);
  const wrong = await preview(fund_id, { distribution_date: '2021-03-02', total_distribution_amount: '900.00', fund_id });
  expect([wrong.statusCode, wrong.json<{ detail: string }>().detail]).toEqual([
    400,
    expect.stringContaining('stands in the address'),
  ]);
  const toomuch = await preview(fund_id, { distribution_date: '2021-03-02', total_distribution_amount: '1000.01' });
  expect(toomuch.json()).toMatchObject({ status: 422, rule_results: [{ rule: 'exceeds-available-cash' }] });
});

test('exactly a preview is booked, and refused once the fund has moved', async () => {
  const { fund_id, commitments } = await paidInFund();
  const wanted = { distribution_date: '2021-03-02', distribution_type: 'CAPITAL', total_distribution_amount: '100.00' };
  const { preview_basis, notices } = (await preview(fund_id, wanted)).json<Preview>();
  await system.post('change-commitment-amount', { fund_id, commitment_id: commitments[0], new_amount: '700.00' });
  const late = await system.post('declare-distribution', { fund_id, ...wanted, preview_basis });
  expect([late.statusCode, late.json<{ type: string }>().type]).toEqual([409, 'urn:stratcap:problem:preview-state-moved']);
  const fresh = (await preview(fund_id, wanted)).json<Preview>();
  const key = randomUUID();
  const booked = await system.post(
    'declare-distribution',
    { fund_id, ...wanted, preview_basis: fresh.preview_basis },
    { 'idempotency-key': key },
  );
  expect(booked.statusCode, booked.body).toBe(201);
  const declared = (await system.eventsOnLog()).find(({ value }) => value.envelope.causation_id === key)?.value as unknown as {
    readonly notices: readonly { readonly net_distribution: bigint }[];
    readonly record_date: string;
  };
  expect(declared.notices.map(({ net_distribution }) => net_distribution)).toEqual(
    notices.map(({ net_distribution }) => cents(net_distribution)),
  );
  expect(declared.record_date).toBe('2021-03-02');
});
