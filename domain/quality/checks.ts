// Continuous checks of the data on the stream of events: each event is followed by the checks of what it touched. They trust neither
// the ledger's decisions nor its sums: everything is added up again from the events.
import { type FundBooks } from '../fund-book/book.ts';
import { foldFundBooks } from '../fund-book/fold.ts';
import { closingOf, emptyRun, runTo } from '../fund-book/run.ts';
import { addPosting } from '../journal/balances.ts';
import { emptyJournal, type JournalState } from '../journal/journal-state.ts';
import { post } from '../journal/post.ts';
import type { AnyEvent, CapitalCallNotice, DistributionNotice, Minor, Uuid } from '../messages.ts';
import { formatMoney } from '../money/money.ts';
import type { CheckName, CheckResult } from './check.ts';

/** Commitments may exceed the size of the fund by 5 % before it is a finding (spec 7.3). */
const sizeTolerance = { numerator: 105n, denominator: 100n };

interface Reconciled {
  readonly expected: Minor;
  sum: Minor;
  notices: number;
  readonly noticeCount: number;
}

interface FundQuality {
  size: Minor | null;
  committed: Minor;
  openings: Minor;
  readonly balances: Map<string, Minor>;
  readonly calls: Map<Uuid, Reconciled>;
  readonly distributions: Map<Uuid, Reconciled>;
  /** Ids that events of the fund may name. */
  readonly known: Set<Uuid>;
  /** Fingerprints of bookings with the first subject of each. */
  readonly seen: Map<string, Uuid>;
}

export interface QualityState {
  readonly books: FundBooks;
  readonly journal: JournalState;
  readonly funds: Map<Uuid, FundQuality>;
}

export const emptyQuality = (): QualityState => ({ books: new Map(), journal: emptyJournal(), funds: new Map() });

const emptyFund = (size: Minor | null): FundQuality => ({
  size,
  committed: 0n,
  openings: 0n,
  balances: new Map(),
  calls: new Map(),
  distributions: new Map(),
  known: new Set(),
  seen: new Map(),
});

const compare = (
  check: CheckName,
  fundId: Uuid,
  subjectId: Uuid,
  { expected, actual, what }: { readonly expected: Minor; readonly actual: Minor; readonly what: string },
): CheckResult => ({
  check,
  fundId,
  subjectId,
  severity: 'ERROR',
  holds: expected === actual,
  message: expected === actual ? `${what} ties` : `${what}: ${formatMoney(actual)} instead of ${formatMoney(expected)}`,
  expected: formatMoney(expected),
  actual: formatMoney(actual),
});

const commitmentConsistency = (fundId: Uuid, { size, committed }: FundQuality): readonly CheckResult[] => {
  if (size === null) return [];
  const limit = (size * sizeTolerance.numerator) / sizeTolerance.denominator;
  const holds = committed <= limit;
  return [
    {
      check: 'COMMITMENT_CONSISTENCY',
      fundId,
      subjectId: fundId,
      severity: 'ERROR',
      holds,
      message: holds ? 'commitments are within the size of the fund' : 'commitments exceed the size of the fund by more than 5 %',
      expected: formatMoney(size),
      actual: formatMoney(committed),
    },
  ];
};

const orphan = (
  fundId: Uuid,
  subjectId: Uuid,
  fund: FundQuality | undefined,
  named: Uuid,
  what: string,
): readonly CheckResult[] =>
  fund?.known.has(named) === true
    ? []
    : [
        {
          check: 'ORPHANED_RECORDS',
          fundId,
          subjectId,
          severity: 'ERROR',
          holds: false,
          message: `${what} ${named} is not known in fund ${fundId}`,
          expected: named,
          actual: null,
        },
      ];

const duplicate = (
  fundId: Uuid,
  fund: FundQuality,
  subjectId: Uuid,
  what: string,
  parts: readonly unknown[],
): readonly CheckResult[] => {
  const fingerprint = [what, ...parts].join('|');
  const first = fund.seen.get(fingerprint);
  if (first === undefined) {
    fund.seen.set(fingerprint, subjectId);
    return [];
  }
  return [
    {
      check: 'DUPLICATE_RECORDS',
      fundId,
      subjectId,
      severity: 'WARNING',
      holds: false,
      message: `${what} ${subjectId} says the same as ${first}`,
      expected: null,
      actual: first,
    },
  ];
};

