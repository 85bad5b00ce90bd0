// Reading, checking and mapping of files, without a log: what is sent is caught before the log.
import { hash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { v5 } from 'uuid';
import type { AnyCommand, CommandOutcome, CommandType } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { loadCodec } from '#schemas/released.ts';
import { defaultTokenActor } from '../booking-guard.ts';
import type { Intake } from '../intake.ts';
import { idNamespaces, stableId } from '../../stable-ids.ts';
import { importFile, type ImportOptions } from './import-file.ts';
import { parseMapping, readMapping, shippedMappingUrl, type Mapping } from './mapping.ts';
import { createRowIndex } from './row-index.ts';

const shippedFile = fileURLToPath(new URL('../../../data/public-pension-commitments.csv', import.meta.url));
const header =
  'investor,investor_state,fund_name,general_partner,asset_class,sub_strategy,vintage_year,commitment,capital_called,capital_distributed,remaining_value,net_irr,net_multiple,as_of_date';
const good =
  'CalPERS,CA,Harbor I,Harbor,Private Equity,Buyout,2015,100000000.00,24096354.00,0.00,24094625.00,0.1,0.9999,2025-03-31';
let mapping: Mapping;
let folder: string;
beforeAll(async () => {
  mapping = await readMapping(shippedMappingUrl);
  folder = await mkdtemp(join(tmpdir(), 'import-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Takes every command for accepted and remembers it. */
const catcher = (): { readonly sent: AnyCommand[]; readonly intake: Pick<Intake, 'submit'> } => {
  const sent: AnyCommand[] = [];
  const codec = loadCodec();
  return {
    sent,
    intake: {
      submit: async (command) => {
        codec.encode(`stratcap.command.${command.type}`, command.value);
        sent.push(command);
        const outcome: CommandOutcome = {
          command_id: command.value.header.command_id,
          command_type: command.type,
          kind: 'ACCEPTED',
          partition: 0,
          events: [],
          rule_results: [],
          preview_events: null,
          preview_basis: null,
          replayed: false,
          decided_at: 0,
        };
        return { kind: 'decided', outcome, position: null };
      },
    },
  };
};
const options = (path: string, intake: Pick<Intake, 'submit'>, more: Partial<ImportOptions> = {}): ImportOptions => ({
  path,
  mapping,
  intake,
  tenantId: '00000000-0000-4000-8000-000000000001',
  actor: defaultTokenActor,
  correlationId: '00000000-0000-4000-8000-0000000000aa',
  clock: () => 1_700_000_000_000_000,
  rejectsPath: join(folder, 'rejects.csv'),
  ...more,
});
const importText = async (text: string | Buffer, more: Partial<ImportOptions> = {}) => {
  const path = join(folder, 'file.csv');
  await writeFile(path, text);
  const { sent, intake } = catcher();
  const summary = await importFile(options(path, intake, more));
  return { sent, summary, rejects: summary.rejectsPath === null ? '' : await readFile(summary.rejectsPath, 'utf8') };
};
const ofType = <Type extends CommandType>(sent: readonly AnyCommand[], type: Type) =>
  sent.flatMap((command) => (command.type === type ? [command.value as Extract<AnyCommand, { type: Type }>['value']] : []));
const sum = (amounts: readonly (bigint | null)[]): string =>
  formatMoney(amounts.reduce<bigint>((total, amount) => total + (amount ?? 0n), 0n));

test('the shipped file is taken as it is: 1,300 rows and its sums to the cent', async () => {
  const { sent, intake } = catcher();
  const summary = await importFile(options(shippedFile, intake));
  expect(summary).toMatchObject({ rows: 1_300, accepted: 1_300, already: 0, rejected: 0, rejectsPath: null });
  const count = (type: CommandType) => sent.filter((command) => command.type === type).length;
  expect([count('CreateInvestor'), count('CreateFund'), count('MakeCommitment'), count('RecordOpeningBalance')]).toEqual([
    3, 1_113, 1_300, 1_300,
  ]);
  const balances = ofType(sent, 'RecordOpeningBalance');
  expect(sum(ofType(sent, 'MakeCommitment').map((command) => command.commitment_amount))).toBe('272854194811.00');
  expect(sum(balances.map((command) => command.called_amount))).toBe('233253295852.00');
  expect(sum(balances.map((command) => command.distributed_amount))).toBe('209328940417.00');
  expect(sum(balances.map((command) => command.remaining_value))).toBe('155525664225.00');
});

test('an empty cell stays unknown, what the source does not say is flagged, and dates come from the row', async () => {
  const { sent } = await importText(`${header}\nCalPERS,CA,Harbor I,Harbor,Private Equity,,2015,100.00,,,,,,2025-03-31\n`);
  expect(ofType(sent, 'RecordOpeningBalance')[0]).toMatchObject({
    called_amount: null,
    distributed_amount: null,
    remaining_value: null,
    reported_irr: null,
    reported_multiple: null,
    reported_vintage_year: 2015,
    source: 'public-pension-commitments',
  });
  expect(ofType(sent, 'RecordOpeningBalance')[0]?.header.effective_date).toBe('2025-03-31');
  expect(ofType(sent, 'MakeCommitment')[0]).toMatchObject({
    commitment_date: '2015-01-01',
    currency: 'USD',
    commitment_amount: 10_000n,
    assumed_fields: ['currency', 'commitment_date'],
  });
  expect(ofType(sent, 'CreateFund')[0]?.fund).toMatchObject({
    fund_type: 'PE',
    fund_size: null,
    sub_strategy: null,
    investment_strategy: 'Private Equity',
    fund_manager: 'Harbor',
    inception_date: '2015-01-01',
    assumed_fields: ['base_currency', 'inception_date'],
  });
  expect(ofType(sent, 'CreateInvestor')[0]?.investor).toMatchObject({
    investor_type: 'PENSION_PLAN',
    kyc_status: 'APPROVED',
    kyc_source: 'import',
    geography: 'US-CA',
  });
});

test('a row without figures makes a commitment and no opening balance', async () => {
  const { sent } = await importText(`${header}\nCalPERS,CA,Harbor I,Harbor,Private Equity,,2015,100.00,,,,,,\n`);
  expect(sent.map(({ type }) => type).sort()).toEqual(['CreateFund', 'CreateInvestor', 'MakeCommitment']);
});

test('ids follow from the data: the same file gives the same commands, a changed figure another command for the same commitment', async () => {
  const ids = (sent: readonly AnyCommand[]) => sent.map(({ type, value }) => `${type} ${value.header.command_id}`).sort();
  const first = await importText(`${header}\n${good}\n`);
  const again = await importText(`\uFEFF${header}\r\n${good}\r\n`, {
    correlationId: '00000000-0000-4000-8000-0000000000bb',
    clock: () => 1_800_000_000_000_000,
  });
  expect(ids(again.sent)).toEqual(ids(first.sent));
  const changed = await importText(`${header}\n${good.replace('24096354.00', '24096355.00')}\n`);
  const different = ids(changed.sent).filter((id) => !ids(first.sent).includes(id));
  expect(different).toEqual([expect.stringMatching(/^RecordOpeningBalance /)]);
  expect(ofType(changed.sent, 'RecordOpeningBalance')[0]?.commitment_id).toBe(
    ofType(first.sent, 'RecordOpeningBalance')[0]?.commitment_id,
  );
});

test('the ids of the shipped file are those of every release, or every position would be booked a second time', async () => {
  const { sent, intake } = catcher();
  await importFile(options(shippedFile, intake));
  const ids = sent.map(({ type, value }) => `${type} ${value.header.command_id}`).sort();
  expect(hash('sha256', ids.join('\n'))).toBe('666dc96408e3a0a39cc4762a72b24ababb51f265fe4c19684f1994e81c12cb87');
});

test('a stable id is a uuid version 5, and its parts do not run together', () => {
  expect(stableId(idNamespaces.fund, 'Harbor I')).toBe(v5('Harbor I', idNamespaces.fund));
  expect(stableId(idNamespaces.fund, 'ab', 'c')).not.toBe(stableId(idNamespaces.fund, 'a', 'bc'));
});

test.each([
  [
    'an unknown translation',
    good.replace('Private Equity', 'Art'),
    'unknown-value',
    'asset_class "Art" has no translation to fund_type',
  ],
  [
    'three decimals',
    good.replace('100000000.00', '100.005'),
    'more-than-two-decimals',
    'commitment "100.005" has more than two decimals',
  ],
  ['a negative commitment', good.replace('100000000.00', '-5.00'), 'amount-not-positive', 'commitment "-5.00" is not above 0.00'],
  ['no commitment', good.replace('100000000.00', ''), 'missing-value', 'commitment is empty; it is needed'],
  ['no investor', good.replace('CalPERS', ' '), 'missing-value', 'investor is empty'],
  [
    'an amount with grouping',
    good.replace('100000000.00', '"100,000.00"'),
    'not-a-decimal',
    'commitment "100,000.00" is not an amount',
  ],
  ['a day that does not exist', good.replace('2025-03-31', '2025-02-30'), 'not-a-date', 'as_of_date "2025-02-30" is not a day'],
  ['figures without a date', good.replace('2025-03-31', ''), 'missing-value', 'as_of_date is empty'],
  ['no vintage', good.replace('2015', ''), 'missing-value', 'vintage_year is empty, and commitment_date is its first day'],
  ['a vintage that is none', good.replace('2015', '15'), 'not-a-year', 'vintage_year "15" is not a year'],
  ['an IRR that is no number', good.replace(',0.1,', ',n/a,'), 'not-a-number', 'net_irr "n/a" is not a decimal number'],
  ['a column too few', good.replace(',Buyout', ''), 'wrong-column-count', 'line 2 has 13 columns, the header has 14'],
  ['a column too many', good.replace('Harbor I', 'Harbor, I'), 'wrong-column-count', 'line 2 has 15 columns'],
  ['text after a quote', good.replace('Harbor I', '"Harbor" I'), 'malformed-csv', 'line 2 is not CSV'],
  ['a character that no store holds', good.replace('Harbor I', 'Harbor\u0001I'), 'invalid-text', 'has a control character'],
])('%s makes a reject with its line and reason, and the rows around it are booked', async (_, row, code, message) => {
  const other = good.replace('Harbor I', 'Harbor II');
  const { summary, rejects, sent } = await importText(`${header}\n${row}\n${other}\n`);
  expect(summary).toMatchObject({ rows: 2, accepted: 1, rejected: 1 });
  expect(rejects).toContain(`${code}: `);
  expect(rejects.replaceAll('""', '"')).toContain(message);
  expect(ofType(sent, 'MakeCommitment')).toHaveLength(1);
});

test('unusual but true figures are no rejects: called above the commitment, a negative distribution', async () => {
  const { summary } = await importText(`${header}\n${good.replace('24096354.00,0.00', '999999999.00,-1007842.00')}\n`);
  expect(summary).toMatchObject({ accepted: 1, rejected: 0 });
});

test('a currency that is unknown or has three decimals is refused by name', async () => {
  const fields = { ...mapping.fields, base_currency: { column: 'general_partner' } };
  for (const [code, message] of [
    ['XYZ', 'is no currency of ISO 4217'],
    ['KWD', 'has three decimals'],
  ] as const) {
    const { rejects } = await importText(`${header}\n${good.replace(',Harbor,', `,${code},`)}\n`, {
      mapping: { ...mapping, fields },
    });
    expect(rejects).toContain(`unbookable-currency: line 2: general_partner ""${code}"" ${message}`);
  }
});

test('a repeated row is a reject that names the first one, unless a key column tells them apart', async () => {
  const text = `${header}\n${good}\n${good.replace('100000000.00', '5.00')}\n`;
  const { summary, rejects } = await importText(text);
  expect(summary).toMatchObject({ accepted: 1, rejected: 1 });
  expect(rejects).toContain('duplicate-row: line 3 repeats line 2');
  expect((await importText(text, { mapping: { ...mapping, row_key: ['commitment'] } })).summary).toMatchObject({
    accepted: 2,
    rejected: 0,
  });
});

test('the rejects file repeats the row, and imports again once it is corrected', async () => {
  const { rejects } = await importText(
    `${header}\n${good.replace('Harbor I', '"Harbor, I"').replace('100000000.00', '1.005')}\n`,
  );
  const [first, second] = rejects.split('\n');
  expect(first).toBe(`${header},import_line,import_reasons`);
  expect(second).toContain('CalPERS,CA,"Harbor, I",Harbor,Private Equity,Buyout,2015,1.005,');
  expect((await importText(rejects.replace('1.005', '1.00'))).summary).toMatchObject({
    accepted: 1,
    rejected: 0,
    rejectsPath: null,
  });
  expect((await importText(rejects)).rejects.split('\n')[0]).toBe(`${header},import_line,import_reasons`);
});

test('a quote that never closes costs its own line, and a cell in quotes may span lines', async () => {
  const { summary, rejects, sent } = await importText(
    `${header}\n${good.replace('Harbor I', '"Harbor I')}\n${good.replace('Harbor I', 'Harbor II')}\n${good.replace('Harbor I', '"Harbor\nIII"')}\n`,
  );
  expect(summary).toMatchObject({ rows: 3, accepted: 2, rejected: 1 });
  expect(rejects).toContain('line 2 opens a quote that is not closed');
  expect(
    ofType(sent, 'CreateFund')
      .map(({ fund }) => fund.fund_name)
      .sort(),
  ).toEqual(['Harbor\nIII', 'Harbor II'].sort());
});

test('line ends of all kinds and empty lines are read', async () => {
  const { summary } = await importText(
    `${header}\r\n${good}\n\n${good.replace('Harbor I', 'Harbor II')}\r\n \n${good.replace('Harbor I', 'Harbor III')}`,
  );
  expect(summary).toMatchObject({ rows: 3, accepted: 3 });
});

test('a line of 2 GB is a reject and does not fill the memory', async () => {
  const path = join(folder, 'huge.csv');
  await writeFile(path, `${header}\n`);
  await truncate(path, header.length + 1 + 2 ** 31);
  await appendFile(path, `\n${good}\n`);
  const { intake } = catcher();
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const summary = await importFile(options(path, intake));
  clearInterval(watch);
  await rm(path);
  expect(summary).toMatchObject({ rows: 2, accepted: 1, rejected: 1 });
  expect(await readFile(join(folder, 'rejects.csv'), 'utf8')).toContain('line-too-long: line 2 has 2147483648 bytes');
  expect((peak - before) / 2 ** 20).toBeLessThan(256);
}, 300_000);

test.each([
  [
    'Latin-1',
    Buffer.from(`${header}\n${good}\n${good.replace('Harbor I', 'Fundação')}\n`, 'latin1'),
    'not-utf-8',
    /line 3 has bytes of another encoding/,
  ],
  ['UTF-16', Buffer.from(`\uFEFF${header}\n${good}\n`, 'utf16le'), 'not-utf-8', /looks like UTF-16/],
  ['nothing', Buffer.alloc(0), 'file-empty', /is empty/],
  ['another header', Buffer.from('a,b\n1,2\n'), 'header-mismatch', /has no column investor, .*; it has a, b/],
  ['a column twice', Buffer.from(`${header},investor\n`), 'header-mismatch', /has the column investor twice/],
])('a file with %s is refused as a whole, before anything is booked', async (_, bytes, code, message) => {
  const path = join(folder, 'bad.csv');
  await writeFile(path, bytes);
  const { sent, intake } = catcher();
  const attempt = importFile(options(path, intake));
  await expect(attempt).rejects.toMatchObject({ code });
  await expect(attempt).rejects.toThrow(message);
  expect(sent).toEqual([]);
});

test('UTF-8 is told from other encodings wherever the pieces of the file are cut', async () => {
  const names = Array.from({ length: 20_000 }, (_, at) => good.replace('Harbor I', `Fundação 基金 ${at}`));
  const { summary } = await importText([header, ...names].join('\n'), { dryRun: true });
  expect(summary).toMatchObject({ rows: 20_000, accepted: 20_000 });
}, 30_000);

test('a dry run checks everything and sends nothing', async () => {
  const { summary, sent } = await importText(`${header}\n${good}\n${good}\n`, { dryRun: true });
  expect(summary).toMatchObject({ dryRun: true, rows: 2, accepted: 1, rejected: 1 });
  expect(sent).toEqual([]);
});

test('JSON lines give the same commands as CSV, with every digit of their numbers', async () => {
  const keys = header.split(',');
  const cells = good.split(',');
  const numbers = new Set(['commitment', 'capital_called', 'vintage_year', 'net_multiple']);
  const object = `{${keys.map((key, at) => `"${key}":${numbers.has(key) ? cells[at] : JSON.stringify(cells[at])}`).join(',')}}`;
  const big = object.replace('100000000.00', '123456789012345678.91').replace('Harbor I', 'Harbor II');
  const text = `${object}\n\n${big}\n{"investor":\n[1]\n${object.replace('"investor":', '"colour":"red","investor":')}\n${object.replace('100000000.00', '1e3').replace('Harbor I', 'Harbor III')}\n`;
  const jsonMapping = { ...mapping, format: 'jsonl' as const };
  const { sent, summary, rejects } = await importText(text, { mapping: jsonMapping });
  expect(summary).toMatchObject({ rows: 6, accepted: 2, rejected: 4 });
  const csv = await importText(`${header}\n${good}\n`);
  expect(ofType(sent, 'MakeCommitment')[0]).toEqual(csv.sent.find(({ type }) => type === 'MakeCommitment')?.value);
  expect(ofType(sent, 'MakeCommitment')[1]?.commitment_amount).toBe(12_345_678_901_234_567_891n);
  const lines = rejects
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { import_line: number; import_reasons: string });
  expect(lines.map(({ import_line, import_reasons }) => [import_line, import_reasons.split(':')[0]])).toEqual([
    [4, 'malformed-json'],
    [5, 'malformed-json'],
    [6, 'malformed-json'],
    [7, 'not-a-decimal'],
  ]);
  const corrected = rejects
    .split('\n')
    .filter((line) => line.includes('1e3'))
    .join('\n')
    .replace('1e3', '1000.00');
  expect((await importText(corrected, { mapping: jsonMapping })).summary).toMatchObject({ accepted: 1, rejected: 0 });
});

test('a mapping that is wrong is refused with every field and its fix', () => {
  const { fund_name: _, ...fields } = mapping.fields;
  const wrong = {
    ...mapping,
    name: 'Bad Name',
    fields: { ...fields, investor_type: { constant: 'BANK' }, colour: { column: 'x' } },
  };
  expect(() => parseMapping(wrong)).toThrow(
    /name "Bad Name" is not in kebab case.*fields.fund_name is missing.*colour is not a field/,
  );
  expect(() => parseMapping({ ...mapping, fields: { ...mapping.fields, investor_type: { constant: 'BANK' } } })).toThrow(
    /fields.investor_type: "BANK" is not one of INSTITUTION/,
  );
});

test('the index of rows finds every repetition among 50,000 ids', () => {
  const index = createRowIndex(4);
  const lines = Array.from({ length: 50_000 }, (_, at) => at + 1);
  const add = () => lines.map((line) => index.add(stableId(idNamespaces.commitment, String(line)), line));
  expect(add().filter((earlier) => earlier !== null)).toEqual([]);
  expect(add()).toEqual(lines);
  expect(index.size).toBe(50_000);
});
