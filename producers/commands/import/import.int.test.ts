// The import against the real broker and the real ledger: what the log holds afterwards is what the file says.
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommitmentMade, EventEnvelope, OpeningBalanceRecorded } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { connectKafka } from '#platform/kafka/connect.ts';
import type { KafkaPort } from '#platform/kafka/port.ts';
import { ledgerProcessor } from '#processors/ledger/processor.ts';
import { startProcessor, type RunningProcessor } from '#processors/runtime/runtime.ts';
import { loadCodec } from '#schemas/released.ts';
import { topicName, topicSpecs } from '#schemas/topics.ts';
import { uniquePrefix, useStack } from '#tests/support/stack.ts';
import { defaultTokenActor } from '../booking-guard.ts';
import { createIntake, type Intake } from '../intake.ts';
import { importFile, type ImportSummary } from './import-file.ts';
import { readMapping, shippedMappingUrl, type Mapping } from './mapping.ts';

const partitions = 4;
const shippedFile = fileURLToPath(new URL('../../../data/public-pension-commitments.csv', import.meta.url));
const topicPrefix = uniquePrefix();
const codec = loadCodec();
const logger = pino({ level: 'silent' });
let kafka: KafkaPort;
let ledger: RunningProcessor;
let intake: Intake;
let mapping: Mapping;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-int-'));
  mapping = await readMapping(shippedMappingUrl);
  kafka = await connectKafka({ brokers: useStack().kafkaBrokers, clientId: 'import-test' });
  await kafka.admin.ensureTopics(topicSpecs(topicPrefix, partitions));
  ledger = await startProcessor(ledgerProcessor({ codec, partitions }), { kafka, topicPrefix, partitions, logger });
  intake = await createIntake({ kafka, codec, topicPrefix, partitions, epoch: 1, logger });
});
afterAll(async () => {
  await intake.close();
  await ledger.stop();
  await kafka.admin.deleteTopics(topicSpecs(topicPrefix, partitions).map(({ name }) => name));
  await kafka.close();
  await rm(folder, { recursive: true });
});

const run = (path: string, more: { readonly intake?: Pick<Intake, 'submit'>; readonly patienceMs?: number; readonly window?: number } = {}): Promise<ImportSummary> =>
  importFile({
    path, mapping, intake, tenantId: '00000000-0000-4000-8000-000000000001', actor: defaultTokenActor, correlationId: randomUUID(), clock: () => Date.now() * 1000,
    rejectsPath: join(folder, 'rejects.csv'), ...more,
  });
const eventsOnLog = async (): Promise<readonly { readonly type: string; readonly value: { readonly envelope: EventEnvelope } }[]> => {
  const ends = await kafka.admin.watermarks(topicName(topicPrefix, 'events'));
  const reader = kafka.reader({ positions: ends.map(({ topic, partition, low }) => ({ topic, partition, offset: low })) });
  const open = new Map(ends.filter(({ low, high }) => high > low).map(({ partition, high }) => [partition, high]));
  const events: { type: string; value: { envelope: EventEnvelope } }[] = [];
  while (open.size > 0) {
    for (const moved of await reader.poll(500)) {
      events.push(...moved.records.map(({ value }) => codec.decode(value) as never));
      if (moved.nextOffset >= (open.get(moved.partition) ?? 0n)) open.delete(moved.partition);
    }
  }
  await reader.close();
  return events;
};
const counts = (events: Awaited<ReturnType<typeof eventsOnLog>>): Record<string, number> => Object.fromEntries([...Map.groupBy(events, ({ type }) => type)].map(([type, all]) => [type, all.length]));
const sum = (amounts: readonly (bigint | null)[]): string => formatMoney(amounts.reduce<bigint>((total, amount) => total + (amount ?? 0n), 0n));

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

  const events = await eventsOnLog();
  expect(counts(events)).toEqual({ InvestorCreated: 3, FundCreated: 1_113, CommitmentMade: 1_300, OpeningBalanceRecorded: 1_300 });
  const made = events.filter(({ type }) => type === 'CommitmentMade').map(({ value }) => value as unknown as CommitmentMade);
  const opened = events.filter(({ type }) => type === 'OpeningBalanceRecorded').map(({ value }) => value as unknown as OpeningBalanceRecorded);
  expect(sum(made.map((event) => event.commitment_amount))).toBe('272854194811.00');
  expect(sum(opened.map((event) => event.called_amount))).toBe('233253295852.00');
  expect(sum(opened.map((event) => event.distributed_amount))).toBe('209328940417.00');
  expect(sum(opened.map((event) => event.remaining_value))).toBe('155525664225.00');
  expect(new Set(opened.map(({ envelope }) => envelope.effective_date)).size).toBe(3);

  const third = await run(shippedFile);
  expect(third).toMatchObject({ rows: 1_300, accepted: 0, already: 1_300, rejected: 0 });
  expect((await eventsOnLog()).length).toBe(events.length);

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
  await writeFile(path, `${text[0]}\n${(text.find((line) => line.includes('414697200.00')) ?? '').replace('414697200.00', '414697200.01')}\n`);
  const before = counts(await eventsOnLog());
  expect(await run(path)).toMatchObject({ rows: 1, accepted: 0, rejected: 1 });
  expect(await readFile(join(folder, 'rejects.csv'), 'utf8')).toContain('row-changed: the row differs from what was imported before');
  expect(counts(await eventsOnLog())).toEqual({ ...before, CommandRejected: 1 });
});

