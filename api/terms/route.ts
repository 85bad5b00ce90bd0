// GET /v1/funds/:fund_id/waterfall-configs: the waterfall terms of a fund with their versions and side letters.
import { columnSet, kinds, told } from '../columns.ts';
import type { Api, RouteDeps } from '../deps.ts';
import type { List } from '../list-route.ts';
import { parents, registerList } from '../list-route.ts';

const config = columnSet({
  config_id: kinds.id,
  fund_id: kinds.id,
  investor_id: told(kinds.idOrNull, 'Investor for whom alone it holds (side letter); null for the fund.'),
  investor_name: kinds.textOrNull,
  waterfall_name: kinds.text,
  waterfall_structure: told(kinds.json, 'Terms in the vocabulary of the waterfall.'),
  effective_date: kinds.date,
  expiry_date: told(kinds.dateOrNull, 'Exclusive; null is open.'),
  is_active: told(kinds.boolean, 'No later version of the same scope was adopted.'),
  terms_version: kinds.integer,
  created_at: kinds.instant,
});

export const waterfallConfigs = {
  path: '/v1/funds/:fund_id/waterfall-configs',
  operationId: 'listWaterfallConfigs',
  tag: 'funds',
  summary: 'Waterfall terms of a fund, latest first',
  name: 'waterfall_configs',
  sources: ['events'],
  row: config.shape,
  select: config.select('r', { investor_name: 'i.investor_name' }),
  from: 'waterfall_configs r LEFT JOIN investors i ON i.investor_id = r.investor_id',
  parent: parents.fund,
  order: { column: 'r.terms_version', type: 'int', direction: 'desc', id: 'r.config_id' },
  key: ['terms_version', 'config_id'],
} satisfies List<typeof config.shape>;

/** Registers the reads of waterfall terms. */
export const registerTerms = (app: Api, deps: RouteDeps): void => registerList(app, deps, waterfallConfigs);
