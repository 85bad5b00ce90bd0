// Dated flows of a fund: between it and its investors, its investments and the rest of the world. Positions that were taken over bring
// sums, not flows, and have none here.
import type {
  AnyEvent,
  CashFlow,
  CashFlowType,
  DistributionNotice,
  FundTransactionType,
  LocalDate,
  Minor,
  Uuid,
} from '../messages.ts';

/** A flow without its id and its place on the log; both follow from the event and the order of its flows. */
export type DatedFlow = Omit<CashFlow, 'cash_flow_id' | 'source_event' | 'position' | 'recorded_at'>;

interface Declared {
  readonly date: LocalDate;
  readonly flows: readonly DatedFlow[];
}

/** What flows have to remember: declared distributions until they are paid, in case that they are cancelled. */
export interface CashFlowState {
  readonly declared: Map<Uuid, Declared>;
}

export const emptyCashFlows = (): CashFlowState => ({ declared: new Map() });

interface Parts {
  readonly fund: Uuid;
  readonly date: LocalDate;
  readonly type: CashFlowType;
  readonly currency: string;
  readonly transaction: Uuid;
  readonly investor?: Uuid;
  readonly commitment?: Uuid;
  readonly investment?: Uuid | null;
  readonly paidIn?: Minor;
  readonly distributed?: Minor;
  /** Signed; distributed less paid in unless given. */
  readonly net?: Minor;
}

const flow = (parts: Parts): DatedFlow => {
  const { paidIn = 0n, distributed = 0n } = parts;
  return {
    fund_id: parts.fund,
    investor_id: parts.investor ?? null,
    commitment_id: parts.commitment ?? null,
    investment_id: parts.investment ?? null,
    flow_date: parts.date,
    cash_flow_type: parts.type,
    currency: parts.currency,
    capital_call_amount: paidIn,
    distribution_amount: distributed,
    net_cash_flow: parts.net ?? distributed - paidIn,
    transaction_id: parts.transaction,
    is_reversal: false,
  };
};

const reversed = (entry: DatedFlow): DatedFlow => ({
  ...entry,
  capital_call_amount: -entry.capital_call_amount,
  distribution_amount: -entry.distribution_amount,
  net_cash_flow: -entry.net_cash_flow,
  is_reversal: true,
});

const transactionFlows: Readonly<Record<FundTransactionType, { readonly type: CashFlowType; readonly sign: 1n | -1n } | null>> = {
  UNKNOWN: null,
  INTEREST_INCOME: { type: 'INCOME', sign: 1n },
  DIVIDEND_INCOME: { type: 'INCOME', sign: 1n },
  OTHER_INCOME: { type: 'INCOME', sign: 1n },
  // Owed, not paid: no cash moves.
  MANAGEMENT_FEE_ACCRUED: null,
  EXPENSE_ACCRUED: null,
  MANAGEMENT_FEE_PAID: { type: 'MANAGEMENT_FEE', sign: -1n },
  EXPENSE_PAID: { type: 'EXPENSE', sign: -1n },
  ORGANISATION_COST: { type: 'EXPENSE', sign: -1n },
  INTEREST_EXPENSE: { type: 'EXPENSE', sign: -1n },
};

const noticeFlows = (
  fund: Uuid,
  date: LocalDate,
  currency: string,
  transaction: Uuid,
  notices: readonly DistributionNotice[],
): readonly DatedFlow[] =>
  notices.flatMap(({ investor_id: investor, commitment_id: commitment, ...notice }) => {
    const whose = { fund, date, currency, transaction, investor, commitment };
    const received = flow({ ...whose, type: 'DISTRIBUTION', distributed: notice.gross_distribution - notice.carried_interest });
    // A fee kept back is received and paid in again at once.
    return notice.management_fee_offset === 0n
      ? [received]
      : [received, flow({ ...whose, type: 'MANAGEMENT_FEE', paidIn: notice.management_fee_offset })];
  });

/**
 * The flows of an event, in order; none for an event that moves no money. Flows with investors are seen from them (paid in is
 * negative), flows of the fund itself from the fund. Distributions count on their distribution date, gross of tax withheld and net
 * of carried interest. Changes the state in place.
 * @throws Error when the event contradicts the log before it (a defect).
 */
