// What stands on the log, read by Kafka's own client in a JVM (ReadLog.java): while the faults go on, and once more at the end.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureEngineFiles } from '#platform/stack/engine-files.ts';
import { findJdk } from '#platform/stack/jdk.ts';

/** A committed record, with bytes as they were written. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<string, Buffer>;
}

export interface ReadLog {
  /** Records of one partition in the order of the log. */
  partition(topic: string, partition: number): readonly LogRecord[];
  readonly count: (topic: string) => number;
}

/** Where the committed part of a partition ends, and where all of it does. */
export interface PartitionEnd {
  readonly topic: string;
  readonly partition: number;
  readonly stable: bigint;
  readonly high: bigint;
}

const bytesOf = (text: string): Buffer | null => (text === '-' ? null : Buffer.from(text, 'base64'));

interface Gathered extends ReadLog {
  readonly ends: PartitionEnd[];
  take(chunk: string): void;
}

const gather = (): Gathered => {
  const partitions = new Map<string, LogRecord[]>();
  const counts = new Map<string, number>();
  const ends: PartitionEnd[] = [];
  let rest = '';
  const takeLine = (line: string): void => {
    const fields = line.split('\t');
    if (fields[0] === 'end') {
      const [, topic = '', partition = '', stable = '0', high = '0'] = fields;
      ends.push({ topic, partition: Number(partition), stable: BigInt(stable), high: BigInt(high) });
      return;
    }
    const [topic = '', partition = '', offset = '0', timestamp = '0', key = '-', value = '-', headers = ''] = fields;
    const name = `${topic}/${partition}`;
    const records = partitions.get(name) ?? [];
    partitions.set(name, records);
    counts.set(topic, (counts.get(topic) ?? 0) + 1);
    const pairs = headers.split(' ').filter(Boolean);
    records.push({
      topic,
      partition: Number(partition),
      offset: BigInt(offset),
      timestampMs: Number(timestamp),
      key: bytesOf(key),
      value: bytesOf(value),
      headers: new Map(
        pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), bytesOf(pair.slice(pair.indexOf('=') + 1)) ?? Buffer.alloc(0)]),
      ),
    });
  };
  return {
    ends,
    take: (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') takeLine(line);
    },
    partition: (topic, partition) => partitions.get(`${topic}/${partition}`) ?? [],
    count: (topic) => counts.get(topic) ?? 0,
  };
};

const startJvm = async (brokers: string, mode: 'follow' | 'once', topics: readonly string[]): Promise<ChildProcess> => {
  const jdk = findJdk(process.env);
  const jars = await ensureEngineFiles({ engine: 'kafka', jdk, env: process.env, onProgress: () => undefined });
  const source = fileURLToPath(new URL('./ReadLog.java', import.meta.url));
  const options = ['-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dorg.apache.logging.log4j.level=OFF'];
  return spawn(join(jdk.home, 'bin', 'java'), [...options, '-cp', `${jars}/*`, source, brokers, mode, ...topics], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
};

/** Follows topics from their beginning until `stop`. */
export const followLog = async (
  brokers: string,
  topics: readonly string[],
): Promise<ReadLog & { failure(): string | null; stop(): Promise<void> }> => {
  const log = gather();
  const child = await startJvm(brokers, 'follow', topics);
  let stopping = false;
  let said = '';
  let failure: string | null = null;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  child.stdout?.setEncoding('utf8').on('data', (text: string) => log.take(text));
  const exited = once(child, 'exit').then(([code]) => {
    if (!stopping) failure = `the reader of the log ended by itself (${String(code)}): ${said}`;
  });
  return {
    partition: log.partition,
    count: log.count,
    failure: () => failure,
    stop: async () => {
      stopping = true;
      child.stdin?.end('stop\n');
      const kill = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(kill);
    },
  };
};

/** Reads topics from their beginning to their end. @throws Error with what the reader said. */
export const readLogOnce = async (
  brokers: string,
  topics: readonly string[],
): Promise<ReadLog & { readonly ends: readonly PartitionEnd[] }> => {
  const log = gather();
  const child = await startJvm(brokers, 'once', topics);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  child.stdout?.setEncoding('utf8').on('data', (text: string) => log.take(text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`the log could not be read (${String(code)}; a JDK with its compiler is needed, not a JRE): ${said}`);
  return log;
};