/** What was taken back may be booked anew. */
const forget = (fund: FundQuality, subjectId: Uuid): void => {
  for (const [fingerprint, first] of fund.seen) if (first === subjectId) fund.seen.delete(fingerprint);
};

const callNotices = (
  fundId: Uuid,
  fund: FundQuality,
  callId: Uuid,
  notices: readonly CapitalCallNotice[],
): readonly CheckResult[] => {
  const call = fund.calls.get(callId);
  if (call === undefined) return orphan(fundId, callId, fund, callId, 'capital call');
  const orphans = notices.flatMap((notice) => {
    call.sum += notice.call_amount;
    call.notices += 1;
    fund.known.add(notice.notice_id);
    return orphan(fundId, notice.notice_id, fund, notice.commitment_id, 'commitment');
  });
  if (call.notices < call.noticeCount) return orphans;
  return [
    ...orphans,
    compare('CAPITAL_CALL_RECONCILIATION', fundId, callId, {
      expected: call.expected,
      actual: call.sum,
      what: 'sum of the notices of the call',
    }),
  ];
};

const distributionNotices = (
  fundId: Uuid,
  fund: FundQuality,
  distributionId: Uuid,
  notices: readonly DistributionNotice[],
): readonly CheckResult[] => {
  const distribution = fund.distributions.get(distributionId);
  if (distribution === undefined) return orphan(fundId, distributionId, fund, distributionId, 'distribution');
  const parts = notices.flatMap((notice) => {
    distribution.sum += notice.gross_distribution;
    distribution.notices += 1;
    const { gross_distribution, carried_interest, management_fee_offset, tax_withholding, net_distribution } = notice;
    const net = compare('DISTRIBUTION_RECONCILIATION', fundId, notice.notice_id, {
      expected: gross_distribution - carried_interest - management_fee_offset - tax_withholding,
      actual: net_distribution,
      what: 'net of the notice',
    });
    return [...orphan(fundId, notice.notice_id, fund, notice.commitment_id, 'commitment'), ...(net.holds ? [] : [net])];
  });
  if (distribution.notices < distribution.noticeCount) return parts;
  return [
    ...parts,
    compare('DISTRIBUTION_RECONCILIATION', fundId, distributionId, {
      expected: distribution.expected,
      actual: distribution.sum,
      what: 'gross of all notices of the distribution',
    }),
  ];
};

/** NAV out of the journal (assets less liabilities) against NAV out of the accounts of the investors: two ways, one figure. */
const navRoll = (state: QualityState, fundId: Uuid, fund: FundQuality): readonly CheckResult[] => {
  const book = state.books.get(fundId);
  const last = book?.entries.at(-1);
  if (book === undefined || last === undefined) return [];
  const run = book.tip ?? emptyRun(book);
  runTo(book, run, last.day);
  book.tip = run;
  const accounts = run.commitments.reduce((sum, { rows }) => sum + closingOf(rows), closingOf(run.unshared));
  let journal = fund.openings;
  for (const [account, balance] of fund.balances) if (account < '3') journal += balance;
  return [
    compare('NAV_ROLL', fundId, fundId, {
      expected: journal,
      actual: accounts,
      what: 'sum of the capital accounts against the journal',
    }),
  ];
};

const fundIdOf = (event: AnyEvent): Uuid | null =>
  event.type === 'FundCreated' || event.type === 'FundUpdated'
    ? event.value.fund.fund_id
    : 'fund_id' in event.value
      ? event.value.fund_id
      : null;

