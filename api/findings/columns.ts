// A finding as every feature shows it: what a rule said about an accepted command, or why a command was rejected.
import { z } from 'zod';
import { utcText } from '../database.ts';
import { instant } from '../shapes.ts';

export const finding = z
  .object({
    event_id: z.string(),
    finding_number: z.number().int(),
    event_type: z.string(),
    aggregate_type: z.string(),
    aggregate_id: z.string(),
    event_version: z.number().int(),
    fund_id: z.string().nullable(),
    investor_id: z.string().nullable(),
    commitment_id: z.string().nullable(),
    rule: z.string(),
    severity: z.string(),
    message: z.string(),
    field: z.string().nullable(),
    recorded_at: instant,
  })
  .meta({ id: 'Finding' });
export type Finding = z.output<typeof finding>;

/** SELECT list of a finding under `alias`. */
export const findingColumns = (alias: string): string =>
  [
    'event_id',
    'finding_number',
    'event_type',
    'aggregate_type',
    'aggregate_id',
    'event_version',
    'fund_id',
    'investor_id',
    'commitment_id',
    'rule',
    'severity',
    'message',
    'field',
  ]
    .map((name) => `${alias}.${name}`)
    .join(', ') + `, ${utcText(`${alias}.recorded_at`)} AS recorded_at`;
