// Performance and NAV rolls as the API shows them, from either store.
import type { z } from 'zod';
import { rollRows } from '#domain/fund-book/run.ts';
import { columnSet, kinds, told } from '../columns.ts';
import type { ColumnSet } from '../columns.ts';

const subject = {
  investor_id: told(kinds.idOrNull, 'Null for the fund and its investments.'),
  as_of_date: told(kinds.date, 'Fact date of the figures.'),
  currency: kinds.text,
};

const figures = {
  ...subject,
  investment_id: told(kinds.idOrNull, 'Null for the fund and its investors.'),
  nav: told(kinds.moneyOrNull, 'Net of accrued carried interest; fair value of an investment.'),
  committed_capital: kinds.money,
  called_capital: told(kinds.moneyOrNull, 'Paid in; cost of an investment.'),
  distributed_capital: told(kinds.moneyOrNull, 'Net of carried interest, gross of tax withheld; proceeds of an investment.'),
  total_value: kinds.moneyOrNull,
  unfunded_amount: kinds.moneyOrNull,
  accrued_carried_interest: kinds.moneyOrNull,
  pic: kinds.decimalOrNull,
  dpi: kinds.decimalOrNull,
  rvpi: kinds.decimalOrNull,
  tvpi: kinds.decimalOrNull,
  moic: told(kinds.decimalOrNull, 'Gross multiple on invested capital.'),
  irr: told(kinds.decimalOrNull, 'Net IRR a year, a decimal fraction; null where irr_status says why.'),
  irr_status: kinds.text,
  gross_irr: told(kinds.decimalOrNull, 'Gross IRR from flows between fund and investments.'),
  gross_irr_status: kinds.text,
  period_return: told(kinds.decimalOrNull, 'Over a span under a year, where the IRR is not shown annualised.'),
  is_short_span: kinds.boolean,
  recorded_at: told(kinds.instant, 'When the event that made it was recorded.'),
};
export const performance = columnSet(figures);

export const rollAmounts = ['opening_nav', ...rollRows, 'closing_nav', 'accrued_carried_interest', 'net_nav'] as const;
export type RollAmount = (typeof rollAmounts)[number];
const amounts = Object.fromEntries(rollAmounts.map((name) => [name, kinds.money])) as unknown as Readonly<
  Record<RollAmount, typeof kinds.money>
>;
export const navRoll = columnSet({ ...subject, ...amounts, recorded_at: kinds.instant });

export const performanceRow = performance.shape;
export type PerformanceRow = z.output<typeof performanceRow>;
export const navRollRow = navRoll.shape;
export type NavRollRow = z.output<typeof navRollRow>;

const noId = '00000000-0000-0000-0000-000000000000';
const others: Readonly<Record<string, string>> = { unfunded_amount: 'unfunded_capital' };

/** The same columns from a table of the warehouse under the alias h: ids that are all zeros there are null. */
export const warehouseSelect = ({ shape }: Pick<ColumnSet, 'shape'>): string =>
  Object.keys(shape.shape)
    .map((name) => {
      if (name === 'investor_id' || name === 'investment_id')
        return `if(h.${name} = toUUID('${noId}'), NULL, toString(h.${name})) AS ${name}`;
      if (name === 'recorded_at')
        return `concat(formatDateTime(h.recorded_at, '%Y-%m-%dT%H:%i:%S.%f', 'UTC'), 'Z') AS recorded_at`;
      return `h.${others[name] ?? name} AS ${name}`;
    })
    .join(', ');
