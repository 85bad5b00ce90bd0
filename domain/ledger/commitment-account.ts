// The account of a commitment: what is left to call, and how a history is split when a part of it moves.
import { movedParts } from '../allocation/moved-parts.ts';
import { toEpochDay } from '../dates/local-date.ts';
import type { Minor } from '../messages.ts';
import type { CommitmentAccount, CommitmentState, DatedContribution, DatedReceipt, FundLife, FundState } from './state.ts';
import { unitOf } from './units.ts';

/** An account in which nothing has happened. */
const emptyAccount = (): CommitmentAccount => ({
  calledInside: 0n,
  calledOutside: 0n,
  paidIn: 0n,
  distributed: 0n,
  recallable: 0n,
  residuals: { investment: '0', managementFee: '0', expenses: '0', distribution: '0' },
  contributions: [],
  receipts: [],
  openNotices: 0,
});

const least = (left: Minor, right: Minor): Minor => (left < right ? left : right);

/** What of a position that was taken over was called inside the commitment: up to its amount, the rest was called outside. */
const openedInside = ({ amount, openedCalled }: CommitmentState): Minor => least(openedCalled, amount);

/**
 * Enters a position that was taken over. For a waterfall it is one contribution of that day, and what was distributed before has
 * returned capital, at most all of it.
 */
export const addOpening = (commitment: CommitmentState, account: CommitmentAccount): void => {
  const { openedOn, openedCalled: called, openedDistributed: distributed } = commitment;
  if (openedOn === null) return;
  const day = toEpochDay(openedOn);
  const inside = openedInside(commitment);
  account.calledInside += inside;
  account.calledOutside += called - inside;
  account.paidIn += called;
  account.distributed += distributed;
  if (called > 0n)
    account.contributions.push({ paymentId: null, day, minor: called, purpose: 'investment', deal: null, dueDay: null });
  if (called > 0n && distributed > 0n)
    account.receipts.push({ distributionId: null, day, gross: least(distributed, called), carry: 0n });
};

/** The account of a commitment, made when it is first needed. */
export const accountOf = (commitment: CommitmentState): CommitmentAccount => {
  if (commitment.account === null) {
    commitment.account = emptyAccount();
    addOpening(commitment, commitment.account);
  }
  return commitment.account;
};

/** The account of a commitment as it stands or would stand, for decisions: nothing is kept. */
export const accountView = (commitment: CommitmentState): CommitmentAccount => {
  if (commitment.account !== null) return commitment.account;
  const account = emptyAccount();
  addOpening(commitment, account);
  return account;
};

/** The life of a fund, begun when it is first needed. */
export const lifeOf = (fund: FundState): FundLife =>
  (fund.life ??= {
    terms: [],
    calls: [],
    distributions: [],
    investments: [],
    transactions: new Map(),
    usedIds: new Set(),
    balances: new Map(),
    clawbacks: [],
  });

/**
 * What may still be called: committed less called inside the commitment, plus what came back recallable (design.md 4). Committed
 * 100.00, called 60.00 inside and 2.00 outside, 10.00 recallable: 50.00 are unfunded. Nothing is left of one that is not active.
 */
export const unfundedOf = (commitment: CommitmentState): Minor => {
  const { amount, status, account } = commitment;
  if (status !== 'ACTIVE') return 0n;
  return account === null ? amount - openedInside(commitment) : amount - account.calledInside + account.recallable;
};

const split = <Entry, Field extends keyof Entry>(
  entries: readonly Entry[],
  field: Field,
  parts: readonly Minor[],
): { readonly kept: Entry[]; readonly moved: Entry[] } => ({
  kept: entries.map((entry, index) => ({ ...entry, [field]: (entry[field] as Minor) - (parts[index] ?? 0n) })),
  moved: entries.map((entry, index) => ({ ...entry, [field]: parts[index] ?? 0n })),
});

/** Contributions of which `moved` goes to another commitment. */
export const splitContributions = (
  contributions: readonly DatedContribution[],
  moved: Minor,
): { readonly kept: DatedContribution[]; readonly moved: DatedContribution[] } =>
  split(
    contributions,
    'minor',
    movedParts(
      contributions.map(({ minor }) => minor),
      moved,
    ),
  );

/** Receipts of which the share `moved / total` goes to another commitment, gross and carried interest each in whole cents. */
export const splitReceipts = (
  receipts: readonly DatedReceipt[],
  share: { readonly moved: Minor; readonly of: Minor },
): { readonly kept: DatedReceipt[]; readonly moved: DatedReceipt[] } => {
  const carry = split(
    receipts,
    'carry',
    partsBy(
      receipts.map((receipt) => receipt.carry),
      share,
    ),
  );
  const gross = partsBy(
    receipts.map((receipt) => receipt.gross),
    share,
  );
  return { kept: split(carry.kept, 'gross', gross).kept, moved: split(carry.moved, 'gross', gross).moved };
};

const partsBy = (amounts: readonly Minor[], share: { readonly moved: Minor; readonly of: Minor }): readonly Minor[] => {
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  return movedParts(amounts, (total * share.moved) / share.of);
};

/** The share of an account that moves with a part of the commitment: each figure in proportion, rounded down to the unit. */
export const movedFigures = (
  commitment: CommitmentState,
  share: { readonly moved: Minor; readonly of: Minor },
): Readonly<Record<'calledInside' | 'calledOutside' | 'paidIn' | 'distributed' | 'recallable', Minor>> => {
  const unit = unitOf(commitment.currency);
  const part = (figure: Minor): Minor => ((figure * share.moved) / share.of / unit) * unit;
  const account = accountView(commitment);
  return {
    calledInside: part(account.calledInside),
    calledOutside: part(account.calledOutside),
    paidIn: part(account.paidIn),
    distributed: part(account.distributed),
    recallable: part(account.recallable),
  };
};
