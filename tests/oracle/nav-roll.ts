// The NAV roll of domain.md 3.3 from a list of plain events, row by row, for the fund, its LPs, its GP and each investor.
// All amounts are cents. An event says what each party bears of it in `by` (party id: cents); the parts add up to the event.

export type Parts = Readonly<Record<string, bigint>>;

/** Rows of income and expense; an expense is a positive amount that lowers NAV. */
export const incomeRows = ['interestIncome', 'dividendIncome', 'otherIncome', 'feeRebate', 'feeOffset', 'feeWaiver'] as const;
export const expenseRows = ['managementFees', 'partnershipExpenses', 'interestExpense', 'placementFees'] as const;
type ResultRow = (typeof incomeRows)[number] | (typeof expenseRows)[number];

export type NavEvent = { date: string } & (
  | { kind: 'commitment'; by: Parts }
  | { kind: 'released'; by: Parts }
  | { kind: 'other-unfunded'; by: Parts }
  /** Capital paid in; `outside` is the part of it outside the commitment. */
  | { kind: 'contribution'; by: Parts; outside?: Parts }
  /** Gross of tax withheld; carry clawed back is a distribution to LPs with a negative `carry`. `carry` is what of it went to the GP out of each LP's share; `recallable` may be called again. */
  | { kind: 'distribution'; by: Parts; carry?: Parts; recallable?: Parts }
  | { kind: 'result'; row: ResultRow; by: Parts }
  | { kind: 'investment'; deal: string; cost: bigint }
  /** `by` shares out the change of the unrealised gain. */
  | { kind: 'valuation'; deal: string; fair: bigint; by: Parts }
  /** A sale, or a write-off with proceeds 0. `by` shares out the realised gain, `unrealisedBy` the change of the unrealised one. */
  | { kind: 'realisation'; deal: string; cost: bigint; proceeds: bigint; fairLeft: bigint; by: Parts; unrealisedBy: Parts }
  /** A partner's account handed to another: the parts add up to nothing. */
  | { kind: 'transfer'; by: Parts }
  /** The accrued carry of each LP after this event. */
  | { kind: 'carry-accrued'; balances: Parts }
);

export type Rows = Record<
  | 'beginningNav'
  | 'contributions'
  | 'distributions'
  | 'totalFlows'
  | ResultRow
  | 'netOperating'
  | 'realised'
  | 'unrealised'
  | 'transfers'
  | 'incentiveAllocation'
  | 'endingNav'
  | 'carryPaid'
  | 'accruedChange'
  | 'accruedEnding'
  | 'endingNavGross'
  | 'commitment'
  | 'beginningUnfunded'
  | 'contributionsInside'
  | 'recallable'
  | 'released'
  | 'otherUnfunded'
  | 'endingUnfunded',
  bigint
>;

/** Who stands in a column: parties, and among them the one that is the GP. */
export type Column = { parties: readonly string[]; gp: string };

const sum = (list: readonly bigint[]): bigint => list.reduce((all, each) => all + each, 0n);
const part = (parts: Parts | undefined, { parties }: Column): bigint => sum(parties.map((party) => parts?.[party] ?? 0n));
const whole = (parts: Parts | undefined): bigint => sum(Object.values(parts ?? {}));

/** What of a period's events falls into a column, by the kind asked for. */
const total = <K extends NavEvent['kind']>(
  events: readonly NavEvent[],
  kind: K,
  amount: (event: Extract<NavEvent, { kind: K }>) => bigint,
): bigint => sum(events.flatMap((event) => (event.kind === kind ? [amount(event as Extract<NavEvent, { kind: K }>)] : [])));

/** Carry moves from LPs to the GP: a column of both has none of it. */
const carryOf = (parts: Parts | undefined, column: Column): bigint => {
  const fromLps = part(parts, { ...column, parties: column.parties.filter((party) => party !== column.gp) });
  return fromLps - (column.parties.includes(column.gp) ? whole(parts) : 0n);
};

const accruedAt = (events: readonly NavEvent[], column: Column): bigint => {
  const last = events.findLast((event) => event.kind === 'carry-accrued');
  return last?.kind === 'carry-accrued' ? carryOf(last.balances, column) : 0n;
};

