// The import against the real broker and the real ledger: what the log holds afterwards is what the file says.
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommitmentMade, OpeningBalanceRecorded } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { startIntakeSystem, tenantId, type IntakeSystem, type LoggedEvent } from '#tests/support/intake-system.ts';
import { defaultTokenActor } from '../booking-guard.ts';
import type { Intake } from '../intake.ts';
import { importFile, type ImportSummary } from './import-file.ts';
import { readMapping, shippedMappingUrl, type Mapping } from './mapping.ts';

const shippedFile = fileURLToPath(new URL('../../../data/public-pension-commitments.csv', import.meta.url));
let system: IntakeSystem;
let intake: Intake;
let mapping: Mapping;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-int-'));
  mapping = await readMapping(shippedMappingUrl);
  system = await startIntakeSystem();
  intake = system.intake;
});
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true });
});

const run = (
  path: string,
  more: { readonly intake?: Pick<Intake, 'submit'>; readonly patienceMs?: number; readonly window?: number } = {},
): Promise<ImportSummary> =>
  importFile({
    path,
    mapping,
    intake,
    tenantId,
    actor: defaultTokenActor,
    correlationId: randomUUID(),
    clock: () => Date.now() * 1000,
    rejectsPath: join(folder, 'rejects.csv'),
    ...more,
  });
const counts = (events: readonly LoggedEvent[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(events, ({ type }) => type)].map(([type, all]) => [type, all.length]));
const sum = (amounts: readonly (bigint | null)[]): string =>
  formatMoney(amounts.reduce<bigint>((total, amount) => total + (amount ?? 0n), 0n));

test('an import that is cut off half-way and run again books the shipped file once, to the cent, and a third run books nothing', async () => {
  let left = 1_500;
  const dying: Pick<Intake, 'submit'> = {
    submit: (command, options) => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error('killed')) : intake.submit(command, options);
    },
  };
  await expect(run(shippedFile, { intake: dying, window: 100 })).rejects.toThrow('killed');
  const second = await run(shippedFile);
  expect(second).toMatchObject({ rows: 1_300, rejected: 0, rejectsPath: null });
  expect(second.accepted).toBeGreaterThan(0);
  expect(second.already).toBeGreaterThan(0);

  const events = await system.eventsOnLog();
  expect(counts(events)).toEqual({
    InvestorCreated: 3,
    FundCreated: 1_113,
    CommitmentMade: 1_300,
    OpeningBalanceRecorded: 1_300,
  });
  const made = events.filter(({ type }) => type === 'CommitmentMade').map(({ value }) => value as unknown as CommitmentMade);
  const opened = events
    .filter(({ type }) => type === 'OpeningBalanceRecorded')
    .map(({ value }) => value as unknown as OpeningBalanceRecorded);
  expect(sum(made.map((event) => event.commitment_amount))).toBe('272854194811.00');
  expect(sum(opened.map((event) => event.called_amount))).toBe('233253295852.00');
  expect(sum(opened.map((event) => event.distributed_amount))).toBe('209328940417.00');
  expect(sum(opened.map((event) => event.remaining_value))).toBe('155525664225.00');
  expect(new Set(opened.map(({ envelope }) => envelope.effective_date)).size).toBe(3);

  const third = await run(shippedFile);
  expect(third).toMatchObject({ rows: 1_300, accepted: 0, already: 1_300, rejected: 0 });
  expect((await system.eventsOnLog()).length).toBe(events.length);

  // Findings, not corrections (issue: 6 multiples of 1,197 differ; called above the commitment in 467; one negative distribution).
  const rules = new Map<string, number>();
  for (const { envelope } of opened) for (const { rule } of envelope.findings) rules.set(rule, (rules.get(rule) ?? 0) + 1);
  expect(rules.get('called-above-commitment')).toBe(467);
  expect(rules.get('reported-multiple-differs')).toBe(6);
  expect(rules.get('negative-distribution')).toBe(1);
  expect(third.findings).toBe([...rules.values()].reduce((total, count) => total + count, 0));
});

test('a changed row is told as a change and is not booked beside the first', async () => {
  const text = (await readFile(shippedFile, 'utf8')).split('\n');
  const path = join(folder, 'changed.csv');
  await writeFile(
    path,
    `${text[0]}\n${(text.find((line) => line.includes('414697200.00')) ?? '').replace('414697200.00', '414697200.01')}\n`,
  );
  const before = counts(await system.eventsOnLog());
  expect(await run(path)).toMatchObject({ rows: 1, accepted: 0, rejected: 1 });
  expect(await readFile(join(folder, 'rejects.csv'), 'utf8')).toContain(
    'row-changed: the row differs from what was imported before',
  );
  expect(counts(await system.eventsOnLog())).toEqual({ ...before, CommandRejected: 1 });
});

test('a rejected row is booked by a later run when its cause is gone', async () => {
  const [header] = (await readFile(shippedFile, 'utf8')).split('\n');
  const path = join(folder, 'later.csv');
  const name = `Fund of ${randomUUID()}`;
  await writeFile(path, `${header}\nCalPERS,CA,${name},GP,Private Equity,,2020,100.00,,,,,,\n`);
  let fund_id: string | null = null;
  const setStatus = (fund_status: string) => system.post('update-fund', { fund_id, set: { fund_status } });
  // Someone liquidates the fund between its creation and the commitment.
  const meddling: Pick<Intake, 'submit'> = {
    submit: async (command, options) => {
      if (command.type === 'MakeCommitment' && fund_id === null) {
        fund_id = command.value.fund_id;
        await setStatus('LIQUIDATED');
      }
      return intake.submit(command, options);
    },
  };
  expect(await run(path, { intake: meddling })).toMatchObject({ accepted: 0, rejected: 1 });
  expect(await readFile(join(folder, 'rejects.csv'), 'utf8')).toContain('fund-closed: ');
  await setStatus('ACTIVE');
  expect(await run(path)).toMatchObject({ accepted: 1, rejected: 0 });
  expect(await run(path)).toMatchObject({ accepted: 0, already: 1, rejected: 0 });
});

test('without a ledger the import ends with a clear message instead of waiting for ever, and goes on when it is back', async () => {
  const [header] = (await readFile(shippedFile, 'utf8')).split('\n');
  const path = join(folder, 'waiting.csv');
  await writeFile(path, `${header}\n`);
  await appendFile(path, `Oregon,OR,Fund of ${randomUUID()},GP,Private Equity,,2020,100.00,50.00,,,,,2025-03-31\n`);
  await system.stopLedger();
  await expect(run(path, { patienceMs: 800 })).rejects.toMatchObject({ code: 'no-outcome' });
  await system.startLedger();
  const summary = await run(path);
  expect([summary.accepted + summary.already, summary.rejected]).toEqual([1, 0]);
});
