// The two times of a question: as_of, the effective date, and known_at, the moment up to which something was recorded.
import { z } from 'zod';
import { localDate } from './shapes.ts';

export const asOf = z.iso
  .date()
  .optional()
  .describe('Effective date: figures of the latest fact date up to it. Without it, of the latest there is.');
export const knownAt = z.iso
  .datetime({ precision: null })
  .optional()
  .describe('Recorded time in UTC, for example 2026-03-31T17:00:00Z: what was known then. Without it, what is known now.');

/** As it stands in a reply: UTC with microseconds, null when none was asked for. */
export const instantOf = (text: string | undefined): string | null => {
  if (text === undefined) return null;
  const [day = '', time = ''] = text.replace('Z', '').split('T');
  const [seconds = '00:00:00', fraction = ''] = (time.length === 5 ? `${time}:00` : time).split('.');
  return `${day}T${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
};

/** The times as they were asked for, for replies. */
export const askedTimes = {
  as_of: localDate.nullable().describe('The effective date asked for; null is the latest.'),
  known_at: z.string().nullable().describe('The recorded time asked for; null is now.'),
};
