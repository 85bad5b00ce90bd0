import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toEpochDay } from '../dates/local-date.ts';
import { parseMoney } from '../money/money.ts';
import { type DatedAmount, reportedRate, xirr, XIRR_NO_FLOWS } from './xirr.ts';

type Case = {
  readonly id: string;
  readonly flows: readonly { readonly date: string; readonly amount: string }[];
  readonly status: string;
  readonly expected: string | null;
  readonly allRoots: readonly string[];
};

const { cases } = JSON.parse(readFileSync(new URL('../../tests/cases/xirr.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

const flowsOf = (rows: readonly (readonly [string, string])[]): readonly DatedAmount[] =>
  rows.map(([date, amount]) => {
    const money = parseMoney(amount);
    if (money.kind === 'error') throw new Error(`${amount}: ${money.reason}`);
    return { epochDay: toEpochDay(date), amount: money.minor };
  });

test.each(cases)('$id is $status at $expected, every digit of every root', ({ flows, status, expected, allRoots }) => {
  const result = xirr(flowsOf(flows.map(({ date, amount }) => [date, amount] as const)));
  expect({ status: result.status, rate: result.rate, roots: result.roots }).toEqual({ status, rate: expected, roots: allRoots });
});

test('a root that is touched without a change of sign is a double root, and is still a rate', () => {
  const result = xirr(
    flowsOf([
      ['2021-01-01', '100'],
      ['2022-01-01', '-240'],
      ['2023-01-01', '144'],
    ]),
  );
  expect(result).toEqual({ status: 'double_root', rate: '0.2', roots: ['0.2'], periodRate: null });
});

test('one cent less than a double root has two roots, one cent more has none', () => {
  expect(
    xirr(
      flowsOf([
        ['2021-01-01', '100'],
        ['2022-01-01', '-240.01'],
        ['2023-01-01', '144'],
      ]),
    ).roots,
  ).toHaveLength(2);
  expect(
    xirr(
      flowsOf([
        ['2021-01-01', '100'],
        ['2022-01-01', '-239.99'],
        ['2023-01-01', '144'],
      ]),
    ).status,
  ).toBe('no_root');
});

test('a triple root changes the sign and is one rate', () => {
  const cube = xirr(
    flowsOf([
      ['2021-01-01', '-1000'],
      ['2022-01-01', '3300'],
      ['2023-01-01', '-3630'],
      ['2024-01-01', '1331'],
    ]),
  );
  expect(cube.status).toBe('ok');
  expect(Number(cube.rate)).toBeCloseTo(0.1, 9);
});

test('a rate beyond every double keeps its digits, and a rate just above -1 stays above it', () => {
  expect(
    xirr(
      flowsOf([
        ['2024-01-01', '-0.01'],
        ['2024-01-02', '100000.00'],
      ]),
    ).rate,
  ).toBe('1.0e+2555');
  expect(
    xirr(
      flowsOf([
        ['2024-01-01', '-1000000'],
        ['2024-01-11', '0.01'],
      ]),
    ).rate?.startsWith('-0.99999'),
  ).toBe(true);
});

test('a span of less than a year also gives its own return, one of a year does not', () => {
  expect(
    xirr(
      flowsOf([
        ['2024-01-01', '-100'],
        ['2024-01-02', '101'],
      ]),
    ),
  ).toMatchObject({ rate: '36.7834343328872', periodRate: '0.01' });
  expect(
    xirr(
      flowsOf([
        ['2021-01-01', '-100'],
        ['2022-01-01', '101'],
      ]),
    ),
  ).toMatchObject({ rate: '0.01', periodRate: null });
});

test('nothing to compute is said, not guessed', () => {
  expect(xirr([])).toEqual({ status: 'no_root', rate: null, roots: [], periodRate: null });
  expect(xirr(flowsOf([['2021-01-01', '0.00']]))).toMatchObject({ status: 'no_root' });
});

test('a report prints a rate, of several the one nearest 0 and says so, or nothing', () => {
  const two = xirr(
    flowsOf([
      ['2021-01-01', '100'],
      ['2022-01-01', '-230'],
      ['2023-01-01', '132'],
    ]),
  );
  expect(reportedRate(two)).toEqual({ rate: '0.1', isChosen: true });
  expect(
    reportedRate(
      xirr(
        flowsOf([
          ['2021-01-01', '-100'],
          ['2022-01-01', '110'],
        ]),
      ),
    ),
  ).toEqual({ rate: '0.1', isChosen: false });
  expect(reportedRate(XIRR_NO_FLOWS)).toBeNull();
});

test('sixty changes of sign are sixty chances of a root, and each root found is one', () => {
  const flows = Array.from({ length: 120 }, (_, index) => ({
    epochDay: index * 30,
    amount: BigInt((index % 2 === 0 ? -1 : 1) * (1_000_000 + ((index * 7919) % 1000) * 100)),
  }));
  const { roots, status } = xirr(flows);
  expect(status).toBe('ok');
  const value = roots.map((root) =>
    flows.reduce((sum, flow) => sum + Number(flow.amount) * (1 + Number(root)) ** (-flow.epochDay / 365), 0),
  );
  expect(Math.abs(value[0] ?? 1)).toBeLessThan(1e-6);
});
