// The model of the product's log and stores for the load of a chaos run, from the Avro schemas and avsc alone: each command has one
// outcome and one event in its order, each fact of a fund is the sum of the commitments before it, each view of a store is the log
// up to the position that it names.
import avsc from 'avsc';
import { readReleased } from '#schemas/released.ts';
import type { TopicName } from '#schemas/topics.ts';
import type { LogRecord, ReadLog } from './log-reader.ts';
import { compareById, newVerdict, type Verdict } from './model.ts';
import type { StoreView } from './store-watch.ts';

type Fields = Readonly<Record<string, unknown>>;
interface Decoded {
  readonly name: string;
  readonly fields: Fields;
}

const decoder = (): ((bytes: Buffer | null) => Decoded | null) => {
  const types = new Map(
    readReleased().map(({ id, fullName, schema }) => [
      id,
      { name: fullName.slice(fullName.lastIndexOf('.') + 1), type: avsc.Type.forSchema(schema as avsc.Schema) },
    ]),
  );
  return (bytes) => {
    if (bytes === null || bytes.length < 6 || bytes[0] !== 0) return null;
    const found = types.get(bytes.readUInt32BE(1));
    if (found === undefined) return null;
    return { name: found.name, fields: found.type.fromBuffer(bytes.subarray(5)) as Fields };
  };
};

/** Hundredths of an Avro decimal: two's complement, most significant byte first. */
export const minorOf = (bytes: unknown): bigint => {
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
};

const textIn = (fields: unknown, ...path: readonly string[]): string => {
  let value = fields;
  for (const name of path) value = (value as Fields | null | undefined)?.[name];
  return String(value);
};
/** A member of a union comes as `{ string: … }`. */
const isNull = (value: unknown): boolean => value === null || value === undefined;

type TopicOf = (name: TopicName) => string;
type Part = readonly { readonly id: string; readonly text: string }[];

const commitmentOf = ({ fields }: Decoded): { readonly id: string; readonly text: string } => ({
  id: textIn(fields, 'commitment_id'),
  text: `${textIn(fields, 'fund_id')} ${textIn(fields, 'investor_id')} ${minorOf(fields['commitment_amount'])}`,
});

/** Compares commands, outcomes, events, facts and dead letters, partition by partition. */
export const checkProductLog = (log: ReadLog, topic: TopicOf, partitions: number): Verdict => {
  const decode = decoder();
  const verdict = newVerdict();
  for (let partition = 0; partition < partitions; partition += 1) {
    const of = (name: TopicName): readonly LogRecord[] => log.partition(topic(name), partition);
    const decoded = (name: TopicName): Decoded[] => of(name).flatMap(({ value }) => decode(value) ?? []);
    const where = (name: string): string => `product ${name}/${partition}`;
    const commands = decoded('commands');
    verdict.in += commands.length;
    const pledges = commands.filter(({ name }) => name === 'MakeCommitment');
    compareById(
      verdict,
      where('outcomes'),
      commands.map(({ fields }) => ({ id: textIn(fields, 'header', 'command_id'), text: 'ACCEPTED' })),
      decoded('outcomes').map(({ fields }) => ({ id: textIn(fields, 'command_id'), text: textIn(fields, 'kind') })),
    );
    const made = decoded('events').filter(({ name }) => name === 'CommitmentMade');
    compareById(verdict, where('events'), pledges.map(commitmentOf), made.map(commitmentOf));
    const sums = new Map<string, { count: number; minor: bigint }>();
    const totals: Part = pledges.map(({ fields }) => {
      const fund = textIn(fields, 'fund_id');
      const before = sums.get(fund) ?? { count: 0, minor: 0n };
      const now = { count: before.count + 1, minor: before.minor + minorOf(fields['commitment_amount']) };
      sums.set(fund, now);
      return { id: `${fund} ${now.count}`, text: String(now.minor) };
    });
    const facts = decoded('capital-accounts').filter(
      ({ name, fields }) => name === 'CapitalAccount' && isNull(fields['investor_id']),
    );
    compareById(
      verdict,
      where('facts'),
      totals,
      facts
        .filter(({ fields }) => fields['commitments'] !== 0)
        .map(({ fields }) => ({
          id: `${textIn(fields, 'fund_id')} ${textIn(fields, 'commitments')}`,
          text: String(minorOf(fields['committed_amount'])),
        })),
    );
    compareById(
      verdict,
      where('dead-letters'),
      of('commands')
        .filter(({ value }) => decode(value) === null)
        .map(({ offset, value }) => ({ id: String(offset), text: value?.toString('hex') ?? '' })),
      of('dead-letters').map(({ headers, value }) => ({
        id: headers.get('dead_letter_offset')?.toString() ?? '',
        text: value?.toString('hex') ?? '',
      })),
    );
  }
  return verdict;
};

/** Every view of a store against the log up to its position, and positions that never go back. */
export const checkViews = (log: ReadLog, topic: TopicOf, partitions: number, views: readonly StoreView[]): Verdict => {
  const decode = decoder();
  const verdict = newVerdict();
  verdict.out = views.length;
  const made = Array.from({ length: partitions }, (_, partition) =>
    log.partition(topic('events'), partition).flatMap(({ offset, value }) => {
      const event = decode(value);
      return event?.name === 'CommitmentMade' ? [{ offset, minor: minorOf(event.fields['commitment_amount']) }] : [];
    }),
  );
  const last = new Map<string, bigint>();
  const wrong = (text: string): void => {
    verdict.differing += 1;
    verdict.findings.push(`differing: ${text}`);
  };
  for (const { store, position, commitments, committedMinor } of views) {
    let count = 0n;
    let minor = 0n;
    for (const [partition, next] of position) {
      const name = `${store}/${partition}`;
      const before = last.get(name) ?? 0n;
      if (next < before) wrong(`${name} went back from position ${before} to ${next}`);
      last.set(name, next);
      for (const event of made[partition] ?? []) {
        if (event.offset >= next) continue;
        count += 1n;
        minor += event.minor;
      }
    }
    const isRight =
      store === 'postgres' ? commitments === count && committedMinor === minor : commitments >= count && committedMinor >= minor;
    if (!isRight)
      wrong(
        `${store} at ${[...position].map((entry) => entry.join(':')).join(' ')} shows ${commitments} commitments of ${committedMinor}, the log has ${count} of ${minor}`,
      );
  }
  return verdict;
};
