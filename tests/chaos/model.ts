// The model of the two small processors (processors/runtime/testing/positions.ts), written anew: what every output must be, one by one,
// given the committed commands as they stand on the log. It counts what is missing, what is there again and what is something else.

/** One committed record as the model needs it. */
export interface Seen {
  readonly key: string;
  readonly value: string;
}

/** A command with its offset on the log. */
export interface SeenCommand {
  readonly offset: bigint;
  readonly value: string;
}

/** A dead letter: the offset that it names, and the bytes. */
export interface SeenDeadLetter {
  readonly offset: bigint;
  readonly value: string;
}

/** All that was read of one partition. */
export interface SeenPartition {
  readonly commands: readonly SeenCommand[];
  readonly events: readonly Seen[];
  readonly outcomes: readonly Seen[];
  readonly facts: readonly Seen[];
  readonly deadLetters: readonly SeenDeadLetter[];
}

export interface Verdict {
  lost: number;
  duplicated: number;
  differing: number;
  /** Inputs and outputs that were compared. */
  in: number;
  out: number;
  /** The first few, in words. */
  readonly findings: string[];
}

const FINDINGS_MAX = 20;

export const newVerdict = (): Verdict => ({ lost: 0, duplicated: 0, differing: 0, in: 0, out: 0, findings: [] });

export const isClean = ({ lost, duplicated, differing }: Verdict): boolean => lost + duplicated + differing === 0;

export const addVerdict = (sum: Verdict, more: Verdict): void => {
  for (const field of ['lost', 'duplicated', 'differing', 'in', 'out'] as const) sum[field] += more[field];
  sum.findings.push(...more.findings.slice(0, FINDINGS_MAX - sum.findings.length));
};

const find = (verdict: Verdict, kind: 'lost' | 'duplicated' | 'differing', what: string): void => {
  verdict[kind] += 1;
  if (verdict.findings.length < FINDINGS_MAX) verdict.findings.push(`${kind}: ${what}`);
};

/**
 * Compares what was found with what is expected, where each is named by an identity that occurs once: missing ones are lost, the second
 * of the same is duplicated, another content or another order is differing.
 */
export const compareById = (
  verdict: Verdict,
  where: string,
  expected: readonly { readonly id: string; readonly text: string }[],
  found: readonly { readonly id: string; readonly text: string }[],
): void => {
  verdict.out += found.length;
  const wanted = new Map(expected.map(({ id, text }) => [id, text]));
  const seen = new Set<string>();
  const order: string[] = [];
  for (const { id, text } of found) {
    const right = wanted.get(id);
    if (seen.has(id)) find(verdict, 'duplicated', `${where} ${id} once more: ${text}`);
    else if (right === undefined) find(verdict, 'differing', `${where} ${id} belongs to no input: ${text}`);
    else if (right !== text) find(verdict, 'differing', `${where} ${id} is ${text}, not ${right}`);
    if (!seen.has(id) && right !== undefined) order.push(id);
    seen.add(id);
  }
  for (const { id } of expected) if (!seen.has(id)) find(verdict, 'lost', `${where} ${id}`);
  const inOrder = expected.filter(({ id }) => seen.has(id)).map(({ id }) => id);
  const at = inOrder.findIndex((id, index) => order[index] !== id);
  if (at >= 0) find(verdict, 'differing', `${where} ${order[at] ?? 'nothing'} stands where ${inOrder[at] ?? 'nothing'} should`);
};

/** Compares every output of a partition with the fold of its inputs: the n-th with the fold of the first n. */
export const checkPartition = (partition: number, seen: SeenPartition): Verdict => {
  const verdict = newVerdict();
  verdict.in = seen.commands.length;
  const balances = new Map<string, bigint>();
  const events: { id: string; text: string }[] = [];
  const facts: { id: string; text: string }[] = [];
  const outcomes: { id: string; text: string }[] = [];
  const deadLetters: { id: string; text: string }[] = [];
  for (const { offset, value } of seen.commands) {
    // Cards that were written before the run: every look-up finds one.
    if (value.startsWith('register ')) continue;
    const match = /^(\S+) (-?\d+) #(\S+)$/.exec(value);
    if (match === null) {
      deadLetters.push({ id: String(offset), text: value });
      continue;
    }
    const [, account = '', amount = '0'] = match;
    const balance = (balances.get(account) ?? 0n) + BigInt(amount);
    balances.set(account, balance);
    const count = events.length + 1;
    events.push({ id: String(count), text: `${account}: ${account} ${amount} ${count} ${balance}` });
    facts.push({ id: String(count), text: `${account}: ${count} ${balance}` });
    outcomes.push({ id: String(offset), text: 'known' });
  }
  const word = (text: string, index: number): string => text.split(' ')[index] ?? '';
  const where = (topic: string): string => `${topic}/${partition}`;
  compareById(
    verdict,
    where('events'),
    events,
    seen.events.map(({ key, value }) => ({ id: word(value, 2), text: `${key}: ${value}` })),
  );
  compareById(
    verdict,
    where('facts'),
    facts,
    seen.facts
      .filter(({ value }) => value.includes(' '))
      .map(({ key, value }) => ({ id: word(value, 0), text: `${key}: ${value}` })),
  );
  compareById(
    verdict,
    where('outcomes'),
    outcomes,
    seen.outcomes.map(({ key, value }) => ({ id: key, text: value })),
  );
  compareById(
    verdict,
    where('dead-letters'),
    deadLetters,
    seen.deadLetters.map(({ offset, value }) => ({ id: String(offset), text: value })),
  );
  const progress = seen.facts.filter(({ value }) => !value.includes(' ')).map(({ value }) => BigInt(value));
  for (const [index, position] of progress.entries()) {
    const before = progress[index - 1];
    if (before !== undefined && position <= before)
      find(verdict, 'differing', `progress/${partition} goes from ${before} to ${position}`);
  }
  return verdict;
};
