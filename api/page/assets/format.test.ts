import { expect, test } from 'vitest';
import { axisLabel, barChart, findingOf, niceCeiling } from './chart.js';
import {
  formatCount,
  formatDates,
  formatInstant,
  formatMoney,
  formatMultiple,
  formatPercent,
  unitText,
  named,
} from './format.js';
import { answerOf } from './booking.js';
import { address } from './api.js';
import { compareDecimals, sortRows, sortedBy } from './view.js';

test('an amount keeps every digit from the text of the API to the screen', () => {
  expect(formatMoney('123456789012345678.91').text).toBe('123,456,789,012,345,678.91');
  expect(formatMoney('1234.50').text).toBe('1,234.50');
});

test('a negative amount stands in parentheses and is read aloud as minus', () => {
  expect(formatMoney('-102.00')).toEqual({ text: '(102.00)', spoken: 'minus 102.00' });
});

test('zero is a dash, unknown is n.a., and neither is read aloud as a sign', () => {
  expect(formatMoney('0.00')).toEqual({ text: '–', spoken: 'zero' });
  expect(formatMoney('-0.00')).toEqual({ text: '–', spoken: 'zero' });
  expect(formatMoney(null)).toEqual({ text: 'n.a.', spoken: 'not available' });
});

test('amounts in millions are scaled in the text and rounded half away from zero', () => {
  expect(formatMoney('2012500000.00', 'millions').text).toBe('2,012.5');
  expect(formatMoney('-1250000.00', 'millions').text).toBe('(1.3)');
  expect(formatMoney('1234567.89', 'thousands').text).toBe('1,234.6');
  expect(unitText('USD', 'millions')).toBe('USD millions');
  expect(unitText('USD', 'units')).toBe('USD');
});

test('multiples, rates, dates and instants are written as the field writes them', () => {
  expect(formatMultiple('1.4500000000').text).toBe('1.45x');
  expect(formatMultiple(null).text).toBe('n.a.');
  expect(formatMultiple('-0.5000000000').spoken).toBe('minus 0.50x');
  expect(formatPercent('0.0590').text).toBe('5.9%');
  expect(formatPercent('-0.015').text).toBe('(1.5%)');
  expect(formatDates('2025-03-31', '2025-09-30')).toBe('2025-03-31 – 2025-09-30');
  expect(formatDates('2025-09-30', '2025-09-30')).toBe('2025-09-30');
  expect(formatInstant('2026-11-24T10:00:01.5Z', '2026-11-24')).toBe('10:00:01 UTC');
  expect(formatInstant('2026-11-23T10:00:01.5Z', '2026-11-24')).toBe('2026-11-23 10:00:01 UTC');
  expect(formatCount('1234567')).toBe('1,234,567');
});

const groups = [
  { label: '2006', values: ['400.00', '300.00', '-50.00', null] },
  { label: '<2007>', values: ['900.00', null, null, null] },
];
const series = ['Committed', 'Called', 'Distributed', 'NAV'].map((name, place) => ({ name, className: `bar-${place + 1}` }));

test('the chart is an image with a title, a description and one bar for each known figure', () => {
  const svg = barChart({ title: 'A & B', description: 'By vintage', groups, series });
  expect(svg).toContain('role="img"');
  expect(svg).toContain('aria-label="A &#38; B. By vintage"');
  expect(svg).toContain('&#60;2007&#62;');
  expect(svg).not.toContain('<2007>');
  expect(svg.match(/<rect class="bar-/g)).toHaveLength(4);
  expect(svg).not.toContain('NaN');
  expect(svg).not.toContain('style=');
});

test('bars start at zero: half the amount is half the height, and a loss hangs below', () => {
  const svg = barChart({
    title: 't',
    description: 'd',
    groups: [{ label: 'a', values: ['800.00', '400.00', '-400.00', '0.00'] }],
    series,
  });
  const heights = [...svg.matchAll(/<rect class="bar-\d" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)].map(
    (match) => ({ y: Number(match[1]), height: Number(match[2]) }),
  );
  expect(heights[0]?.height).toBeCloseTo(2 * (heights[1]?.height ?? 0), 0);
  expect(heights[2]?.y).toBeCloseTo((heights[0]?.y ?? 0) + (heights[0]?.height ?? 0), 0);
});

test('axis and title are in round numbers and plain words', () => {
  expect([0, 1, 31, 900, 1001].map(niceCeiling)).toEqual([1, 1, 40, 1000, 2000]);
  expect([0, 2.5e9, 12e6, 50].map(axisLabel)).toEqual(['0', '2.5bn', '12m', '50']);
  expect(
    findingOf(
      [
        { label: '2006', values: ['4000000.00'] },
        { label: '2007', values: ['9000000.00'] },
      ],
      'USD',
    ),
  ).toBe('2007 is the largest of 2 vintages: USD 9.0 million committed');
});

test('rows are sorted by exact decimals, unknown ones last both ways', () => {
  const rows = [{ dpi: '10.0000000001' }, { dpi: null }, { dpi: '10.0000000002' }, { dpi: '-3' }, { dpi: '9' }];
  expect(sortRows(rows, { column: 'dpi', direction: 'asc' }).map((row) => row.dpi)).toEqual([
    '-3',
    '9',
    '10.0000000001',
    '10.0000000002',
    null,
  ]);
  expect(sortRows(rows, { column: 'dpi', direction: 'desc' }).map((row) => row.dpi)).toEqual([
    '10.0000000002',
    '10.0000000001',
    '9',
    '-3',
    null,
  ]);
  expect(compareDecimals('-0.5', '-0.25')).toBe(-1);
  expect(sortedBy({ column: 'dpi', direction: 'desc' }, 'dpi').direction).toBe('asc');
  expect(sortedBy({ column: 'dpi', direction: 'desc' }, 'fund_name').direction).toBe('asc');
});

test('the answer to a booking says what the rules said', () => {
  expect(answerOf(201, {}).kind).toBe('accepted');
  expect(answerOf(201, { rule_results: [{ severity: 'WARNING', message: 'it is early' }] }).text).toBe(
    'Booked. The figures contain it. Kept as a finding: it is early.',
  );
  expect(answerOf(202, {}).kind).toBe('working');
  expect(
    answerOf(422, {
      rule_results: [
        { severity: 'WARNING', message: 'a note' },
        { severity: 'ERROR', message: 'The fund is closed.' },
      ],
    }),
  ).toEqual({ kind: 'rejected', text: 'The fund is closed.' });
  expect(answerOf(400, { errors: [{ field: 'remaining_value', message: 'has three decimals' }] }).text).toBe(
    'has three decimals',
  );
  expect(answerOf(401, { detail: 'No cookie.' }).text).toContain('Reload the page');
});

test('an address leaves out what was not chosen', () => {
  expect(address('/v1/funds', { q: 'a&b', sort: '', cursor: null, limit: 5 })).toBe('/v1/funds?q=a%26b&limit=5');
});

test('a text of a rule is told with the names that are known, and keeps the ids that are not', () => {
  const fund = '2f1c1f1e-6c53-5c3a-8b1e-0a4f3a1d9a10';
  const other = '2f1c1f1e-6c53-5c3a-8b1e-0a4f3a1d9a11';
  const names = new Map([[fund, 'Harbor $& Fund']]);
  expect(named(`fund ${fund} and fund ${other}, ${fund}`, names)).toBe(`fund Harbor $& Fund and fund ${other}, Harbor $& Fund`);
});
