// Folds the events and facts of one transaction into rows: at most one insert and one update per row, whatever the order of events
// within the batch, so that the content of the tables does not depend on where batches begin and end.
import type { AnyEvent, CapitalAccount, FundCard } from '#domain/messages.ts';
import { SinkError } from './errors.ts';
import { noteFormer, type OpenFormer } from './former-values.ts';
import { toDbAuditEntry } from './mapping/audit-trail.ts';
import { toDbCommitment, toDbOpeningBalance, toDbValuation } from './mapping/commitments.ts';
import { toDbEvent, type LogPlace } from './mapping/event-store.ts';
import { toDbFindings } from './mapping/findings.ts';
import { toDbFund, toDbFundChange, toDbFundTerm } from './mapping/funds.ts';
import { toDbBankAccount, toDbInvestor, toDbInvestorChange } from './mapping/investors.ts';
import { sqlInstant, type SqlValue } from './sql-values.ts';
import type {
  auditTrail,
  commitments,
  eventStore,
  findings,
  fundTerms,
  funds,
  investorBanking,
  investors,
  openingBalances,
  RowOf,
  valuations,
} from './tables.ts';
import type { RowPatch } from './statements.ts';
import { unreachable } from './unreachable.ts';

/** Rows of a table of cards: new ones, and changes of those that stand in the database. */
export interface CardChanges<Row> {
  readonly inserts: Map<string, Row>;
  readonly patches: Map<string, RowPatch>;
}

interface TermChange {
  readonly row: RowOf<typeof fundTerms>;
  /** The term was not stated by the event before: a row of this id that stands in the database is an older one. */
  readonly fresh: boolean;
}

/** Everything that one transaction writes. */
export interface Batch {
  readonly events: RowOf<typeof eventStore>[];
  readonly audit: RowOf<typeof auditTrail>[];
  /** Former values that the database holds. */
  readonly openFormer: OpenFormer[];
  readonly findings: RowOf<typeof findings>[];
  readonly funds: CardChanges<RowOf<typeof funds>>;
  /** All terms of each fund whose card was stated, by term id. */
  readonly terms: Map<string, ReadonlyMap<string, TermChange>>;
  readonly investors: CardChanges<RowOf<typeof investors>>;
  readonly banking: RowOf<typeof investorBanking>[];
  readonly commitments: CardChanges<RowOf<typeof commitments>>;
  readonly openingBalances: RowOf<typeof openingBalances>[];
  readonly valuations: RowOf<typeof valuations>[];
  /** The last fact of each account, by fund and investor. */
  readonly capitalAccounts: Map<string, CapitalAccount>;
}

const cardChanges = <Row>(): CardChanges<Row> => ({ inserts: new Map<string, Row>(), patches: new Map<string, RowPatch>() });

/** A batch with nothing in it. */
export const emptyBatch = (): Batch => ({
  events: [],
  audit: [],
  openFormer: [],
  findings: [],
  funds: cardChanges(),
  terms: new Map(),
  investors: cardChanges(),
  banking: [],
  commitments: cardChanges(),
  openingBalances: [],
  valuations: [],
  capitalAccounts: new Map(),
});

interface Change {
  readonly id: string;
  readonly event: AnyEvent;
  readonly set?: Readonly<Record<string, SqlValue>>;
}

const insertCard = <Row>(cards: CardChanges<Row>, { id, event }: Change, row: Row): void => {
  if (cards.inserts.has(id) || cards.patches.has(id)) {
    throw new SinkError(
      'event-conflict',
      `${event.type} ${event.value.envelope.event_id}: ${id} exists already; the log is not what a ledger writes`,
    );
  }
  cards.inserts.set(id, row);
};

