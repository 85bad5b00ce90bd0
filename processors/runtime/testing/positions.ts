// Two small processors for the tests of the runtime, in the shape of the real ones: a ledger that books amounts on accounts, and a
// fold of its events into balances. Messages are text, `account amount`; the amount is whole cents.
import type { InboundRecord } from '#platform/kafka/port.ts';
import type { EmittedRecord, Processor } from '../topology.ts';

export interface Accounts {
  readonly balances: Map<string, bigint>;
  count: number;
}

const textOf = (bytes: Buffer | null): string => bytes?.toString('utf8') ?? '';
const record = (topic: EmittedRecord['topic'], key: string, value: string): EmittedRecord => ({
  topic,
  key: Buffer.from(key),
  value: Buffer.from(value),
});

export const toCommand = (account: string, amountMinor: bigint): Buffer => Buffer.from(`${account} ${amountMinor}`);

const parse = (input: InboundRecord): { readonly account: string; readonly amountMinor: bigint } => {
  const match = /^(\S+) (-?\d+)(?: |$)/.exec(textOf(input.value));
  if (match === null) throw new SyntaxError(`'${textOf(input.value)}' is not an account and an amount`);
  return { account: match[1] ?? '', amountMinor: BigInt(match[2] ?? '') };
};

const fold = (state: Accounts, event: InboundRecord): { readonly account: string; readonly balance: bigint } => {
  const { account, amountMinor } = parse(event);
  const balance = (state.balances.get(account) ?? 0n) + amountMinor;
  state.balances.set(account, balance);
  state.count += 1;
  return { account, balance };
};

const accounts = {
  stateVersion: 1,
  createState: (): Accounts => ({ balances: new Map(), count: 0 }),
  serialize: ({ balances, count }: Accounts): Buffer =>
    Buffer.from(JSON.stringify({ count, balances: [...balances].map(([name, balance]) => [name, String(balance)]) })),
  deserialize: (bytes: Buffer): Accounts => {
    const { count, balances } = JSON.parse(bytes.toString('utf8')) as { count: number; balances: [string, string][] };
    return { count, balances: new Map(balances.map(([name, balance]) => [name, BigInt(balance)])) };
  },
};

/**
 * `register NAME CARD` writes a card into a table. Every other command is booked as an event that carries the number of the event and
 * the balance after it, with the account's card as its outcome; text that is no command goes to dead letters.
 */
export const ledgerFixture: Processor<Accounts> = {
  ...accounts,
  name: 'ledger',
  input: 'commands',
  outputs: ['events', 'outcomes', 'investors'],
  tables: ['investors'],
  evolve: (state, event) => void fold(state, event),
  step: (state, input, { tables }) => {
    if (textOf(input.value) === 'defect') throw new TypeError('planted defect');
    if (textOf(input.value).startsWith('register ')) {
      const [, name = '', card = 'known'] = textOf(input.value).split(' ');
      return { kind: 'Emit', records: [record('investors', name, card)] };
    }
    let command: ReturnType<typeof parse>;
    try {
      command = parse(input);
    } catch (cause) {
      return { kind: 'DeadLetter', reason: 'not-decodable', detail: textOf(input.value), cause };
    }
    const { account, balance } = fold(state, input);
    const standing = tables.get('investors', account)?.toString('utf8') ?? 'unknown';
    return {
      kind: 'Emit',
      records: [
        record('events', account, `${account} ${command.amountMinor} ${state.count} ${balance}`),
        record('outcomes', `${input.offset}`, standing),
      ],
    };
  },
  lookups: (_state, input) =>
    textOf(input.value).startsWith('register ') ? [] : [{ topic: 'investors', key: textOf(input.value).split(' ')[0] ?? '' }],
};

/** Balance after each event, and at the end of each transaction the position that it is true for. */
export const balancesFixture: Processor<Accounts> = {
  ...accounts,
  name: 'balances',
  input: 'events',
  outputs: ['capital-accounts'],
  tables: [],
  evolve: (state, event) => void fold(state, event),
  step: (state, event) => {
    const { account, balance } = fold(state, event);
    return { kind: 'Emit', records: [record('capital-accounts', account, `${state.count} ${balance}`)] };
  },
  closeBatch: (_state, nextOffset, { partition }) => [record('capital-accounts', `progress|${partition}`, String(nextOffset))],
};
