// A run over the entries of a book by day: what every commitment has moved and owns at the end of it. Results are shared by
// commitments as they stand on the day; calls and distributions are booked as their notices say.
import { movedParts } from '../allocation/moved-parts.ts';
import type { EpochDay } from '../dates/local-date.ts';
import type { DatedAmount } from '../performance/xirr.ts';
import type { Contribution, DistributionKind, Valuation } from '../waterfall/flows.ts';
import type { FundBook } from './book.ts';
import type { FundEntry } from './entries.ts';
import { shareOut } from './share-out.ts';

/** Rows of the NAV roll since inception, in the order of the statement (domain.md 3.3). */
export const rollRows = [
  'contributions',
  'distributions',
  'management_fees',
  'expenses',
  'interest_income',
  'dividend_income',
  'other_income',
  'interest_expense',
  'realised_gain_loss',
  'unrealised_change',
  'transfers',
  'carried_interest_paid',
] as const;
export type RollRow = (typeof rollRows)[number];

/** What one commitment has moved, in hundredths. */
export interface CommitmentRun {
  committedMinor: bigint;
  calledInsideMinor: bigint;
  calledOutsideMinor: bigint;
  paidInMinor: bigint;
  distributedMinor: bigint;
  recallableMinor: bigint;
  /** Something has happened to it by then: figures tell of it. */
  isThere: boolean;
  /** A part of its history has no dates. */
  hasOpening: boolean;
  readonly rows: Record<RollRow, bigint>;
  /** Seen from the investor. */
  flows: DatedAmount[];
}

/** Cost bought (above zero) or realised (below) on a day. */
export interface CostMove {
  readonly day: EpochDay;
  readonly minor: bigint;
}

export interface DealRun {
  investedMinor: bigint;
  costMinor: bigint;
  fairMinor: bigint;
  realisedMinor: bigint;
  /** Between fund and investment, seen from the fund. */
  readonly flows: DatedAmount[];
  readonly costs: CostMove[];
  /** Days on which it was written off wholly. */
  readonly writtenOff: EpochDay[];
}

/** A contribution of the waterfall, by the place of its commitment. */
export interface PlacedContribution extends Omit<Contribution, 'partner'> {
  readonly commitment: number;
}

/** What a commitment received gross of a distribution. */
export interface PlacedReceipt {
  readonly day: EpochDay;
  readonly minor: bigint;
  readonly commitment: number;
  readonly distribution: string;
  readonly deal: string | null;
  readonly kind: DistributionKind;
}

export interface FundRun {
  /** Entries that are in it. */
  applied: number;
  readonly commitments: CommitmentRun[];
  /** Results of the time before there was any commitment. */
  readonly unshared: Record<RollRow, bigint>;
  readonly deals: Map<string, DealRun>;
  contributions: PlacedContribution[];
  receipts: PlacedReceipt[];
  readonly valuations: Valuation[];
}

const noRows = (): Record<RollRow, bigint> => ({
  contributions: 0n,
  distributions: 0n,
  management_fees: 0n,
  expenses: 0n,
  interest_income: 0n,
  dividend_income: 0n,
  other_income: 0n,
  interest_expense: 0n,
  realised_gain_loss: 0n,
  unrealised_change: 0n,
  transfers: 0n,
  carried_interest_paid: 0n,
});

/** A run that has seen nothing yet. */
export const emptyRun = (book: FundBook): FundRun => ({
  applied: 0,
  commitments: book.commitments.map(() => ({
    committedMinor: 0n,
    calledInsideMinor: 0n,
    calledOutsideMinor: 0n,
    paidInMinor: 0n,
    distributedMinor: 0n,
    recallableMinor: 0n,
    isThere: false,
    hasOpening: false,
    rows: noRows(),
    flows: [],
  })),
  unshared: noRows(),
  deals: new Map(),
  contributions: [],
  receipts: [],
  valuations: [],
});

/** Net asset value of rows, before accrued carried interest. */
export const closingOf = (rows: Readonly<Record<RollRow, bigint>>): bigint => rollRows.reduce((sum, row) => sum + rows[row], 0n);

const commitmentAt = (run: FundRun, place: number): CommitmentRun => {
  const commitment = run.commitments[place];
  if (commitment === undefined) throw new Error(`there is no commitment ${place} in this run`);
  return commitment;
};

/** The commitment that an entry is about. */
const ofEntry = (run: FundRun, place: number): CommitmentRun => {
  const commitment = commitmentAt(run, place);
  commitment.isThere = true;
  return commitment;
};

