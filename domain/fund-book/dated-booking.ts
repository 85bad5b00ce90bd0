// When a fund's figures begin to follow from dated flows: with the first of these bookings. Before it, a fund has commitments and perhaps
// sums that were taken over.
import type { AnyEvent, EventType } from '../messages.ts';

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

/** Whether an event is such a booking. */
export const isDatedBooking = (event: AnyEvent): event is Extract<AnyEvent, { readonly type: (typeof datedBookings)[number] }> =>
  (datedBookings as readonly EventType[]).includes(event.type);
