// A broker that is too old, or too new, is named with what to do.
import { expect, it } from 'vitest';
import { checkTransactionVersion, checkVersions } from './broker-versions.ts';

const KEYS = [0, 1, 2, 3, 9, 10, 22, 26, 28];
const broker = (range: readonly [number, number], features: readonly (readonly [string, number])[] = []) => ({
  errorCode: 0,
  versions: new Map(KEYS.map((key) => [key, range] as const)),
  features: new Map(features),
});

it('accepts a broker that speaks our versions', () => {
  expect(() => checkVersions(broker([0, 13]), 'b:1')).not.toThrow();
});

it.each([
  ['too old', broker([0, 3])],
  ['so new that it has dropped ours', broker([20, 30])],
])('refuses one that is %s', (_, versions) => {
  expect(() => checkVersions(versions, 'b:1')).toThrow(/Broker b:1 speaks .* use Kafka 4.0 or newer/);
});

it('refuses transactions of the old kind and says how to raise them', () => {
  expect(() => checkTransactionVersion(broker([0, 13], [['transaction.version', 1]]), 'b:1')).toThrow('transaction.version=2');
  expect(() => checkTransactionVersion(broker([0, 13], [['transaction.version', 2]]), 'b:1')).not.toThrow();
});
