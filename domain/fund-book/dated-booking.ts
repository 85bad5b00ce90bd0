// When a fund's figures begin to follow from dated flows: with the first of these bookings. Before it, a fund has commitments and perhaps
// sums that were taken over.
import type { EventType } from '../messages.ts';

const datedBookings = [
  'CapitalCallIssued',
  'CapitalCallNoticesIssued',
  'CapitalCallPaymentReceived',
  'InvestmentMade',
  'InvestmentIncreased',
  'InvestmentValued',
  'InvestmentRealised',
  'InvestmentWrittenOff',
  'FundTransactionRecorded',
  'DistributionDeclared',
  'CarryClawedBack',
] as const satisfies readonly EventType[];

export type DatedBooking = (typeof datedBookings)[number];

/** Whether an event is such a booking; the event may be one of which only some fields were read. */
export const isDatedBooking = <Event extends { readonly type: EventType }>(
  event: Event,
): event is Extract<Event, { readonly type: DatedBooking }> => (datedBookings as readonly EventType[]).includes(event.type);
