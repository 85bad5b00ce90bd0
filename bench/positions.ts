// Generated positions: as many as a measurement needs, the same for the same seed, in the columns of the shipped file.
import { writeFileSync } from 'node:fs';

export interface PositionsOptions {
  readonly rows: number;
  readonly seed: number;
  /** Investors that the rows go round; 200 unless given. */
  readonly investors?: number;
  /** Called, distributed and remaining amounts: an opening balance per row, and so two bookings. False leaves the commitments alone. */
  readonly balances: boolean;
  /** Put before every name, so that two files of one stack share nothing. */
  readonly prefix?: string;
}

const header =
  'investor,investor_state,fund_name,general_partner,asset_class,sub_strategy,vintage_year,commitment,capital_called,capital_distributed,remaining_value,net_irr,net_multiple,as_of_date';
const assetClasses = ['Private Equity', 'Private Credit', 'Real Assets'] as const;

/** A generator of equally spread integers below a bound (mulberry32). */
export const seededIntegers = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

const cents = (units: number, minor: number): string => `${units}.${String(minor).padStart(2, '0')}`;

/** Writes the file: one row per investor and fund, all funds of an investor one after the other, as plans disclose them. */
export const writePositions = (path: string, { rows, seed, investors = 200, balances, prefix = '' }: PositionsOptions): void => {
  const next = seededIntegers(seed);
  const funds = Math.ceil(rows / investors);
  const lines = [header];
  for (let row = 0; row < rows; row += 1) {
    const fund = row % funds;
    const committed = 1_000_000 + next(200_000_000);
    const called = next(committed);
    const figures = balances
      ? `${cents(called, next(100))},${cents(next(committed), next(100))},${cents(next(committed), next(100))},,,2025-03-31`
      : ',,,,,';
    lines.push(
      `${prefix}Plan ${Math.floor(row / funds) + 1},CA,${prefix}Fund ${fund + 1},Partner ${(fund % 37) + 1},${assetClasses[fund % 3]},,${2000 + (fund % 25)},${cents(committed, next(100))},${figures}`,
    );
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
};
