// What a message costs: decoding, a projection and encoding by the product's codec, beside avsc with the same logical types, which
// the codec replaced. Each figure is the quickest of many short rounds that take turns, so that a busy machine falls on both alike.
import { avroNode, type AvroNode } from '#schemas/codec/avro-node.ts';
import { avroType } from '#schemas/avsc-type.ts';
import { frameBytes } from '#schemas/codec.ts';
import { loadMessageSchemas, type AvroSchema } from '#schemas/load.ts';
import { loadCodec } from '#schemas/released.ts';
import { surroundings } from './report.ts';

export interface CodecOptions {
  /** Messages of each kind, all different, so that nothing is measured that a cache of one message would give. */
  readonly messages: number;
  readonly rounds: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

const typical = 'stratcap.event.ValuationRecorded';

/** Repeatable numbers below a bound (xorshift). */
const randomFrom = (seed: number): ((below: number) => number) => {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};
type Random = (below: number) => number;

const hex = (random: Random, length: number): string => Array.from({ length }, () => random(16).toString(16)).join('');
const uuid = (random: Random): string =>
  `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`;

/** Ids that come again, as those of funds, investors and users do; ids of events and commands come once. */
const idPool = (random: Random): readonly string[] => Array.from({ length: 500 }, () => uuid(random));
const once: ReadonlySet<string> = new Set(['event_id', 'causation_id', 'correlation_id', 'command_id']);
const words = ['fund-accountant', 'administrator', 'USD', 'Quarterly report of the manager', 'Infrastructure', '0.0200000000'];

/** A value of a schema as our events have them: half of what may be missing is, lists are mostly empty. */
const sample = (node: AvroNode, random: Random, ids: readonly string[], field = ''): unknown => {
  switch (node.kind) {
    case 'null':
      return null;
    case 'boolean':
      return random(2) === 1;
    case 'int':
      return random(40);
    case 'long':
      return field.endsWith('_at') ? 1_764_000_000_000_000 + random(1_000_000_000) : random(1_000_000);
    case 'string':
      return words[(field.length + random(2)) % words.length];
    case 'uuid':
      return once.has(field) ? uuid(random) : ids[random(ids.length)];
    case 'date':
      return new Date((19_000 + random(1000)) * 86_400_000).toISOString().slice(0, 10);
    case 'decimal':
      return BigInt(random(2_000_000_000)) * BigInt(random(900) + 1);
    case 'bytes':
      return Buffer.from(hex(random, 48), 'hex');
    case 'fixed':
      return Buffer.from(hex(random, node.size * 2), 'hex');
    case 'enum':
      return node.symbols[1 + random(node.symbols.length - 1)];
    case 'array':
      return random(8) === 0 ? [0, 1].map(() => sample(node.items, random, ids, field)) : [];
    case 'union':
      return random(2) === 0
        ? null
        : sample(node.branches.find(({ kind }) => kind !== 'null') ?? { kind: 'null' }, random, ids, field);
    case 'record':
      return Object.fromEntries(node.fields.map((own) => [own.name, sample(own.node, random, ids, own.name)]));
  }
};

interface Subject {
  readonly fullName: string;
  readonly schema: AvroSchema;
  readonly values: readonly unknown[];
  readonly messages: readonly Buffer[];
}

/** Nanoseconds per message of each way of doing a thing, by turns: the quickest round, which lasts a few milliseconds. */
const nanoseconds = (
  ways: Readonly<Record<string, (at: number) => unknown>>,
  { messages, rounds }: Pick<CodecOptions, 'messages' | 'rounds'>,
): Readonly<Record<string, number>> => {
  const times = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  let kept: unknown;
  for (let round = -2; round < rounds; round += 1)
    for (const [name, way] of Object.entries(ways)) {
      const begun = process.hrtime.bigint();
      for (let at = 0; at < messages; at += 1) kept = way(at);
      const taken = Number(process.hrtime.bigint() - begun) / messages;
      if (round >= 0) times.get(name)?.push(taken);
    }
  if (kept === undefined) throw new Error('a way of the codec bench gave nothing');
  return Object.fromEntries([...times].map(([name, taken]) => [name, Math.round(Math.min(...taken))]));
};

/** Measures decoding, projection and encoding of the typical and of the largest event. */
export const measureCodec = (options: CodecOptions): object => {
  const { messages, seed, say } = options;
  const codec = loadCodec();
  const random = randomFrom(seed);
  const ids = idPool(random);
  const subject = (fullName: string, count: number): Subject => {
    const schema = loadMessageSchemas().get(fullName)?.schema as AvroSchema;
    const encoded = Array.from({ length: count }, () => codec.encode(fullName, sample(avroNode(schema), random, ids)));
    // What is encoded was decoded: objects and texts as processors have them, not as they were put together here.
    return { fullName, schema, values: encoded.map((message) => codec.decode(message).value), messages: encoded };
  };
  const bytesOf = ({ messages: all }: Subject): number =>
    Math.round(all.reduce((sum, { length }) => sum + length, 0) / all.length);
  const largest = [...loadMessageSchemas().keys()]
    .filter((name) => name.startsWith('stratcap.event.'))
    .map((name) => ({ name, bytes: bytesOf(subject(name, 20)) }))
    .reduce((most, one) => (one.bytes > most.bytes ? one : most));
  const projection = codec.projection({
    'stratcap.event.ValuationRecorded': [
      'commitment_id',
      'fund_id',
      'investor_id',
      'remaining_value',
      'envelope.aggregate_id',
      'envelope.event_version',
      'envelope.effective_date',
      'envelope.recorded_at',
    ],
  });
  const target = Buffer.alloc(1 << 16);
  const measure = (name: string): object => {
    const chosen = subject(name, messages);
    const type = avroType(chosen.schema);
    say(`${name}: ${bytesOf(chosen)} bytes`);
    const nanos = nanoseconds(
      {
        decode: (at) => codec.decode(chosen.messages[at] as Buffer),
        decodeAvsc: (at) => type.fromBuffer((chosen.messages[at] as Buffer).subarray(frameBytes)) as unknown,
        ...(name === typical ? { projection8: (at: number) => projection.read(chosen.messages[at] as Buffer) } : {}),
        encode: (at) => codec.encode(name, chosen.values[at]),
        encodeInto: (at) => codec.encodeInto(name, chosen.values[at], target, 0),
        encodeAvsc: (at) => type.toBuffer(chosen.values[at]),
      },
      options,
    );
    say(JSON.stringify(nanos));
    return { record: name, bytes: bytesOf(chosen), nanosecondsPerEvent: nanos };
  };
  return {
    bench: 'codec',
    ...surroundings(),
    options: { messages, rounds: options.rounds, seed },
    events: [measure(typical), measure(largest.name)],
  };
};
