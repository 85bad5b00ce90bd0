// What the ledger knows of one partition: funds with all that is inside them, and the investors whose key lives here.
import type { CommitmentStatus, FundCard, InvestorCard, LocalDate, Minor, Uuid } from '../messages.ts';

export interface FundState {
  card: FundCard;
  /** event_version of the fund. */
  version: number;
  /** Sum of the active commitments, against which the capacity is checked. */
  committed: Minor;
  commitments: number;
}

export interface InvestorState {
  card: InvestorCard;
  version: number;
  readonly bankAccounts: Set<Uuid>;
}

export interface CommitmentState {
  readonly fundId: Uuid;
  readonly investorId: Uuid;
  readonly amount: Minor;
  readonly currency: string;
  readonly commitmentDate: LocalDate;
  readonly status: CommitmentStatus;
  version: number;
  /** Effective date of the opening balance, null when the position began here. */
  openedOn: LocalDate | null;
}

/** State of the ledger of a partition. `evolve` changes it in place; `decide` only reads it. */
export interface LedgerState {
  readonly funds: Map<Uuid, FundState>;
  readonly investors: Map<Uuid, InvestorState>;
  readonly commitments: Map<Uuid, CommitmentState>;
}

/** The ledger before the first event. */
export const emptyLedger = (): LedgerState => ({ funds: new Map(), investors: new Map(), commitments: new Map() });

/** What another partition tells about an investor: its card and the version that the decision then depends on. */
export interface InvestorView {
  readonly card: InvestorCard;
  readonly version: number;
}

/** Looks an investor up, wherever its partition is; null when there is none. */
export type InvestorLookup = (investorId: Uuid) => InvestorView | null;