const dealOf = (run: FundRun, deal: string): DealRun => {
  const known = run.deals.get(deal);
  if (known !== undefined) return known;
  const fresh = { investedMinor: 0n, costMinor: 0n, fairMinor: 0n, realisedMinor: 0n, flows: [], costs: [], writtenOff: [] };
  run.deals.set(deal, fresh);
  return fresh;
};

const shareResult = (run: FundRun, row: RollRow, minor: bigint): void => {
  if (minor === 0n) return;
  const shares = shareOut(
    minor,
    run.commitments.map(({ committedMinor }) => committedMinor),
  );
  if (shares === null) run.unshared[row] += minor;
  else shares.forEach((share, place) => (commitmentAt(run, place).rows[row] += share));
};

const transfer = (run: FundRun, entry: FundEntry & { readonly kind: 'transfer' }): void => {
  const from = ofEntry(run, entry.from);
  const to = ofEntry(run, entry.to);
  const balance = closingOf(from.rows);
  const moved = (balance * entry.movedMinor) / entry.ofMinor;
  from.rows.transfers -= moved;
  to.rows.transfers += moved;
  from.committedMinor -= entry.movedMinor;
  to.committedMinor += entry.movedMinor;
  for (const [name, minor] of [
    ['calledInsideMinor', entry.calledInsideMinor],
    ['calledOutsideMinor', entry.calledOutsideMinor],
    ['paidInMinor', entry.paidInMinor],
    ['distributedMinor', entry.distributedMinor],
    ['recallableMinor', entry.recallableMinor],
  ] as const) {
    from[name] -= minor;
    to[name] += minor;
  }
  to.hasOpening ||= from.hasOpening;
  // The history moves with its dates: money paid in and money received each in their own proportion.
  const { flows } = from;
  const isPaidIn = ({ amount }: DatedAmount): boolean => amount < 0n;
  const paid = flows.filter(isPaidIn);
  const received = flows.filter((flow) => !isPaidIn(flow));
  const parts = [
    ...movedParts(
      paid.map(({ amount }) => -amount),
      entry.paidInMinor,
    ).map((part) => -part),
    ...movedParts(
      received.map(({ amount }) => amount),
      entry.distributedMinor,
    ),
  ];
  const ordered = [...paid, ...received];
  to.flows.push(...ordered.map(({ epochDay }, index) => ({ epochDay, amount: parts[index] ?? 0n })));
  from.flows = ordered.map(({ epochDay, amount }, index) => ({ epochDay, amount: amount - (parts[index] ?? 0n) }));
  const own = run.contributions.filter(({ commitment }) => commitment === entry.from);
  const shares = movedParts(
    own.map(({ minor }) => minor),
    entry.paidInMinor,
  );
  run.contributions = run.contributions
    .filter(({ commitment }) => commitment !== entry.from)
    .concat(own.map((part, index) => ({ ...part, minor: part.minor - (shares[index] ?? 0n) })))
    .concat(own.map((part, index) => ({ ...part, commitment: entry.to, minor: shares[index] ?? 0n })))
    .filter(({ minor }) => minor !== 0n)
    .sort((left, right) => left.day - right.day);
  run.receipts = run.receipts
    .flatMap((receipt) => {
      if (receipt.commitment !== entry.from) return [receipt];
      const minor = (receipt.minor * entry.movedMinor) / entry.ofMinor;
      return [
        { ...receipt, minor: receipt.minor - minor },
        { ...receipt, commitment: entry.to, minor },
      ];
    })
    .filter(({ minor }) => minor !== 0n);
};

const changeFair = (run: FundRun, day: EpochDay, deal: string, fairMinor: bigint, permanent: boolean): bigint => {
  const held = dealOf(run, deal);
  const change = fairMinor - held.fairMinor;
  held.fairMinor = fairMinor;
  run.valuations.push({ day, deal, minor: fairMinor, permanent });
  return change;
};

