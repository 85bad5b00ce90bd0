// What the journal has to remember of earlier events to post the next one.
import type { DistributionNotice, LocalDate, Uuid } from '../messages.ts';
import type { InvestmentHistory } from './investment-history.ts';

/** Changed in place by `post`. */
export interface JournalState {
  /** Cost and value of every investment, for the change of a valuation against the former one. */
  readonly investments: Map<Uuid, InvestmentHistory>;
  /** Declared distributions, in case that they are cancelled; forgotten when they are paid. */
  readonly declared: Map<Uuid, { readonly date: LocalDate; readonly notices: readonly DistributionNotice[] }>;
}

/** The journal before the first event. */
export const emptyJournal = (): JournalState => ({ investments: new Map(), declared: new Map() });
