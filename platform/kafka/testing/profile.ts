// What a record costs on the way in and out, against a real broker: `node platform/kafka/testing/profile.ts HOST:PORT [RECORDS]`.
// Prints one line per part: wall time, rate and CPU of this process per record. Topics are made and deleted again.
import { randomBytes } from 'node:crypto';
import { connectKafka } from '../connect.ts';
import type { KafkaPort, Worker, WorkerListener } from '../port.ts';

const PARTITIONS = 8;
const RECORDS_PER_TRANSACTION = 25_000;
const VALUE_BYTES = 180;

export interface Cost {
  readonly what: string;
  readonly wallMs: number;
  /** Of this process: user and system. */
  readonly cpuUsPerRecord: number;
  readonly note: string;
}

const measure = async (what: string, records: number, work: () => Promise<string>): Promise<Cost> => {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const note = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { what, wallMs: performance.now() - startedAt, cpuUsPerRecord: (user + system) / records, note };
};

const silent: WorkerListener = { assigned: () => undefined, revoked: () => Promise.resolve(), lost: () => undefined };

const startWorker = async (kafka: KafkaPort, group: string, topic: string): Promise<Worker> => {
  const worker = kafka.worker({
    group,
    topic,
    workerId: '0',
    partitions: Array.from({ length: PARTITIONS }, (_, index) => index),
  });
  await worker.start(silent);
  await new Promise((resolve) => setTimeout(resolve, 50));
  return worker;
};

const noise = randomBytes(1 << 20);

/** A value such as the product writes: ids of 16 random bytes and changing amounts among texts that repeat. */
const valueOf = (index: number): Buffer => {
  const value = Buffer.alloc(VALUE_BYTES, 'CapitalCallIssued|fund-europe-buyout-iv|USD|investor relations|');
  for (const [place, size] of [
    [10, 16],
    [60, 16],
    [110, 16],
    [140, 6],
  ] as const)
    noise.copy(value, place, (index * 61 + place * 7919) % 1_000_000, ((index * 61 + place * 7919) % 1_000_000) + size);
  return value;
};

const fill = async (kafka: KafkaPort, topic: string, records: number): Promise<string> => {
  const worker = await startWorker(kafka, `${topic}.fill`, topic);
  const values = Array.from({ length: 60_000 }, (_, index) => valueOf(index));
  const keys = Array.from({ length: 1_000 }, (_, index) => Buffer.from(`fund-${index % 37}|investor-${index}`));
  const headers = { ce_id: randomBytes(16), ce_type: Buffer.from('CapitalCallIssued') };
  let pending: Promise<void> = Promise.resolve();
  for (let at = 0; at < records; at += RECORDS_PER_TRANSACTION) {
    const draft = worker.draft();
    for (let index = at; index < Math.min(records, at + RECORDS_PER_TRANSACTION); index += 1)
      draft.append(
        topic,
        index % PARTITIONS,
        keys[index % 1_000] as Buffer,
        values[index % 60_000] as Buffer,
        headers,
        1_700_000_000_000 + index,
      );
    await pending;
    pending = worker.commit(draft, new Map());
  }
  await pending;
  await worker.leave();
  return '';
};

const readAll = async (kafka: KafkaPort, topic: string, records: number): Promise<string> => {
  const positions = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0n }));
  const reader = kafka.reader({ positions });
  let count = 0;
  let bytes = 0;
  let polls = 0;
  while (count < records) {
    polls += 1;
    for (const fetched of await reader.poll(1_000)) {
      count += fetched.records.length;
      for (const { key, value } of fetched.records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
    }
  }
  await reader.close();
  return `${(bytes / 1e6).toFixed(0)} MB in ${polls} polls`;
};

const passThrough = async (kafka: KafkaPort, topic: string, output: string, records: number): Promise<string> => {
  const worker = await startWorker(kafka, `${output}.pass`, topic);
  const reader = kafka.reader({
    positions: Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0n })),
  });
  let count = 0;
  let transactions = 0;
  let pending: Promise<void> = Promise.resolve();
  while (count < records) {
    const draft = worker.draft();
    const positions = new Map<number, bigint>();
    for (const fetched of await reader.poll(1_000)) {
      for (const { key, value, headers, timestampMs } of fetched.records)
        draft.append(output, fetched.partition, key, value, headers, timestampMs);
      positions.set(fetched.partition, fetched.nextOffset);
      count += fetched.records.length;
    }
    await pending;
    transactions += 1;
    pending = worker.commit(draft, positions);
  }
  await pending;
  await reader.close();
  await worker.leave();
  return `${transactions} transactions`;
};

/** Writes, reads twice (the second time warm) and copies so many records on topics of its own, once per codec. */
export const profileKafka = async (brokers: string, records: number): Promise<readonly Cost[]> => {
  const costs: Cost[] = [];
  for (const codec of ['none', 'zstd'] as const) {
    const kafka = await connectKafka({ brokers, clientId: 'profile', compression: { codec, fromBytes: 1_024 } });
    const prefix = `profile.${randomBytes(4).toString('hex')}.`;
    const [input, output] = [`${prefix}in`, `${prefix}out`];
    await kafka.admin.ensureTopics([input, output].map((name) => ({ name, partitions: PARTITIONS, config: {} })));
    costs.push(await measure(`${codec}: append, commit`, records, () => fill(kafka, input, records)));
    for (const state of ['cold', 'warm'])
      costs.push(await measure(`${codec}: read key and value, ${state}`, records, () => readAll(kafka, input, records)));
    costs.push(await measure(`${codec}: read, append, commit`, records, () => passThrough(kafka, input, output, records)));
    await kafka.admin.deleteTopics([input, output]);
    await kafka.close();
  }
  return costs;
};

if (import.meta.main) {
  const [brokers = '127.0.0.1:9092', wanted = '1000000'] = process.argv.slice(2);
  const records = Number(wanted);
  for (const { what, wallMs, cpuUsPerRecord, note } of await profileKafka(brokers, records)) {
    const columns = [what.padEnd(36), `${wallMs.toFixed(0)} ms`.padStart(9), `${(records / wallMs).toFixed(0)}k/s`.padStart(8)];
    console.log([...columns, `CPU ${cpuUsPerRecord.toFixed(2)} us a record`, note].join('  '));
  }
}
