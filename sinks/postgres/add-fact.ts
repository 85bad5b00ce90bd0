// Folds facts into a batch: the last one of each key is written.
import type { CapitalAccount, Performance } from '#domain/messages.ts';
import { putFact, type AccountWord, type Batch } from './batch.ts';
import {
  cashFlows,
  fundPerformance,
  hypotheticalLiquidations,
  journalEntries,
  navRolls,
  qualityFindings,
} from './fact-tables.ts';
import type { SinkFact } from './log-item.ts';
import {
  toDbCapitalAccount,
  toDbCashFlow,
  toDbJournalLines,
  toDbLiquidation,
  toDbLiveAccount,
  toDbNavRoll,
  toDbPerformance,
  toDbQualityFinding,
} from './mapping/facts.ts';
import type { AnyRow } from './table.ts';
import { unreachable } from './unreachable.ts';

/**
 * Whether a word on a capital account replaces another one; the statement of capital accounts says the same in SQL. Words on positions
 * taken over go by their place on the log, and a live fund has none after its first dated booking. Of dated words the latest date
 * counts, so that a correction of an earlier day does not replace the account of today; of one date the last word.
 */
const replaces = (next: AccountWord, former: AccountWord): boolean => {
  if (next.isDated && former.isDated)
    return next.asOf > former.asOf || (next.asOf === former.asOf && next.offset >= former.offset);
  return next.offset >= former.offset;
};

const putAccount = (batch: Batch, fact: CapitalAccount | Performance, isDated: boolean, row: AnyRow): void => {
  const key = `${fact.fund_id}|${fact.investor_id ?? ''}`;
  const word: AccountWord = { row, isDated, asOf: fact.as_of_date, offset: fact.position.offset };
  const former = batch.accounts.get(key);
  if (former === undefined || replaces(word, former)) batch.accounts.set(key, word);
  if (isDated) batch.countedFunds.add(fact.fund_id);
};

/** Adds a fact. */
export const addFact = (batch: Batch, fact: SinkFact): void => {
  switch (fact.type) {
    case 'CapitalAccount':
      return putAccount(batch, fact.value, false, toDbCapitalAccount(fact.value));
    case 'CashFlow':
      return putFact(batch, cashFlows, fact.value.cash_flow_id, toDbCashFlow(fact.value));
    case 'JournalEntry':
      for (const row of toDbJournalLines(fact.value))
        putFact(batch, journalEntries, `${fact.value.journal_entry_id}|${String(row.line_number)}`, row);
      return;
    case 'NavRoll': {
      const { fund_id, investor_id, as_of_date } = fact.value;
      return putFact(batch, navRolls, `${fund_id}|${investor_id ?? ''}|${as_of_date}`, toDbNavRoll(fact.value));
    }
    case 'Performance': {
      const { fund_id, investor_id, investment_id, as_of_date } = fact.value;
      const key = `${fund_id}|${investor_id ?? ''}|${investment_id ?? ''}|${as_of_date}`;
      putFact(batch, fundPerformance, key, toDbPerformance(fact.value));
      if (investment_id === null) putAccount(batch, fact.value, true, toDbLiveAccount(fact.value));
      return;
    }
    case 'HypotheticalLiquidation': {
      const { fund_id, as_of_date } = fact.value;
      return putFact(batch, hypotheticalLiquidations, `${fund_id}|${as_of_date}`, toDbLiquidation(fact.value));
    }
    case 'QualityFinding':
      return putFact(batch, qualityFindings, fact.value.finding_id, toDbQualityFinding(fact.value));
    default:
      unreachable(fact);
  }
};

/** The investor that a fact is about, if any. */
export const investorOfFact = ({ value }: SinkFact): string | null => ('investor_id' in value ? value.investor_id : null);
