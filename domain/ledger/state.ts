// What the ledger knows of one partition: funds with all that is inside them, the investors and the reference data whose key
// lives here, and the business date. Amounts are hundredths of the fund's currency.
import { emptyJournal, type JournalState } from '../journal/journal-state.ts';
import type {
  CallAllocationBasis,
  CallNoticeStatus,
  CapitalCallStatus,
  ChartAccount,
  CommitmentStatus,
  DistributionKind,
  DistributionNotice,
  DistributionStatus,
  FundCard,
  FundTransactionType,
  InvestmentStatus,
  InvestorCard,
  LocalDate,
  Minor,
  Uuid,
} from '../messages.ts';
import type { AgreedTerms } from '../waterfall/agreed-terms.ts';
import type { Purpose } from '../waterfall/flows.ts';
import type { TiersMinor } from '../waterfall/tier-amounts.ts';

export interface FundState {
  card: FundCard;
  /** event_version of the fund. */
  version: number;
  /** Sum of the active commitments, against which the capacity is checked. */
  committed: Minor;
  /** Commitments that ever were, in the order of the log. */
  readonly commitments: Uuid[];
  /** Events of the fund, rejections aside: names the state that a preview was decided on. */
  events: number;
  /** What a fund has that does more than hold positions taken over; null until then. */
  life: FundLife | null;
}

/** The life of a fund from its first term or call on. */
export interface FundLife {
  terms: AgreedTerms;
  readonly calls: Uuid[];
  readonly distributions: Uuid[];
  readonly investments: Uuid[];
  readonly transactions: Map<Uuid, TransactionState>;
  /** Ids of valuations, modifications and the like that were used in the fund. */
  readonly usedIds: Set<Uuid>;
  /** Debits less credits by account code. */
  readonly balances: Map<string, Minor>;
  readonly clawbacks: ClawbackState[];
}

export interface ClawbackState {
  readonly due: Minor;
  readonly fromEscrow: Minor;
  readonly released: Minor;
}

export interface TransactionState {
  readonly type: FundTransactionType;
  readonly amount: Minor;
  readonly investmentId: Uuid | null;
  readonly counterparty: string | null;
  readonly effectiveDate: LocalDate;
  isReversed: boolean;
}

export interface InvestorState {
  card: InvestorCard;
  version: number;
  readonly bankAccounts: Set<Uuid>;
}

export interface CommitmentState {
  readonly fundId: Uuid;
  readonly investorId: Uuid;
  amount: Minor;
  readonly currency: string;
  readonly commitmentDate: LocalDate;
  status: CommitmentStatus;
  version: number;
  /** Effective date of the opening balance, null when the position began here. */
  openedOn: LocalDate | null;
  /** Called up to then; 0 when unknown. */
  openedCalled: Minor;
  /** Distributed up to then; 0 when unknown. */
  openedDistributed: Minor;
  /** What was called, paid and distributed; null until the first of it. */
  account: CommitmentAccount | null;
}

export interface CommitmentAccount {
  calledInside: Minor;
  calledOutside: Minor;
  paidIn: Minor;
  /** Gross less carried interest. */
  distributed: Minor;
  recallable: Minor;
  /** Exact parts of a cent carried to the next allocation, fractions n/d. */
  residuals: Residuals;
  /** Payments by purpose, as the waterfall counts them. */
  contributions: DatedContribution[];
  /** Received from distributions, as the waterfall counts it. */
  receipts: DatedReceipt[];
  /** Notices of issued calls that are not paid. */
  openNotices: number;
}

export interface Residuals {
  investment: string;
  managementFee: string;
  expenses: string;
  distribution: string;
}

export interface DatedContribution {
  /** The payment, or null for a position that was taken over. */
  readonly paymentId: Uuid | null;
  readonly day: number;
  readonly minor: Minor;
  readonly purpose: Purpose;
  readonly deal: Uuid | null;
  readonly dueDay: number | null;
}