/** Applies one entry, in place. Entries come in their order. */
export const applyEntry = (run: FundRun, entry: FundEntry): void => {
  const { day } = entry;
  switch (entry.kind) {
    case 'commitment':
      ofEntry(run, entry.commitment).committedMinor += entry.deltaMinor;
      return;
    case 'called': {
      const commitment = ofEntry(run, entry.commitment);
      commitment.calledInsideMinor += entry.insideMinor;
      commitment.calledOutsideMinor += entry.outsideMinor;
      return;
    }
    case 'contribution': {
      const commitment = ofEntry(run, entry.commitment);
      const minor = entry.investmentMinor + entry.feeMinor + entry.expenseMinor;
      commitment.paidInMinor += minor;
      commitment.rows.contributions += minor;
      commitment.flows.push({ epochDay: day, amount: -minor });
      for (const [purpose, part] of [
        ['investment', entry.investmentMinor],
        ['fee', entry.feeMinor],
        ['expense', entry.expenseMinor],
      ] as const) {
        if (part > 0n)
          run.contributions.push({
            day,
            minor: part,
            commitment: entry.commitment,
            deal: purpose === 'investment' ? entry.deal : null,
            purpose,
            dueDay: entry.dueDay,
            drawDay: null,
          });
      }
      return;
    }
    case 'transfer':
      transfer(run, entry);
      return;
    case 'cost': {
      const deal = dealOf(run, entry.deal);
      deal.investedMinor += entry.minor;
      deal.costMinor += entry.minor;
      deal.fairMinor += entry.minor;
      deal.costs.push({ day, minor: entry.minor });
      deal.flows.push({ epochDay: day, amount: -entry.minor });
      return;
    }
    case 'value':
      shareResult(run, 'unrealised_change', changeFair(run, day, entry.deal, entry.fairMinor, false));
      return;
    case 'realisation': {
      const realised = entry.proceedsMinor - entry.costMinor;
      const change = changeFair(run, day, entry.deal, entry.leftFairMinor, entry.isWriteOff) + entry.proceedsMinor;
      shareResult(run, 'realised_gain_loss', realised);
      shareResult(run, 'unrealised_change', change - realised);
      const deal = dealOf(run, entry.deal);
      deal.costMinor -= entry.costMinor;
      deal.costs.push({ day, minor: -entry.costMinor });
      if (entry.isWriteOff && deal.costMinor === 0n) deal.writtenOff.push(day);
      deal.realisedMinor += entry.proceedsMinor;
      if (entry.proceedsMinor !== 0n) deal.flows.push({ epochDay: day, amount: entry.proceedsMinor });
      return;
    }
    case 'result': {
      shareResult(run, entry.row, entry.minor);
      if (entry.deal === null || entry.minor < 0n) return;
      const deal = dealOf(run, entry.deal);
      deal.realisedMinor += entry.minor;
      deal.flows.push({ epochDay: day, amount: entry.minor });
      return;
    }
    case 'distribution':
      for (const { commitment: place, grossMinor, carriedMinor, offsetMinor, recallableMinor } of entry.shares) {
        const commitment = ofEntry(run, place);
        const received = grossMinor - carriedMinor;
        commitment.rows.distributions -= received;
        commitment.rows.carried_interest_paid -= carriedMinor;
        // A fee kept back is received and paid in again: a deemed contribution outside the commitment.
        commitment.rows.contributions += offsetMinor;
        commitment.paidInMinor += offsetMinor;
        commitment.distributedMinor += received;
        commitment.recallableMinor += recallableMinor;
        commitment.flows.push({ epochDay: day, amount: received - offsetMinor });
        run.receipts.push({
          day,
          minor: grossMinor,
          commitment: place,
          distribution: entry.source,
          deal: entry.deal,
          kind: entry.type,
        });
      }
      return;
    case 'clawback':
      for (const { commitment: place, grossMinor } of entry.shares) {
        const commitment = ofEntry(run, place);
        commitment.rows.distributions -= grossMinor;
        commitment.rows.carried_interest_paid += grossMinor;
        commitment.distributedMinor += grossMinor;
        commitment.flows.push({ epochDay: day, amount: grossMinor });
      }
      return;
    case 'opening': {
      const commitment = ofEntry(run, entry.commitment);
      commitment.hasOpening = true;
      commitment.calledInsideMinor += entry.calledMinor;
      commitment.paidInMinor += entry.calledMinor;
      commitment.distributedMinor += entry.distributedMinor;
      commitment.rows.contributions += entry.calledMinor;
      commitment.rows.distributions -= entry.distributedMinor;
      // The result before it was taken over.
      commitment.rows.transfers += entry.remainingMinor - entry.calledMinor + entry.distributedMinor;
      return;
    }
  }
};

/** Goes on with a run up to and including a day. */
export const runTo = (book: FundBook, run: FundRun, day: EpochDay): void => {
  for (let entry = book.entries[run.applied]; entry !== undefined && entry.day <= day; entry = book.entries[run.applied]) {
    applyEntry(run, entry);
    run.applied += 1;
  }
};
