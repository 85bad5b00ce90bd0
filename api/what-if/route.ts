// POST /v1/funds/:fund_id/valuation-preview: the figures of a fund if investments were worth something else. Nothing is booked: the waterfall of
// a distribution does not look at values, so this is asked of the books, and `waterfall-preview` of the ledger.
import { z } from 'zod';
import type { HypotheticalLiquidation, Performance } from '#domain/messages.ts';
import { formatMoney, parseMoney } from '#domain/money/money.ts';
import { Decimal } from 'decimal.js';
import { answer } from '../answer.ts';
import type { Api, RouteDeps } from '../deps.ts';
import { demandParent, parents } from '../list-route.ts';
import { performanceRow } from '../performance/columns.ts';
import { namesOf } from '../performance/query.ts';
import { ProblemError } from '../problems.ts';
import { dateRange, localDate, meta, money, uuid, waitParameters } from '../shapes.ts';
import { figuresWith, type Figures } from './figures.ts';
import { eventsOfFund } from './fund-events.ts';

const performance = performanceRow.omit({ recorded_at: true }).extend({ name: z.string().nullable() });
const liquidation = z.object({
  nav: money.describe('Net assets before carried interest.'),
  lp_net: money,
  accrued_carried_interest: money,
  terms_version: z.number().int(),
  error: z.string().nullable().describe('Why the terms cannot be run; nothing is accrued then.'),
});
const figures = z.object({
  fund: performance.nullable(),
  investors: z.array(performance),
  investments: z.array(performance),
  liquidation: liquidation.nullable().describe('If everything were sold at its value and distributed.'),
});
const reply = z.object({
  fund_id: z.string(),
  as_of: localDate,
  as_booked: figures,
  with_valuations: figures,
  meta,
});
export type ValuationPreview = z.output<typeof reply>;

const body = z.strictObject({
  as_of: z.iso.date().describe('Day of the valuations and of the figures.'),
  valuations: z
    .array(z.strictObject({ investment_id: uuid, fair_value: money }))
    .min(1)
    .max(500),
});

const plain = (rate: string | null): string | null => (rate === null ? null : new Decimal(rate).toFixed());
const text = (minor: bigint | null): string | null => (minor === null ? null : formatMoney(minor));

const toApiPerformance = (fact: Performance, names: ReadonlyMap<string, string>): z.output<typeof performance> => ({
  investor_id: fact.investor_id,
  investment_id: fact.investment_id,
  name: names.get(fact.investor_id ?? fact.investment_id ?? '') ?? null,
  as_of_date: fact.as_of_date,
  currency: fact.currency,
  nav: text(fact.nav),
  committed_capital: formatMoney(fact.committed_capital),
  called_capital: text(fact.called_capital),
  distributed_capital: text(fact.distributed_capital),
  total_value: text(fact.total_value),
  unfunded_amount: text(fact.unfunded_amount),
  accrued_carried_interest: text(fact.accrued_carried_interest),
  pic: fact.pic,
  dpi: fact.dpi,
  rvpi: fact.rvpi,
  tvpi: fact.tvpi,
  moic: fact.moic,
  irr: plain(fact.irr),
  irr_status: fact.irr_status,
  gross_irr: plain(fact.gross_irr),
  gross_irr_status: fact.gross_irr_status,
  period_return: plain(fact.period_return),
  is_short_span: fact.is_short_span,
});
const toApiLiquidation = (fact: HypotheticalLiquidation): z.output<typeof liquidation> => ({
  nav: formatMoney(fact.nav),
  lp_net: formatMoney(fact.lp_net),
  accrued_carried_interest: formatMoney(fact.accrued_carried_interest),
  terms_version: fact.terms_version,
  error: fact.error,
});
const toApiFigures = (found: Figures, names: ReadonlyMap<string, string>): z.output<typeof figures> => ({
  fund: found.fund === null ? null : toApiPerformance(found.fund, names),
  investors: found.investors.map((fact) => toApiPerformance(fact, names)),
  investments: found.investments.map((fact) => toApiPerformance(fact, names)),
  liquidation: found.liquidation === null ? null : toApiLiquidation(found.liquidation),
});

/** Registers the what-if over valuations. */
export const registerWhatIf = (app: Api, deps: RouteDeps): void => {
  app.post(
    '/v1/funds/:fund_id/valuation-preview',
    {
      schema: {
        tags: ['what-if'],
        summary: 'What if: performance and accrued carried interest with other valuations',
        operationId: 'previewValuations',
        description:
          'Folds the booked events of the fund and, after them, the valuations given, which are not booked. The waterfall of a distribution does not depend on values: ask waterfall-preview for it.',
        params: z.object({ fund_id: uuid }),
        querystring: z.object(waitParameters),
        body,
        response: { 200: reply },
      },
    },
    (request, reply_) =>
      answer(deps, request, reply_, {
        sources: ['events'],
        wait: request.query,
        body: async (snapshot) => {
          const { fund_id } = request.params;
          const { as_of } = request.body;
          await demandParent(snapshot, parents.fund, fund_id);
          const held = new Set(
            (
              await snapshot.rows(
                z.object({ investment_id: z.string() }),
                'SELECT investment_id FROM investments WHERE fund_id = $1 AND investment_date <= $2::date',
                [fund_id, as_of],
              )
            ).map(({ investment_id }) => investment_id),
          );
          const valuations = request.body.valuations.map(({ investment_id, fair_value }) => {
            if (!held.has(investment_id))
              throw new ProblemError(
                'invalid-request',
                `There is no investment ${investment_id} in fund ${fund_id} on ${as_of}; GET /v1/funds/${fund_id}/investments lists them.`,
              );
            const parsed = parseMoney(fair_value);
            if (parsed.kind === 'error')
              throw new ProblemError('invalid-request', `fair_value ${fair_value} is no amount: ${parsed.reason}.`);
            return { investment_id, fairMinor: parsed.minor };
          });
          const events = await eventsOfFund(snapshot, fund_id);
          const names = await namesOf(snapshot, fund_id);
          const asked = { fundId: fund_id, day: as_of };
          return {
            data: {
              fund_id,
              as_of,
              as_booked: toApiFigures(figuresWith(events, { ...asked, valuations: [] }), names),
              with_valuations: toApiFigures(figuresWith(events, { ...asked, valuations }), names),
            },
            dates: dateRange([as_of]),
          };
        },
      }),
  );
};