export interface DatedReceipt {
  /** Null for a position that was taken over. */
  readonly distributionId: Uuid | null;
  readonly day: number;
  readonly gross: Minor;
  readonly carry: Minor;
}

export interface CallState {
  readonly fundId: Uuid;
  readonly number: number;
  version: number;
  status: CapitalCallStatus;
  readonly callDate: LocalDate;
  readonly dueDate: LocalDate;
  readonly purpose: string;
  readonly investment: Minor;
  readonly managementFee: Minor;
  readonly expenses: Minor;
  readonly managementFeeInside: boolean;
  readonly expensesInside: boolean;
  readonly basis: CallAllocationBasis;
  readonly excused: readonly Uuid[];
  readonly investmentId: Uuid | null;
  readonly notices: Map<Uuid, NoticeState>;
  paid: Minor;
}

export interface NoticeState {
  readonly commitmentId: Uuid;
  /** What is due by purpose. */
  readonly due: Portions;
  readonly outside: Minor;
  /** What is paid by purpose. */
  paid: Portions;
  status: CallNoticeStatus;
  payments: readonly PaymentState[];
}

export interface Portions {
  readonly investment: Minor;
  readonly managementFee: Minor;
  readonly expenses: Minor;
}

export interface PaymentState {
  readonly id: Uuid;
  readonly portions: Portions;
  readonly date: LocalDate;
  readonly bankReference: string | null;
  /** Version of the call after it. */
  readonly version: number;
  readonly isReversed: boolean;
}

export interface DistributionState {
  readonly fundId: Uuid;
  readonly number: number;
  version: number;
  status: DistributionStatus;
  readonly date: LocalDate;
  readonly kind: DistributionKind;
  readonly investmentId: Uuid | null;
  readonly total: Minor;
  readonly net: Minor;
  readonly carry: Minor;
  readonly withholding: Minor;
  readonly offset: Minor;
  /** By partner; one entry named '' when the fund has one waterfall. */
  readonly tiers: ReadonlyMap<string, TiersMinor>;
  notices: DistributionNotice[];
}

export interface InvestmentState {
  readonly fundId: Uuid;
  version: number;
  status: InvestmentStatus;
}

/** LedgerState of reference data: what stands under an id, with its version. */
export interface ReferenceState {
  version: number;
  readonly kind: 'exchange-rate' | 'account' | 'configuration';
  /** Currencies and day of a rate, the code of an account, the key of a configuration: names one thing within its kind. */
  readonly name: string;
  /** JSON of the value. */
  readonly value: string;
  readonly account: ChartAccount | null;
}

/** State of the ledger of a partition. `evolve` changes it in place; `decide` only reads it. */
export interface LedgerState {
  readonly funds: Map<Uuid, FundState>;
  readonly investors: Map<Uuid, InvestorState>;
  readonly commitments: Map<Uuid, CommitmentState>;
  readonly calls: Map<Uuid, CallState>;
  readonly distributions: Map<Uuid, DistributionState>;
  readonly investments: Map<Uuid, InvestmentState>;
  readonly references: Map<Uuid, ReferenceState>;
  readonly journal: JournalState;
  businessDate: LocalDate | null;
  /** event_version of the business dates of the partition. */
  clockVersion: number;
}

/** The ledger before the first event. */
export const emptyLedger = (): LedgerState => ({
  funds: new Map(),
  investors: new Map(),
  commitments: new Map(),
  calls: new Map(),
  distributions: new Map(),
  investments: new Map(),
  references: new Map(),
  journal: emptyJournal(),
  businessDate: null,
  clockVersion: 0,
});

/** What another partition tells about an investor: its card and the version that the decision then depends on. */
export interface InvestorView {
  readonly card: InvestorCard;
  readonly version: number;
}

/** Looks an investor up, wherever its partition is; null when there is none. */
export type InvestorLookup = (investorId: Uuid) => InvestorView | null;
