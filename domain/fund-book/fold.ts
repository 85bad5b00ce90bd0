// Events become entries of the books. Shared by the processors that need dated figures and by the tie-out, so that all of them read
// the log alike.
import { toEpochDay } from '../dates/local-date.ts';
import type {
  AnyEvent,
  CapitalCallNotice,
  DistributionNotice,
  FundTransactionType,
  LocalDate,
  Minor,
  Uuid,
} from '../messages.ts';
import { adoptTerm } from '../waterfall/agreed-terms.ts';
import { waterfallKinds } from '../waterfall/recorded-kinds.ts';
import {
  addFactDay,
  type BookChange,
  bookOf,
  createBook,
  enter,
  type FundBook,
  type FundBooks,
  placeOf,
  takeOut,
} from './book.ts';
import type { PaidShare, ResultRow } from './entries.ts';

const resultRows: Readonly<Record<FundTransactionType, { readonly row: ResultRow; readonly sign: 1n | -1n } | null>> = {
  UNKNOWN: null,
  INTEREST_INCOME: { row: 'interest_income', sign: 1n },
  DIVIDEND_INCOME: { row: 'dividend_income', sign: 1n },
  OTHER_INCOME: { row: 'other_income', sign: 1n },
  MANAGEMENT_FEE_ACCRUED: { row: 'management_fees', sign: -1n },
  EXPENSE_ACCRUED: { row: 'expenses', sign: -1n },
  ORGANISATION_COST: { row: 'expenses', sign: -1n },
  INTEREST_EXPENSE: { row: 'interest_expense', sign: -1n },
  // What was accrued before is paid: cash against a liability, no result.
  MANAGEMENT_FEE_PAID: null,
  EXPENSE_PAID: null,
};

const live = (book: FundBook, date: LocalDate): BookChange => {
  book.isLive = true;
  const fromDay = toEpochDay(date);
  addFactDay(book, fromDay);
  return { book, fromDay };
};

const called = (book: FundBook, source: Uuid, date: LocalDate, notices: readonly CapitalCallNotice[]): void => {
  for (const notice of notices) {
    enter(book, {
      kind: 'called',
      day: toEpochDay(date),
      source,
      commitment: placeOf(book, notice.commitment_id),
      insideMinor: notice.call_amount - notice.outside_commitment,
      outsideMinor: notice.outside_commitment,
    });
  }
};

const sharesOf = (book: FundBook, notices: readonly DistributionNotice[]): readonly PaidShare[] =>
  notices.map((notice) => ({
    commitment: placeOf(book, notice.commitment_id),
    grossMinor: notice.gross_distribution,
    carriedMinor: notice.carried_interest,
    offsetMinor: notice.management_fee_offset,
    recallableMinor: notice.recallable_amount,
  }));

/** The header of a large booking waits for its chunks: entries are made of whole bookings only. */
const chunked = (book: FundBook, source: Uuid, notices: readonly DistributionNotice[]): BookChange => {
  const place = book.entries.findIndex((entry) => entry.source === source && entry.kind === 'distribution');
  const entry = book.entries[place];
  if (entry?.kind !== 'distribution') throw new Error(`chunk of distribution ${source}, which no earlier event declared`);
  book.entries[place] = { ...entry, shares: [...entry.shares, ...sharesOf(book, notices)] };
  book.tip = null;
  return { book, fromDay: entry.day };
};

const commitmentEntry = (book: FundBook, commitmentId: Uuid, date: LocalDate, deltaMinor: Minor, source: Uuid): void =>
  enter(book, { kind: 'commitment', day: toEpochDay(date), source, commitment: placeOf(book, commitmentId), deltaMinor });

/** A commitment changes figures only of funds whose figures follow from flows. */
const touched = (book: FundBook, date: LocalDate): readonly BookChange[] => (book.isLive ? [live(book, date)] : []);

/**
 * Folds an event into the books, in place, and says whose figures it changed from which day on.
 * @throws Error when the event contradicts the log before it (a defect).
 */