/** The roll of one period for one column; `to` is its last day, `from` its first. Events are in order of date. */
export const rollOf = (events: readonly NavEvent[], from: string, to: string, column: Column): Rows => {
  const before = events.filter((event) => event.date < from);
  const within = events.filter((event) => event.date >= from && event.date <= to);
  const upTo = [...before, ...within];
  const first = events[0]?.date ?? from;
  const yesterday = before.at(-1)?.date;
  const earlier = yesterday === undefined ? null : rollOf(before, first, yesterday, column);

  const result = (row: ResultRow): bigint =>
    total(within, 'result', (event) => (event.row === row ? part(event.by, column) : 0n));
  const income = Object.fromEntries(incomeRows.map((row) => [row, result(row)])) as Record<(typeof incomeRows)[number], bigint>;
  const expense = Object.fromEntries(expenseRows.map((row) => [row, -result(row)])) as Record<
    (typeof expenseRows)[number],
    bigint
  >;

  const contributions = total(within, 'contribution', (event) => part(event.by, column));
  const carryReceived = column.parties.includes(column.gp) ? total(within, 'distribution', (event) => whole(event.carry)) : 0n;
  const distributions = -(total(within, 'distribution', (event) => part(event.by, column)) + carryReceived);
  const totalFlows = contributions + distributions;
  const netOperating = sum(Object.values(income)) + sum(Object.values(expense)) - expense.placementFees;
  const realised = total(within, 'realisation', (event) => part(event.by, column));
  const unrealised =
    total(within, 'valuation', (event) => part(event.by, column)) +
    total(within, 'realisation', (event) => part(event.unrealisedBy, column));

  const transfers = total(within, 'transfer', (event) => part(event.by, column));
  const carryPaid = total(within, 'distribution', (event) => carryOf(event.carry, column));
  const accruedEnding = accruedAt(upTo, column);
  const accruedChange = accruedEnding - accruedAt(before, column);
  const incentiveAllocation = -(carryPaid + accruedChange);
  const beginningNav = earlier?.endingNav ?? 0n;
  const endingNav =
    beginningNav + totalFlows + netOperating + expense.placementFees + realised + unrealised + transfers + incentiveAllocation;

  const beginningUnfunded = earlier?.endingUnfunded ?? 0n;
  const contributionsInside = contributions - total(within, 'contribution', (event) => part(event.outside, column));
  const recallable = total(within, 'distribution', (event) => part(event.recallable, column));
  const released = total(within, 'released', (event) => part(event.by, column));
  const otherUnfunded = total(within, 'other-unfunded', (event) => part(event.by, column));
  const newCommitment = total(within, 'commitment', (event) => part(event.by, column));
  return {
    beginningNav,
    contributions,
    distributions,
    totalFlows,
    ...income,
    ...expense,
    netOperating,
    realised,
    unrealised,
    transfers,
    incentiveAllocation,
    endingNav,
    carryPaid,
    accruedChange,
    accruedEnding,
    endingNavGross: endingNav + accruedEnding,
    commitment: total(upTo, 'commitment', (event) => part(event.by, column)),
    beginningUnfunded,
    contributionsInside,
    recallable,
    released,
    otherUnfunded,
    endingUnfunded: beginningUnfunded + newCommitment - contributionsInside + recallable - released + otherUnfunded,
  };
};

/** NAV the other way: what the fund holds. Cash of all events and the last fair value of each deal. */
export const netAssets = (events: readonly NavEvent[], to: string): bigint => {
  const upTo = events.filter((event) => event.date <= to);
  const fair = new Map<string, bigint>();
  let cash = 0n;
  for (const event of upTo) {
    if (event.kind === 'contribution') cash += whole(event.by);
    if (event.kind === 'distribution') cash -= whole(event.by) + whole(event.carry);
    if (event.kind === 'result')
      cash += (expenseRows as readonly string[]).includes(event.row) ? -whole(event.by) : whole(event.by);
    if (event.kind === 'investment') {
      cash -= event.cost;
      fair.set(event.deal, (fair.get(event.deal) ?? 0n) + event.cost);
    }
    if (event.kind === 'valuation') fair.set(event.deal, event.fair);
    if (event.kind === 'realisation') {
      cash += event.proceeds;
      fair.set(event.deal, event.fairLeft);
    }
  }
  return cash + sum([...fair.values()]);
};