/** Versions run 1, 2, … without gaps: a change builds on the version before its own, in the batch or in the database. */
const patchCard = <Row extends { readonly version: SqlValue }>(cards: CardChanges<Row>, { id, event, set }: Change): void => {
  const { event_version: version, recorded_at, event_id } = event.value.envelope;
  const change = { ...set, updated_at: sqlInstant(recorded_at), version };
  const inserted = cards.inserts.get(id);
  const patch = cards.patches.get(id);
  const before = inserted?.version ?? patch?.set['version'] ?? version - 1;
  if (before !== version - 1) {
    throw new SinkError(
      'event-conflict',
      `${event.type} ${event_id}: version ${version} of ${id} follows version ${String(before)}; versions have no gaps`,
    );
  }
  if (inserted !== undefined) cards.inserts.set(id, { ...inserted, ...change });
  else cards.patches.set(id, { expectedVersion: patch?.expectedVersion ?? version - 1, set: { ...patch?.set, ...change } });
};

/** A card states all terms anew. A term keeps its creation while it is stated without a break. */
const stateTerms = (batch: Batch, fund: FundCard, statedAt: string): void => {
  const before = batch.terms.get(fund.fund_id);
  const next = new Map<string, TermChange>();
  for (const term of fund.terms) {
    const known = before?.get(term.term_id);
    const createdAt = known === undefined ? statedAt : String(known.row.created_at);
    next.set(term.term_id, { row: toDbFundTerm(fund.fund_id, term, createdAt), fresh: known?.fresh ?? before !== undefined });
  }
  batch.terms.set(fund.fund_id, next);
};

/** Adds an event that stands at `place` on the log. @throws SinkError `event-conflict` or `undecodable`. */
export const addEvent = (batch: Batch, event: AnyEvent, place: LogPlace): void => {
  batch.events.push(toDbEvent(event, place));
  batch.audit.push(toDbAuditEntry(event));
  noteFormer(batch, event);
  batch.findings.push(...toDbFindings(event));
  const { envelope } = event.value;
  switch (event.type) {
    case 'FundCreated':
      insertCard(batch.funds, { id: event.value.fund.fund_id, event }, toDbFund(event.value.fund, envelope));
      stateTerms(batch, event.value.fund, sqlInstant(envelope.recorded_at));
      return;
    case 'FundUpdated':
      patchCard(batch.funds, { id: event.value.fund.fund_id, event, set: toDbFundChange(event.value.fund) });
      stateTerms(batch, event.value.fund, sqlInstant(envelope.recorded_at));
      return;
    case 'FundClosed':
      patchCard(batch.funds, {
        id: event.value.fund_id,
        event,
        set: { fund_status: 'CLOSED', final_close_date: event.value.final_close_date },
      });
      return;
    case 'InvestorCreated':
      insertCard(batch.investors, { id: event.value.investor.investor_id, event }, toDbInvestor(event.value.investor, envelope));
      return;
    case 'InvestorUpdated':
      patchCard(batch.investors, { id: event.value.investor.investor_id, event, set: toDbInvestorChange(event.value.investor) });
      return;
    case 'KycDecisionRecorded': {
      const { kyc_status, kyc_date, kyc_source } = event.value;
      patchCard(batch.investors, { id: event.value.investor_id, event, set: { kyc_status, kyc_date, kyc_source } });
      return;
    }
    case 'BankAccountAdded':
      batch.banking.push(toDbBankAccount(event.value.investor_id, event.value.account, envelope));
      patchCard(batch.investors, { id: event.value.investor_id, event });
      return;
    case 'CommitmentMade':
      insertCard(batch.commitments, { id: event.value.commitment_id, event }, toDbCommitment(event.value));
      return;
    case 'OpeningBalanceRecorded':
      batch.openingBalances.push(toDbOpeningBalance(event.value));
      patchCard(batch.commitments, { id: event.value.commitment_id, event });
      return;
    case 'ValuationRecorded':
      batch.valuations.push(toDbValuation(event.value));
      patchCard(batch.commitments, { id: event.value.commitment_id, event });
      return;
    case 'CommandRejected':
      return;
    default:
      unreachable(event);
  }
};

/** Adds a fact; the later one of an account replaces the earlier one. */
export const addCapitalAccount = (batch: Batch, fact: CapitalAccount): void => {
  batch.capitalAccounts.set(`${fact.fund_id}|${fact.investor_id ?? ''}`, fact);
};