export const foldFundBooks = (books: FundBooks, event: AnyEvent): readonly BookChange[] => {
  switch (event.type) {
    case 'FundCreated':
      books.set(event.value.fund.fund_id, createBook(event.value.fund));
      return [];
    case 'FundUpdated': {
      const book = bookOf(books, event.value.fund.fund_id);
      book.card = event.value.fund;
      // Terms that stand on the card hold from their own dates on, its rates from the first day.
      const [first] = book.factDays;
      return book.isLive && first !== undefined ? [{ book, fromDay: first }] : [];
    }
    case 'CommitmentMade': {
      const { commitment_id, fund_id, investor_id, commitment_amount, commitment_date, commitment_type, envelope } = event.value;
      const book = bookOf(books, fund_id);
      book.places.set(commitment_id, book.commitments.length);
      book.commitments.push({ commitmentId: commitment_id, investorId: investor_id });
      book.tip = null;
      // A transfer brings its amount with the event of the transfer.
      if (commitment_type !== 'TRANSFER')
        commitmentEntry(book, commitment_id, commitment_date, commitment_amount, envelope.event_id);
      return touched(book, commitment_date);
    }
    case 'CommitmentAmountChanged': {
      const { commitment_id, fund_id, old_amount, new_amount, envelope } = event.value;
      const book = bookOf(books, fund_id);
      commitmentEntry(book, commitment_id, envelope.effective_date, new_amount - old_amount, envelope.event_id);
      return touched(book, envelope.effective_date);
    }
    case 'CommitmentCancelled': {
      const { commitment_id, fund_id, old_amount, envelope } = event.value;
      const book = bookOf(books, fund_id);
      commitmentEntry(book, commitment_id, envelope.effective_date, -old_amount, envelope.event_id);
      return touched(book, envelope.effective_date);
    }
    case 'CommitmentTransferred': {
      const value = event.value;
      const book = bookOf(books, value.fund_id);
      enter(book, {
        kind: 'transfer',
        day: toEpochDay(value.envelope.effective_date),
        source: value.envelope.event_id,
        from: placeOf(book, value.commitment_id),
        to: placeOf(book, value.to_commitment_id),
        movedMinor: value.transferred_amount,
        ofMinor: value.old_amount,
        calledInsideMinor: value.called_inside_moved,
        calledOutsideMinor: value.called_outside_moved,
        paidInMinor: value.paid_in_moved,
        distributedMinor: value.distributed_moved,
        recallableMinor: value.recallable_moved,
      });
      return touched(book, value.envelope.effective_date);
    }
    case 'FundTermAdopted': {
      const { fund_id, term, investor_id, terms_version } = event.value;
      const book = bookOf(books, fund_id);
      book.terms = adoptTerm(book.terms, { term, investorId: investor_id, version: terms_version });
      return touched(book, term.effective_date);
    }
    case 'OpeningBalanceRecorded': {
      const { fund_id, commitment_id, called_amount, distributed_amount, remaining_value, envelope } = event.value;
      const book = bookOf(books, fund_id);
      enter(book, {
        kind: 'opening',
        day: toEpochDay(envelope.effective_date),
        source: envelope.event_id,
        commitment: placeOf(book, commitment_id),
        calledMinor: called_amount ?? 0n,
        distributedMinor: distributed_amount ?? 0n,
        remainingMinor: remaining_value ?? 0n,
      });
      return touched(book, envelope.effective_date);
    }
    case 'CapitalCallIssued': {
      const { call_id, fund_id, call_date, due_date, investment_id, notices } = event.value;
      const book = bookOf(books, fund_id);
      book.calls.set(call_id, { deal: investment_id, dueDay: toEpochDay(due_date) });
      called(book, call_id, call_date, notices);
      return [live(book, call_date)];
    }
    case 'CapitalCallNoticesIssued': {
      const { call_id, fund_id, notices, envelope } = event.value;
      const book = bookOf(books, fund_id);
      called(book, call_id, envelope.effective_date, notices);
      return [live(book, envelope.effective_date)];
    }
    case 'CapitalCallCancelled': {
      const { call_id, fund_id, was_issued } = event.value;
      const book = bookOf(books, fund_id);
      const fromDay = was_issued ? takeOut(book, call_id, 'called') : null;
      return fromDay === null ? [] : [{ book, fromDay }];
    }
    case 'CapitalCallPaymentReceived': {
      const value = event.value;
      const book = bookOf(books, value.fund_id);
      const call = book.calls.get(value.call_id);
      enter(book, {
        kind: 'contribution',
        day: toEpochDay(value.payment_date),
        source: value.payment_id,
        commitment: placeOf(book, value.commitment_id),
        investmentMinor: value.investment_portion,
        feeMinor: value.management_fee_portion,
        expenseMinor: value.expenses_portion,
        deal: call?.deal ?? null,
        dueDay: call?.dueDay ?? null,
      });
      return [live(book, value.payment_date)];
    }
    case 'CapitalCallPaymentReversed': {
      const book = bookOf(books, event.value.fund_id);
      const fromDay = takeOut(book, event.value.payment_id);
      if (fromDay === null) throw new Error(`payment ${event.value.payment_id} is reversed, which no earlier event received`);
      return [{ book, fromDay }];
    }
    case 'InvestmentMade': {
      const { investment_id, fund_id, investment_date, investment_amount, transaction_id } = event.value;
      const book = bookOf(books, fund_id);
      enter(book, {
        kind: 'cost',
        day: toEpochDay(investment_date),
        source: transaction_id,
        deal: investment_id,
        minor: investment_amount,
      });
      return [live(book, investment_date)];
    }
    case 'InvestmentIncreased': {
      const { investment_id, fund_id, amount, transaction_id, envelope } = event.value;
      const book = bookOf(books, fund_id);
      enter(book, {
        kind: 'cost',
        day: toEpochDay(envelope.effective_date),
        source: transaction_id,
        deal: investment_id,
        minor: amount,
      });
      return [live(book, envelope.effective_date)];
    }
    case 'InvestmentValued': {
      const { investment_id, fund_id, fair_value, valuation_id, envelope } = event.value;
      const book = bookOf(books, fund_id);
      enter(book, {
        kind: 'value',
        day: toEpochDay(envelope.effective_date),
        source: valuation_id,
        deal: investment_id,
        fairMinor: fair_value,
      });
      return [live(book, envelope.effective_date)];
    }
    case 'InvestmentRealised': {
      const { investment_id, fund_id, proceeds, cost_realised, remaining_fair_value, transaction_id, envelope } = event.value;
      const book = bookOf(books, fund_id);
      enter(book, {
        kind: 'realisation',
        day: toEpochDay(envelope.effective_date),
        source: transaction_id,
        deal: investment_id,
        proceedsMinor: proceeds,
        costMinor: cost_realised,
        leftFairMinor: remaining_fair_value,
        isWriteOff: false,
      });
      return [live(book, envelope.effective_date)];
    }
    case 'InvestmentWrittenOff': {
      const { investment_id, fund_id, cost_written_off, remaining_fair_value, transaction_id, envelope } = event.value;
      const book = bookOf(books, fund_id);
      enter(book, {
        kind: 'realisation',
        day: toEpochDay(envelope.effective_date),
        source: transaction_id,
        deal: investment_id,
        proceedsMinor: 0n,
        costMinor: cost_written_off,
        leftFairMinor: remaining_fair_value,
        isWriteOff: true,
      });
      return [live(book, envelope.effective_date)];
    }
    case 'FundTransactionRecorded': {
      const { transaction_id, fund_id, transaction_type, amount, investment_id, envelope } = event.value;
      const book = bookOf(books, fund_id);
      const result = resultRows[transaction_type];
      if (result !== null)
        enter(book, {
          kind: 'result',
          day: toEpochDay(envelope.effective_date),
          source: transaction_id,
          row: result.row,
          minor: result.sign * amount,
          deal: investment_id,
        });
      return [live(book, envelope.effective_date)];
    }
    case 'FundTransactionReversed': {
      const { transaction_id, fund_id } = event.value;
      const book = bookOf(books, fund_id);
      const fromDay = takeOut(book, transaction_id, 'result');
      return fromDay === null ? [] : [{ book, fromDay }];
    }
    case 'DistributionDeclared': {
      const { distribution_id, fund_id, distribution_date, distribution_kind, investment_id, notices } = event.value;
      const book = bookOf(books, fund_id);
      enter(book, {
        kind: 'distribution',
        day: toEpochDay(distribution_date),
        source: distribution_id,
        deal: investment_id,
        type: waterfallKinds[distribution_kind],
        shares: sharesOf(book, notices),
      });
      return [live(book, distribution_date)];
    }
    case 'DistributionNoticesDeclared':
      return [chunked(bookOf(books, event.value.fund_id), event.value.distribution_id, event.value.notices)];
    case 'DistributionCancelled': {
      const book = bookOf(books, event.value.fund_id);
      const fromDay = takeOut(book, event.value.distribution_id, 'distribution');
      return fromDay === null ? [] : [{ book, fromDay }];
    }
    case 'CarryClawedBack': {
      const { clawback_id, fund_id, clawback_date, notices } = event.value;
      const book = bookOf(books, fund_id);
      enter(book, { kind: 'clawback', day: toEpochDay(clawback_date), source: clawback_id, shares: sharesOf(book, notices) });
      return [live(book, clawback_date)];
    }
    default:
      return [];
  }
};
