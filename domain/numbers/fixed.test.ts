import { expect, test } from 'vitest';
import { parseDecimalText } from './decimal-text.ts';
import { exponential, floorAndRemainder, type Fixed, fixedFromDecimal, logarithm, ONE, power, roundHalfEven } from './fixed.ts';

const fixed = (text: string): Fixed => fixedFromDecimal(parseDecimalText(text) ?? { units: 0n, decimals: 0 });
const agrees = (value: Fixed, digits: string): void => {
  const difference = value - fixed(digits);
  expect(difference < 10n ** 7n && difference > -(10n ** 7n)).toBe(true);
};

test('exponential and logarithm hold 53 decimals (digits by mpmath at 70)', () => {
  agrees(exponential(fixed('2')), '7.389056098930650227230427460575007813180315570551847324087127822522574');
  agrees(exponential(fixed('-0.5')), '0.606530659712633423603799534991180453441918135487186955682892158735056519');
  agrees(logarithm(fixed('1.08')), '0.0769610411361283249842170443152018348912689649312129113787872179641249');
  agrees(logarithm(fixed('7')), '1.945910149055313305105352743443179729637084729581861188459390149937579862');
  agrees(exponential(logarithm(fixed('0.37'))), '0.37');
});

test('whole powers are multiplied out without an error, broken ones hold 53 decimals', () => {
  expect(power(fixed('1.08'), 3n, 1n, 0n)).toBe(fixed('1.259712'));
  expect(power(fixed('1.5'), -2n, 1n, 0n)).toBe((ONE * 4n) / 9n);
  agrees(
    power(fixed('1.08'), 731n, 365n, logarithm(fixed('1.08'))),
    '1.166645963898266886056281121282693104472985791397721436175091326719715',
  );
});

test('results are read at 30 decimals, so the error of computing moves no cent', () => {
  expect(floorAndRemainder(2n * ONE - 1n)).toEqual({ floor: 2n, remainder: 0n });
  expect(floorAndRemainder(-ONE / 4n)).toMatchObject({ floor: -1n });
  expect(['0.5', '1.5', '2.5', '-0.5', '-1.5', '2.51', '-2.51', '-2.49'].map((text) => roundHalfEven(fixed(text)))).toEqual([
    0n,
    2n,
    2n,
    0n,
    -2n,
    3n,
    -3n,
    -2n,
  ]);
  expect(roundHalfEven(fixed('1.5') - 1n)).toBe(2n);
});

test('decimal text is read exactly, or not at all', () => {
  expect(parseDecimalText('-12.50')).toEqual({ units: -125n, decimals: 1 });
  expect(parseDecimalText('1e-3')).toEqual({ units: 1n, decimals: 3 });
  expect(parseDecimalText('2.5e3')).toEqual({ units: 2500n, decimals: 0 });
  expect(['', '.', '1.', '+1', '0x1', 'NaN', '1 000'].map(parseDecimalText)).toEqual([null, null, null, null, null, null, null]);
});
