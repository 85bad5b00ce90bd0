// Who may book, and what of it may be read: the guard, and personal fields on their way to the log.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CreateInvestor } from '#domain/messages.ts';
import { openSealed } from '#platform/keys/seal.ts';
import { loadCodec } from '#schemas/released.ts';
import {
  bookingToken,
  cookieSecret,
  fundBody,
  host,
  idOf,
  investorBody,
  startIntakeSystem,
  type IntakeSystem,
} from '#tests/support/intake-system.ts';
import { defaultTokenActor, signCookie } from './booking-guard.ts';

const codec = loadCodec();
let system: IntakeSystem;
beforeAll(async () => {
  system = await startIntakeSystem();
});
afterAll(() => system.stop());

test('booking needs the token or the cookie of our own page; the actor comes from there', async () => {
  const bare = { method: 'POST' as const, url: '/v1/commands/create-fund', payload: JSON.stringify(fundBody()) };
  const json = { host, 'content-type': 'application/json' };
  expect((await system.app.inject({ ...bare, headers: json })).statusCode).toBe(401);
  expect(
    (await system.app.inject({ ...bare, headers: { ...json, authorization: 'Bearer wrong' } })).headers['www-authenticate'],
  ).toContain('Bearer');
  expect((await system.post('create-fund', fundBody())).statusCode).toBe(201);
  const page = await system.app.inject({ url: '/', headers: { host } });
  const cookie = String(page.headers['set-cookie']);
  expect(cookie).toMatch(/^stratcap_booking_8080=[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  const value = cookie.split(';')[0] ?? '';
  const origin = `http://${host}`;
  expect((await system.app.inject({ ...bare, headers: { ...json, cookie: value, origin } })).statusCode).toBe(201);
  expect((await system.app.inject({ ...bare, headers: { ...json, cookie: value } })).statusCode).toBe(401);
  expect(
    (await system.app.inject({ ...bare, headers: { ...json, cookie: value, origin: 'http://evil.example' } })).statusCode,
  ).toBe(403);
  expect(
    (
      await system.app.inject({
        ...bare,
        headers: { ...json, host: 'evil.example:8080', authorization: `Bearer ${bookingToken}` },
      })
    ).statusCode,
  ).toBe(421);
  const forged = `stratcap_booking_8080=${signCookie('s', Date.now() + 1000, 'another secret')}`;
  const old = `stratcap_booking_8080=${signCookie('s', Date.now() - 1000, cookieSecret)}`;
  for (const bad of [forged, old, 'stratcap_booking_8080=x', 'stratcap_booking_8080='])
    expect((await system.app.inject({ ...bare, headers: { ...json, cookie: bad, origin } })).statusCode).toBe(401);
  const events = (await system.eventsOnLog()).map(({ value }) => value.envelope);
  expect(new Set(events.filter(({ origin: from }) => from.channel === 'API').map(({ actor }) => actor.user_id))).toEqual(
    new Set([defaultTokenActor.user_id]),
  );
  expect(events.filter(({ origin: from }) => from.channel === 'PAGE').map(({ origin: from }) => from.session_id)).toEqual([
    expect.any(String),
  ]);
});

test('personal data is on the log only sealed, opens with the key of its investor, and is gone with that key', async () => {
  const personal = {
    tax_id: '12-3456789',
    email: 'jane@doe.example',
    contact_person: 'Jane Doe',
    phone: '+49 30 1234567',
    address: { city: 'Bremen' },
  };
  const reply = await system.post('create-investor', investorBody(personal));
  const investorId = idOf(reply);
  const records = [...(await system.commandsOnLog()), ...(await system.eventsOnLog()).map(({ record }) => record)];
  for (const secret of ['3456789', 'jane@doe', 'Jane Doe', '1234567', 'Bremen'])
    expect(records.filter(({ value }) => value?.includes(secret))).toEqual([]);
  const command = records
    .map(({ value }) => codec.decode(value))
    .find(({ type, value }) => type === 'CreateInvestor' && (value as CreateInvestor).investor.investor_id === investorId);
  if (command === undefined) throw new Error('the command is not on the log');
  const { tax_id, email, contact_person } = (command.value as CreateInvestor).investor;
  expect([tax_id?.masked, email?.masked, contact_person?.masked]).toEqual(['***6789', 'j***@***.example', 'J. D.']);
  const key = await system.keyStore.get(investorId);
  if (key === null || tax_id === null) throw new Error('no key or no sealed field');
  expect(openSealed(key, 'tax_id', tax_id)).toBe('12-3456789');
  await system.keyStore.destroy(investorId);
  const erased = await system.post('update-investor', { investor_id: investorId, set: { email: 'new@doe.example' } });
  expect([erased.statusCode, erased.json<{ detail: string }>().detail]).toEqual([
    422,
    `investor ${investorId} was erased; no personal data is taken for it`,
  ]);
});

test('a wrong personal value never stands in the answer', async () => {
  const reply = await system.post('create-investor', investorBody({ tax_id: 123456789 }));
  expect(reply.statusCode).toBe(400);
  expect(reply.body).not.toContain('123456789');
  expect(reply.json<{ detail: string }>().detail).toContain('investor.tax_id');
});
