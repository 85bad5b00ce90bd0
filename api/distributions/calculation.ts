// "How each cent came about": the calculation behind a distribution with its terms, flows, source events and tiers.
import { z } from 'zod';
import { dateText, utcText } from '../database.ts';
import type { Snapshot } from '../database.ts';
import { instant, localDate, money, moneyOrUnknown } from '../shapes.ts';
import { balances, rounding, sharing, tierFormula } from './explanation.ts';

const flow = z.looseObject({ date: z.string(), amount: z.string() });
const eventRef = z.object({ aggregate_id: z.string(), event_version: z.number() });
const tier = z.object({
  tier: z.string(),
  place: z.number().describe('0, 1, … among several hurdles or carry tiers.'),
  partner: z.string().nullable().describe('Investor, where each has a waterfall of its own.'),
  deal: z.string().nullable().describe('Deal of an American waterfall.'),
  lp: money,
  gp: money,
});
const calculationRow = z.object({
  calculation_id: z.string(),
  calculation_type: z.string(),
  calculation_date: localDate,
  source_event_id: z.string(),
  terms_version: z.number().int(),
  completed_at: instant.nullable(),
  inputs: z.object({
    term_id: z.string().nullable(),
    terms: z.unknown(),
    source_events: z.array(eventRef),
    contributions: z.array(flow),
    distributions: z.array(flow),
  }),
  result: z.object({
    tiers: z.array(tier),
    lp_total: money,
    gp_total: money,
    unreturned_capital: moneyOrUnknown,
    unpaid_preferred_return: moneyOrUnknown,
  }),
  term_name: z.string().nullable(),
  term_effective_date: localDate.nullable(),
});

const sourceEvent = z.object({
  event_id: z.string(),
  event_type: z.string(),
  aggregate_type: z.string(),
  aggregate_id: z.string(),
  event_version: z.number().int(),
  effective_date: localDate,
  recorded_at: instant,
  partition: z.number().int(),
  log_offset: z.string(),
});

export const calculation = z
  .object({
    calculation_id: z.string(),
    calculation_type: z.string(),
    calculation_date: localDate,
    event: sourceEvent.nullable().describe('The event that booked it.'),
    terms_version: z.number().int().describe('Version of the terms of the fund; 0 are those of its card.'),
    term_id: z.string().nullable(),
    term_name: z.string().nullable(),
    term_effective_date: localDate.nullable(),
    terms: z.unknown().describe('The terms as they were used, side letters included, in the vocabulary of the waterfall.'),
    contributions: z.array(flow).describe('Contributions that went in.'),
    distributions: z.array(flow).describe('Earlier distributions that went in.'),
    source_events: z.array(sourceEvent).describe('Events whose flows went in.'),
    tiers: z.array(tier.extend({ formula: z.string() })),
    lp_total: money,
    gp_total: money,
    unreturned_capital: moneyOrUnknown,
    unpaid_preferred_return: moneyOrUnknown,
    explanation: z.object({ balances: z.string(), rounding: z.string(), sharing: z.string() }),
    completed_at: instant.nullable(),
  })
  .meta({ id: 'WaterfallCalculation' });
export type Calculation = z.output<typeof calculation>;

const eventColumns = (alias: string): string =>
  `${alias}.event_id, ${alias}.event_type, ${alias}.aggregate_type, ${alias}.aggregate_id, ${alias}.event_version,
   ${dateText(`${alias}.effective_date`)} AS effective_date, ${utcText(`${alias}.occurred_at`)} AS recorded_at, ${alias}.partition, ${alias}.log_offset::text AS log_offset`;

/** The calculation of an id with its explanation, or null. */
export const readCalculation = async (snapshot: Snapshot, calculationId: string): Promise<Calculation | null> => {
  const row = await snapshot.row(
    calculationRow,
    `SELECT r.result_id AS calculation_id, r.calculation_type, ${dateText('r.calculation_date')} AS calculation_date, r.source_event_id,
            r.terms_version, ${utcText('r.completed_at')} AS completed_at, r.input_parameters AS inputs, r.calculation_result AS result,
            t.term_name, ${dateText('t.effective_date')} AS term_effective_date
       FROM calculation_results r LEFT JOIN fund_terms t ON t.term_id = (r.input_parameters->>'term_id')::uuid
      WHERE r.result_id = $1`,
    [calculationId],
  );
  if (row === null) return null;
  const [event = null] = await snapshot.rows(
    sourceEvent,
    `SELECT ${eventColumns('e')} FROM event_store e WHERE e.event_id = $1`,
    [row.source_event_id],
  );
  const source_events = await snapshot.rows(
    sourceEvent,
    `SELECT ${eventColumns('e')} FROM json_to_recordset($1::json) AS s(aggregate_id uuid, event_version integer)
       JOIN event_store e ON e.aggregate_id = s.aggregate_id AND e.event_version = s.event_version
      ORDER BY e.effective_date, e.partition, e.log_offset`,
    [JSON.stringify(row.inputs.source_events)],
  );
  const { inputs, result, source_event_id: _source, ...rest } = row;
  return {
    ...rest,
    event,
    term_id: inputs.term_id,
    terms: inputs.terms,
    contributions: inputs.contributions,
    distributions: inputs.distributions,
    source_events: [...source_events],
    ...result,
    tiers: result.tiers.map((one) => ({ ...one, formula: tierFormula(one.tier, one.partner, inputs.terms) })),
    explanation: { balances, rounding, sharing },
  };
};
