// What the shipped file says, read by a plain parser of its own: the truth that imports are held to.
import { readFileSync } from 'node:fs';
import { decimalText } from '../../operations/verify/text.ts';

/** Sums of one investor, in hundredths, over the cells that are not empty. */
export interface InvestorSums {
  positions: number;
  committed: bigint;
  called: bigint;
  distributed: bigint;
  remaining: bigint;
}

const minor = (cell: string): bigint => (cell === '' ? 0n : BigInt(cell.replace('.', '')));

/** Sums by investor of data/public-pension-commitments.csv; its cells hold no quotes of their own except around commas. */
export const fileSums = (): ReadonlyMap<string, InvestorSums> => {
  const [, ...rows] = readFileSync(new URL('../../data/public-pension-commitments.csv', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const sums = new Map<string, InvestorSums>();
  for (const row of rows) {
    const cells = [...row.matchAll(/("([^"]|"")*"|[^,]*)(,|$)/g)].map(([, cell = '']) => cell);
    const investor = cells[0] ?? '';
    const sum = sums.get(investor) ?? { positions: 0, committed: 0n, called: 0n, distributed: 0n, remaining: 0n };
    sum.positions += 1;
    sum.committed += minor(cells[7] ?? '');
    sum.called += minor(cells[8] ?? '');
    sum.distributed += minor(cells[9] ?? '');
    sum.remaining += minor(cells[10] ?? '');
    sums.set(investor, sum);
  }
  return sums;
};

/** The sums as decimal text, for comparison with what stores and API say. */
export const fileSumTexts = (): Readonly<Record<string, readonly [string, string, string, string]>> =>
  Object.fromEntries(
    [...fileSums()].map(([investor, { committed, called, distributed, remaining }]) => [
      investor,
      [committed, called, distributed, remaining].map((sum) => decimalText(sum) ?? '') as unknown as readonly [
        string,
        string,
        string,
        string,
      ],
    ]),
  );
