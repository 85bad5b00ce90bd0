import { expect, test } from 'vitest';
import fc from 'fast-check';
import { currencyError, isCurrency, minorUnits } from './currency.ts';
import { formatMoney, MONEY_MAX_MINOR, parseMoney } from './money.ts';

test.each([
  ['0', 0n],
  ['12', 1200n],
  ['12.5', 1250n],
  ['-12.50', -1250n],
  ['-0.01', -1n],
  ['007.10', 710n],
  ['1.5000', 150n],
  ['999999999999999999.99', MONEY_MAX_MINOR],
])('the text %s is %d hundredths', (text, minor) => {
  expect(parseMoney(text)).toEqual({ kind: 'ok', minor });
});

test.each([
  ['', 'not-a-decimal'],
  ['abc', 'not-a-decimal'],
  ['1,000.00', 'not-a-decimal'],
  ['1e3', 'not-a-decimal'],
  ['.5', 'not-a-decimal'],
  ['5.', 'not-a-decimal'],
  [' 5', 'not-a-decimal'],
  ['+5', 'not-a-decimal'],
  ['NaN', 'not-a-decimal'],
  ['1.005', 'more-than-two-decimals'],
  ['1000000000000000000.00', 'out-of-range'],
])('the text %j is refused as %s', (text, reason) => {
  expect(parseMoney(text)).toEqual({ kind: 'error', reason });
});

test('every amount that the stores can hold comes back from its text', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -MONEY_MAX_MINOR, max: MONEY_MAX_MINOR }), (minor) => {
      expect(parseMoney(formatMoney(minor))).toEqual({ kind: 'ok', minor });
    }),
  );
  expect(formatMoney(-1250n)).toBe('-12.50');
  expect(formatMoney(-5n)).toBe('-0.05');
  expect(formatMoney(0n)).toBe('0.00');
});

test('a currency with three decimals is known and refused by name', () => {
  expect(['EUR', 'JPY', 'KWD', 'CLF', 'XYZ'].map(minorUnits)).toEqual([2, 0, 3, 4, null]);
  expect(['USD', 'JPY', 'KWD', 'TND', 'CLF', 'usd'].map(currencyError)).toEqual([
    null,
    null,
    'three-decimal-currency',
    'three-decimal-currency',
    'four-decimal-currency',
    'unknown-currency',
  ]);
  expect(isCurrency('BHD')).toBe(true);
  expect(isCurrency('EURO')).toBe(false);
});
