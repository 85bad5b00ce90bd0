// Prints the booked events of stratcap.events as JSON, one a line: committed ones only, decoded by the schema registry.
//
//   npm install kafkajs @kafkajs/confluent-schema-registry avsc
//   KAFKA_BROKERS=127.0.0.1:9092 SCHEMA_REGISTRY_URL=http://127.0.0.1:8081/apis/ccompat/v7 node subscribe.ts [COUNT]
//
// Ends after COUNT events, or runs until it is stopped. Money arrives as decimal text: keep it so, never make it a number.
import { randomUUID } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import avsc from 'avsc';
import kafkajs from 'kafkajs';

const topic = process.env['TOPIC'] ?? 'stratcap.events';
const count = process.argv[2] === undefined ? Infinity : Number(process.argv[2]);

// The log is compressed with zstd, which kafkajs leaves to its user and Node has built in.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
  compress: () => Promise.reject(new Error('this example only reads')),
  decompress: (buffer: Buffer) => Promise.resolve(zstdDecompressSync(buffer)),
});

/** Avro decimal(20,2): hundredths as big-endian two's complement, here to text with two digits. */
class Decimal extends avsc.types.LogicalType {
  override _fromValue(bytes: Buffer): string {
    const minor = BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
    const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
    return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  }
  override _toValue(): never {
    throw new Error('this example only reads');
  }
}
/** Avro date: days since 1970-01-01, here to an ISO date. */
class LocalDate extends avsc.types.LogicalType {
  override _fromValue(day: number): string {
    return new Date(day * 86_400_000).toISOString().slice(0, 10);
  }
  override _toValue(): never {
    throw new Error('this example only reads');
  }
}

const registry = new SchemaRegistry(
  { host: process.env['SCHEMA_REGISTRY_URL'] ?? 'http://127.0.0.1:8081/apis/ccompat/v7' },
  { [SchemaType.AVRO]: { logicalTypes: { decimal: Decimal, date: LocalDate } } as never },
);
const kafka = new kafkajs.Kafka({
  clientId: 'subscribe',
  brokers: (process.env['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(','),
  logLevel: kafkajs.logLevel.WARN,
});
// readUncommitted is false by default: what was aborted is never seen.
const consumer = kafka.consumer({ groupId: process.env['GROUP'] ?? `subscribe-ts-${randomUUID()}`, maxWaitTimeInMs: 500 });

/** Name of the record in a message: magic byte 0, then the id of its schema. The client caches what the registry says. */
const recordName = async (framed: Buffer): Promise<string> => {
  const schema = await registry.getSchema(framed.readInt32BE(1));
  return 'name' in schema && typeof schema.name === 'string' ? schema.name.slice(schema.name.lastIndexOf('.') + 1) : 'unknown';
};

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
let printed = 0;
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ partition, message }) => {
    if (message.value === null || printed >= count) return;
    printed += 1;
    const event: unknown = await registry.decode(message.value);
    const bytesAsText = (_name: string, value: unknown): unknown =>
      value !== null && typeof value === 'object' && 'type' in value && value.type === 'Buffer' && 'data' in value
        ? Buffer.from(value.data as number[]).toString('hex')
        : value;
    console.log(JSON.stringify({ partition, offset: message.offset, type: await recordName(message.value), event }, bytesAsText));
    // Leaving inside the callback would wait for itself.
    if (printed === count)
      setImmediate(() => {
        void consumer.disconnect();
      });
  },
});
