// GET /v1/exchange-rates, /v1/accounts, /v1/configurations, /v1/business-dates: reference data and how far the clock has come.
import { z } from 'zod';
import { answer } from '../answer.ts';
import { columnSet, kinds } from '../columns.ts';
import type { Api, RouteDeps } from '../deps.ts';
import type { List } from '../list-route.ts';
import { registerList } from '../list-route.ts';
import { dateRange, localDate, meta, waitParameters } from '../shapes.ts';

const code = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code, for example USD');
const shared = { sources: ['events'], tag: 'reference data' } as const;

const rate = columnSet({
  rate_id: kinds.id,
  base_currency: kinds.text,
  target_currency: kinds.text,
  exchange_rate: kinds.decimal,
  rate_date: kinds.date,
  rate_source: kinds.textOrNull,
  updated_at: kinds.instant,
  version: kinds.integer,
});
export const exchangeRates = {
  ...shared,
  path: '/v1/exchange-rates',
  operationId: 'listExchangeRates',
  summary: 'Exchange rates, latest first',
  description: 'Units of the target currency for one of the base currency.',
  name: 'exchange_rates',
  row: rate.shape,
  select: rate.select('r'),
  from: 'exchange_rates r',
  filters: {
    base_currency: { schema: code, where: (place) => `r.base_currency = ${place}` },
    target_currency: { schema: code, where: (place) => `r.target_currency = ${place}` },
    from: { schema: z.iso.date(), where: (place) => `r.rate_date >= ${place}::date` },
    to: { schema: z.iso.date(), where: (place) => `r.rate_date <= ${place}::date` },
  },
  order: { column: 'r.rate_date', type: 'date', direction: 'desc', id: 'r.rate_id' },
  key: ['rate_date', 'rate_id'],
  date: 'rate_date',
} satisfies List<typeof rate.shape>;

const account = columnSet({
  account_id: kinds.id,
  account_code: kinds.text,
  account_name: kinds.text,
  account_type: kinds.text,
  parent_account_id: kinds.idOrNull,
  is_active: kinds.boolean,
  updated_at: kinds.instant,
  version: kinds.integer,
});
export const accounts = {
  ...shared,
  path: '/v1/accounts',
  operationId: 'listAccounts',
  summary: 'Chart of accounts, by code',
  description: 'Accounts that were set; the default chart of every fund holds beside them.',
  name: 'accounts',
  row: account.shape,
  select: account.select('r'),
  from: 'chart_of_accounts r',
  order: { column: 'r.account_code', type: 'text', direction: 'asc', id: 'r.account_id' },
  key: ['account_code', 'account_id'],
} satisfies List<typeof account.shape>;

const configuration = columnSet({
  config_id: kinds.id,
  config_key: kinds.text,
  config_value: kinds.json,
  config_type: kinds.text,
  is_active: kinds.boolean,
  updated_at: kinds.instant,
  version: kinds.integer,
});
export const configurations = {
  ...shared,
  path: '/v1/configurations',
  operationId: 'listConfigurations',
  summary: 'System configurations, by key',
  name: 'configurations',
  row: configuration.shape,
  select: configuration.select('r'),
  from: 'system_configurations r',
  order: { column: 'r.config_key', type: 'text', direction: 'asc', id: 'r.config_id' },
  key: ['config_key', 'config_id'],
} satisfies List<typeof configuration.shape>;

const day = columnSet({ partition: kinds.integer, business_date: kinds.date, updated_at: kinds.instant });

/** Registers the reads of reference data. */
export const registerReferenceData = (app: Api, deps: RouteDeps): void => {
  registerList(app, deps, exchangeRates);
  registerList(app, deps, accounts);
  registerList(app, deps, configurations);
  app.get(
    '/v1/business-dates',
    {
      schema: {
        tags: ['reference data'],
        summary: 'Business date of each partition of the ledger',
        operationId: 'listBusinessDates',
        description: 'business_date is the lowest of them: every partition has come so far. Null while the clock has not run.',
        querystring: z.object(waitParameters),
        response: { 200: z.object({ business_date: localDate.nullable(), partitions: z.array(day.shape), meta }) },
      },
    },
    (request, reply) =>
      answer(deps, request, reply, {
        sources: ['events'],
        wait: request.query,
        body: async (snapshot) => {
          const partitions = await snapshot.rows(
            day.shape,
            `SELECT ${day.select('r')} FROM business_dates r ORDER BY r.partition`,
          );
          const dates = dateRange(partitions.map(({ business_date }) => business_date));
          return { data: { business_date: dates.first, partitions: [...partitions] }, dates };
        },
      }),
  );
};