export const cashFlowsOf = (state: CashFlowState, event: AnyEvent): readonly DatedFlow[] => {
  switch (event.type) {
    case 'CapitalCallPaymentReceived':
    case 'CapitalCallPaymentReversed': {
      const { fund_id, payment_date, currency, payment_id, investor_id, commitment_id, investment_id, amount } = event.value;
      const paid = flow({
        fund: fund_id,
        date: payment_date,
        type: 'CAPITAL_CALL',
        currency,
        transaction: payment_id,
        investor: investor_id,
        commitment: commitment_id,
        investment: investment_id,
        paidIn: amount,
      });
      return [event.type === 'CapitalCallPaymentReceived' ? paid : reversed(paid)];
    }
    case 'DistributionDeclared':
    case 'DistributionNoticesDeclared': {
      const { fund_id, distribution_id, currency, notices } = event.value;
      const earlier = state.declared.get(distribution_id);
      const date = event.type === 'DistributionDeclared' ? event.value.distribution_date : earlier?.date;
      if (date === undefined) throw new Error(`notices of distribution ${distribution_id}, which no earlier event declared`);
      const flows = noticeFlows(fund_id, date, currency, distribution_id, notices);
      const carry =
        event.type === 'DistributionDeclared' && event.value.carried_interest !== 0n
          ? [
              flow({
                fund: fund_id,
                date,
                type: 'CARRIED_INTEREST',
                currency,
                transaction: distribution_id,
                net: -event.value.carried_interest,
              }),
            ]
          : [];
      const all = [...flows, ...carry];
      state.declared.set(distribution_id, { date, flows: [...(earlier?.flows ?? []), ...all] });
      return all;
    }
    case 'DistributionPaid':
      state.declared.delete(event.value.distribution_id);
      return [];
    case 'DistributionCancelled': {
      const { distribution_id } = event.value;
      const declared = state.declared.get(distribution_id);
      if (declared === undefined)
        throw new Error(`distribution ${distribution_id} is cancelled, which no earlier event declared`);
      state.declared.delete(distribution_id);
      return declared.flows.map(reversed);
    }
    case 'CarryClawedBack': {
      const { fund_id, clawback_date, currency, clawback_id, due, notices } = event.value;
      return [
        ...notices.map(({ investor_id, commitment_id, gross_distribution }) =>
          flow({
            fund: fund_id,
            date: clawback_date,
            type: 'CLAWBACK',
            currency,
            transaction: clawback_id,
            investor: investor_id,
            commitment: commitment_id,
            distributed: gross_distribution,
          }),
        ),
        flow({ fund: fund_id, date: clawback_date, type: 'CARRIED_INTEREST', currency, transaction: clawback_id, net: due }),
      ];
    }
    case 'CommitmentTransferred': {
      const { fund_id, currency, modification_id, paid_in_moved, distributed_moved, envelope, ...rest } = event.value;
      const moved = {
        fund: fund_id,
        date: envelope.effective_date,
        type: 'TRANSFER',
        currency,
        transaction: modification_id,
      } as const;
      return [
        flow({
          ...moved,
          investor: rest.investor_id,
          commitment: rest.commitment_id,
          paidIn: -paid_in_moved,
          distributed: -distributed_moved,
        }),
        flow({
          ...moved,
          investor: rest.to_investor_id,
          commitment: rest.to_commitment_id,
          paidIn: paid_in_moved,
          distributed: distributed_moved,
        }),
      ];
    }
    case 'InvestmentMade': {
      const { fund_id, investment_date, currency, transaction_id, investment_id, investment_amount } = event.value;
      return [
        flow({
          fund: fund_id,
          date: investment_date,
          type: 'INVESTMENT',
          currency,
          transaction: transaction_id,
          investment: investment_id,
          net: -investment_amount,
        }),
      ];
    }
    case 'InvestmentIncreased': {
      const { fund_id, envelope, currency, transaction_id, investment_id, amount } = event.value;
      return [
        flow({
          fund: fund_id,
          date: envelope.effective_date,
          type: 'INVESTMENT',
          currency,
          transaction: transaction_id,
          investment: investment_id,
          net: -amount,
        }),
      ];
    }
    case 'InvestmentRealised': {
      const { fund_id, envelope, currency, transaction_id, investment_id, proceeds } = event.value;
      if (proceeds === 0n) return [];
      return [
        flow({
          fund: fund_id,
          date: envelope.effective_date,
          type: 'REALISATION',
          currency,
          transaction: transaction_id,
          investment: investment_id,
          net: proceeds,
        }),
      ];
    }
    case 'FundTransactionRecorded':
    case 'FundTransactionReversed': {
      const { fund_id, envelope, currency, transaction_id, investment_id, transaction_type, amount } = event.value;
      const kind = transactionFlows[transaction_type];
      if (kind === null) return [];
      const moved = flow({
        fund: fund_id,
        date: envelope.effective_date,
        type: kind.type,
        currency,
        transaction: transaction_id,
        investment: investment_id,
        net: kind.sign * amount,
      });
      return [event.type === 'FundTransactionRecorded' ? moved : reversed(moved)];
    }
    default:
      return [];
  }
};
