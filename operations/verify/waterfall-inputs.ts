// Whether each waterfall of a distribution was run on what the log says had been paid in and distributed by then: the ledger's own memory
// of a fund is held against its events.
import type { AnyEvent, EventByType, LocalDate, Minor, Uuid } from '#domain/messages.ts';

interface Dated {
  readonly date: LocalDate;
  readonly minor: Minor;
}

interface FundFlows {
  readonly payments: Map<Uuid, Dated>;
  readonly distributions: Map<Uuid, Dated>;
  /** A part of its history has no dates. */
  hasOpening: boolean;
}

/** What an event says that went into a waterfall, and what the log says. */
export interface InputSums {
  readonly distributionId: Uuid;
  readonly field: 'contributions' | 'distributions';
  readonly expected: Minor;
  readonly found: Minor;
}

const minorOf = (text: string): Minor => BigInt(text.replace('.', ''));
const flowsIn = (json: string): readonly { readonly amount: string }[] => JSON.parse(json) as readonly { amount: string }[];
const total = (flows: Iterable<Dated>, upTo: LocalDate): Minor => {
  let sum = 0n;
  for (const { date, minor } of flows) if (date <= upTo) sum += minor;
  return sum;
};

const sumsOf = (fund: FundFlows, value: EventByType['DistributionDeclared']): readonly InputSums[] => {
  const { distribution_id: distributionId, distribution_date: day, calculation } = value;
  const sums = [
    {
      field: 'contributions',
      flows: flowsIn(calculation.contributions),
      expected: total(fund.payments.values(), day),
    },
    { field: 'distributions', flows: flowsIn(calculation.distributions), expected: total(fund.distributions.values(), day) },
  ] as const;
  return sums.flatMap(({ field, flows, expected }) => {
    const found = flows.reduce((sum, { amount }) => sum + minorOf(amount), 0n);
    // Very long lists are left out of the event.
    return found === expected || (flows.length === 0 && fund.payments.size > 5_000)
      ? []
      : [{ distributionId, field, expected, found }];
  });
};

/** Every distribution whose waterfall was run on other flows than those of the log. Events of a fund are in their order. */
export const wrongInputs = (events: readonly AnyEvent[]): readonly InputSums[] => {
  const funds = new Map<Uuid, FundFlows>();
  const flowsOf = (fundId: Uuid): FundFlows => {
    const flows = funds.get(fundId) ?? { payments: new Map(), distributions: new Map(), hasOpening: false };
    funds.set(fundId, flows);
    return flows;
  };
  return events.flatMap((event): readonly InputSums[] => {
    switch (event.type) {
      case 'OpeningBalanceRecorded':
        flowsOf(event.value.fund_id).hasOpening = true;
        return [];
      case 'CapitalCallPaymentReceived':
        flowsOf(event.value.fund_id).payments.set(event.value.payment_id, {
          date: event.value.payment_date,
          minor: event.value.amount,
        });
        return [];
      case 'CapitalCallPaymentReversed':
        flowsOf(event.value.fund_id).payments.delete(event.value.payment_id);
        return [];
      case 'DistributionDeclared': {
        const fund = flowsOf(event.value.fund_id);
        const { distribution_id: id, distribution_date: date, total_distribution_amount } = event.value;
        const wrong = fund.hasOpening ? [] : sumsOf(fund, event.value);
        fund.distributions.set(id, { date, minor: total_distribution_amount });
        return wrong;
      }
      case 'DistributionCancelled': {
        const fund = flowsOf(event.value.fund_id);
        fund.distributions.delete(event.value.distribution_id);
        return [];
      }
      default:
        return [];
    }
  });
};