test('a rejected row is booked by a later run when its cause is gone', async () => {
  const [header] = (await readFile(shippedFile, 'utf8')).split('\n');
  const path = join(folder, 'later.csv');
  const name = `Fund of ${randomUUID()}`;
  await writeFile(path, `${header}\nCalPERS,CA,${name},GP,Private Equity,,2020,100.00,,,,,,\n`);
  let closed: string | null = null;
  // Someone closes the fund between its creation and the commitment.
  const meddling: Pick<Intake, 'submit'> = {
    submit: async (command, options) => {
      if (command.type === 'MakeCommitment' && closed === null) {
        closed = command.value.fund_id;
        await intake.submit({ type: 'UpdateFund', value: { header: { ...command.value.header, command_id: randomUUID() }, fund_id: closed, clear: [], set: { ...noPatch, fund_status: 'LIQUIDATED' } } });
      }
      return intake.submit(command, options);
    },
  };
  expect(await run(path, { intake: meddling })).toMatchObject({ accepted: 0, rejected: 1 });
  expect(await readFile(join(folder, 'rejects.csv'), 'utf8')).toContain('fund-closed: ');
  const header2 = { command_id: randomUUID(), tenant_id: '00000000-0000-4000-8000-000000000001', issued_at: Date.now() * 1000, effective_date: '2020-01-01', actor: defaultTokenActor,
    origin: { channel: 'API' as const, ip: null, user_agent: null, session_id: null }, reason: null, correlation_id: randomUUID(), expected_version: null, preview: false };
  await intake.submit({ type: 'UpdateFund', value: { header: header2, fund_id: closed ?? '', clear: [], set: { ...noPatch, fund_status: 'ACTIVE' } } });
  expect(await run(path)).toMatchObject({ accepted: 1, rejected: 0 });
  expect(await run(path)).toMatchObject({ accepted: 0, already: 1, rejected: 0 });
});

const noPatch = { fund_name: null, fund_type: null, fund_size: null, target_size: null, base_currency: null, vintage_year: null, inception_date: null, target_close_date: null, final_close_date: null,
  management_fee_rate: null, carried_interest_rate: null, hurdle_rate: null, catch_up_provision: null, fund_manager: null, investment_strategy: null, sub_strategy: null, geography: null, fund_status: null, terms: null };

test('without a ledger the import ends with a clear message instead of waiting for ever, and goes on when it is back', async () => {
  const [header] = (await readFile(shippedFile, 'utf8')).split('\n');
  const path = join(folder, 'waiting.csv');
  await writeFile(path, `${header}\n`);
  await appendFile(path, `Oregon,OR,Fund of ${randomUUID()},GP,Private Equity,,2020,100.00,50.00,,,,,2025-03-31\n`);
  await ledger.stop();
  await expect(run(path, { patienceMs: 800 })).rejects.toMatchObject({ code: 'no-outcome' });
  ledger = await startProcessor(ledgerProcessor({ codec, partitions }), { kafka, topicPrefix, partitions, logger });
  const summary = await run(path);
  expect([summary.accepted + summary.already, summary.rejected]).toEqual([1, 0]);
});
