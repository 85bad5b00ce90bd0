// Whether a NAV roll ties at 0.00 (domain.md 3.3): LP + GP = fund row by row, quarters add up to all, and NAV is what the fund holds.

import { netAssets, rollOf, type NavEvent, type Rows } from './nav-roll.ts';

export type Period = { from: string; to: string };

const flowRows = (rows: Rows): [string, bigint][] => {
  const standing = [
    'beginningNav',
    'endingNav',
    'accruedEnding',
    'endingNavGross',
    'commitment',
    'beginningUnfunded',
    'endingUnfunded',
  ];
  return Object.entries(rows).filter(([row]) => !standing.includes(row));
};

/** Every difference, in words; none when the roll ties. Periods follow one another from the first event on. */
export const tieOut = (
  events: readonly NavEvent[],
  investors: readonly string[],
  gp: string,
  periods: readonly Period[],
): string[] => {
  const differences: string[] = [];
  const expectSame = (what: string, a: bigint, b: bigint): void => {
    if (a !== b) differences.push(`${what}: ${a} and ${b} cents`);
  };
  const all = [...investors, gp];
  const [start, end] = [periods[0]!.from, periods.at(-1)!.to];
  for (const { from, to } of periods) {
    const fund = rollOf(events, from, to, { parties: all, gp });
    const lps = rollOf(events, from, to, { parties: investors, gp });
    const own = rollOf(events, from, to, { parties: [gp], gp });
    const each = investors.map((investor) => rollOf(events, from, to, { parties: [investor], gp }));
    for (const [row, value] of Object.entries(fund) as [keyof Rows, bigint][]) {
      expectSame(`${to} LP + GP of ${row}`, lps[row] + own[row], value);
      expectSame(
        `${to} all investors of ${row}`,
        each.reduce((sum, rows) => sum + rows[row], 0n),
        lps[row],
      );
    }
    expectSame(`${to} NAV and net assets`, fund.endingNav, netAssets(events, to));
    expectSame(`${to} incentive allocation of the fund`, fund.incentiveAllocation, 0n);
  }
  for (const column of [all, investors, [gp]]) {
    const sinceInception = rollOf(events, start, end, { parties: column, gp });
    const quarters = periods.map(({ from, to }) => rollOf(events, from, to, { parties: column, gp }));
    for (const [row, value] of flowRows(sinceInception)) {
      expectSame(
        `since inception ${row}`,
        quarters.reduce((sum, rows) => sum + rows[row as keyof Rows], 0n),
        value,
      );
    }
    expectSame('since inception ending NAV', quarters.at(-1)!.endingNav, sinceInception.endingNav);
  }
  return differences;
};