/** Checks by event, before the sums that every booking of a live fund is followed by. */
const checksOf = (fundId: Uuid, fund: FundQuality, event: AnyEvent): readonly CheckResult[] => {
  switch (event.type) {
    case 'FundUpdated':
      fund.size = event.value.fund.fund_size;
      return commitmentConsistency(fundId, fund);
    case 'CommitmentMade': {
      const { commitment_id, investor_id, commitment_amount, commitment_date, commitment_type } = event.value;
      fund.known.add(commitment_id);
      if (commitment_type === 'TRANSFER') return [];
      fund.committed += commitment_amount;
      return [
        ...commitmentConsistency(fundId, fund),
        ...duplicate(fundId, fund, commitment_id, 'commitment', [investor_id, commitment_amount, commitment_date]),
      ];
    }
    case 'CommitmentAmountChanged':
      fund.committed += event.value.new_amount - event.value.old_amount;
      return commitmentConsistency(fundId, fund);
    case 'CommitmentCancelled':
      fund.committed -= event.value.old_amount;
      return commitmentConsistency(fundId, fund);
    case 'OpeningBalanceRecorded':
      fund.openings += event.value.remaining_value ?? 0n;
      return orphan(fundId, event.value.envelope.event_id, fund, event.value.commitment_id, 'commitment');
    case 'CapitalCallIssued': {
      const { call_id, total_call_amount, notice_count, notices } = event.value;
      fund.known.add(call_id);
      fund.calls.set(call_id, { expected: total_call_amount, sum: 0n, notices: 0, noticeCount: notice_count });
      return callNotices(fundId, fund, call_id, notices);
    }
    case 'CapitalCallNoticesIssued':
      return callNotices(fundId, fund, event.value.call_id, event.value.notices);
    case 'CapitalCallPaymentReceived': {
      const { payment_id, notice_id, amount, payment_date, bank_reference } = event.value;
      return [
        ...orphan(fundId, payment_id, fund, notice_id, 'notice'),
        ...(bank_reference === null
          ? []
          : duplicate(fundId, fund, payment_id, 'payment', [notice_id, amount, payment_date, bank_reference])),
      ];
    }
    case 'CapitalCallPaymentReversed':
      forget(fund, event.value.payment_id);
      return [];
    case 'FundTransactionReversed':
      forget(fund, event.value.transaction_id);
      return [];
    case 'InvestmentMade': {
      const { investment_id, portfolio_company, investment_date, investment_amount } = event.value;
      fund.known.add(investment_id);
      return duplicate(fundId, fund, investment_id, 'investment', [portfolio_company, investment_date, investment_amount]);
    }
    case 'InvestmentIncreased':
    case 'InvestmentValued':
    case 'InvestmentRealised':
    case 'InvestmentWrittenOff':
      return orphan(fundId, event.value.envelope.event_id, fund, event.value.investment_id, 'investment');
    case 'FundTransactionRecorded': {
      const { transaction_id, transaction_type, amount, counterparty, investment_id, envelope } = event.value;
      return counterparty === null
        ? []
        : duplicate(fundId, fund, transaction_id, 'transaction', [
            transaction_type,
            amount,
            counterparty,
            investment_id,
            envelope.effective_date,
          ]);
    }
    case 'DistributionDeclared': {
      const { distribution_id, total_distribution_amount, notice_count, notices } = event.value;
      fund.known.add(distribution_id);
      fund.distributions.set(distribution_id, {
        expected: total_distribution_amount,
        sum: 0n,
        notices: 0,
        noticeCount: notice_count,
      });
      return distributionNotices(fundId, fund, distribution_id, notices);
    }
    case 'DistributionNoticesDeclared':
      return distributionNotices(fundId, fund, event.value.distribution_id, event.value.notices);
    default:
      return [];
  }
};

/**
 * Folds an event into the state, in place, and gives the checks that followed it, those that hold included: a finding is resolved
 * when its check holds again.
 */
export const foldQuality = (state: QualityState, event: AnyEvent): readonly CheckResult[] => {
  const fundId = fundIdOf(event);
  if (fundId === null) return [];
  if (event.type === 'FundCreated') state.funds.set(fundId, emptyFund(event.value.fund.fund_size));
  const fund = state.funds.get(fundId);
  if (fund === undefined) return [];
  const changes = foldFundBooks(state.books, event);
  const postings = post(state.journal, event);
  for (const posting of postings) addPosting(fund.balances, posting);
  const checks = checksOf(fundId, fund, event);
  return changes.length === 0 && postings.length === 0 ? checks : [...checks, ...navRoll(state, fundId, fund)];
};
