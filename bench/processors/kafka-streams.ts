// The Kafka Streams application of bench/kafka-streams: built by Maven when its sources changed, started as a process of its own.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findJdk, findMaven } from '#platform/stack/jdk.ts';
import { watchProcess, type WatchedProcess } from './watched-process.ts';

const home = fileURLToPath(new URL('../kafka-streams/', import.meta.url));
const jar = join(home, 'target/kafka-streams.jar');
const digestFile = join(home, 'target/sources.sha256');

const sourcesDigest = (): string => {
  const hash = createHash('sha256').update(readFileSync(join(home, 'pom.xml')));
  for (const entry of readdirSync(join(home, 'src'), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
  return hash.digest('hex');
};

/** Builds the application unless it was built from these very sources. @throws Error with what Maven said. */
export const buildKafkaStreams = async (say: (text: string) => void): Promise<void> => {
  const digest = sourcesDigest();
  if (existsSync(jar) && existsSync(digestFile) && readFileSync(digestFile, 'utf8') === digest) return;
  say('Building the Kafka Streams application with Maven (the first time it fetches about 100 MB).');
  const child = spawn(findMaven(process.env), ['-q', '-B', 'package'], { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const waiting = setInterval(() => say('Maven is still at work.'), 15_000);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(waiting);
  if (code !== 0) throw new Error(`mvn package in bench/kafka-streams failed:\n${output}`);
  writeFileSync(digestFile, digest);
};

/** Versions of what is measured, from the poms of the application and of the broker. */
export const kafkaStreamsVersions = (): Readonly<Record<string, string | null>> => {
  const versionIn = (pom: string, artifact: string): string | null =>
    new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([^<]+)<`).exec(readFileSync(pom, 'utf8'))?.[1] ?? null;
  const own = join(home, 'pom.xml');
  const broker = fileURLToPath(new URL('../../platform/stack/java/kafka/pom.xml', import.meta.url));
  return {
    kafka: versionIn(broker, 'kafka_2.13'),
    kafkaStreams: versionIn(own, 'kafka-streams'),
    avroJava: versionIn(own, 'avro'),
    java: findJdk(process.env).build,
  };
};

export interface KafkaStreamsOptions {
  readonly application: string;
  readonly brokers: string;
  readonly registry: string;
  readonly topicPrefix: string;
  readonly input: string;
  readonly output: string;
  readonly stateFolder: string;
  readonly cache: 'on' | 'off';
  readonly commitMs: number;
  readonly logFile: string;
}

/** Threads of the application: one per core of the machine that it was tuned on; more only takes from the broker. */
const threads = 2;

/** Starts the application; its first line of an event and its states are marks of the process. */
export const startKafkaStreams = (options: KafkaStreamsOptions): WatchedProcess => {
  mkdirSync(options.stateFolder, { recursive: true });
  const settings = {
    application: options.application,
    brokers: options.brokers,
    registry: options.registry,
    prefix: options.topicPrefix,
    input: options.input,
    output: options.output,
    state: options.stateFolder,
    cache: options.cache,
    'commit-ms': String(options.commitMs),
    threads: String(threads),
  };
  const java = join(findJdk(process.env).home, 'bin/java');
  const child = spawn(
    java,
    [
      '-Xmx2g',
      '-cp',
      `${jar}:${join(home, 'target/lib/*')}`,
      'stratcap.bench.HoldingsApplication',
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return watchProcess(child, options.logFile, (line) => {
    const [word, ...rest] = line.split(' ');
    if (word === 'first') return [{ name: 'first', atMs: Number(rest[0]) }];
    if (word === 'state' && rest[0] === 'RUNNING') return [{ name: 'running', atMs: Number(rest[1]) }];
    return [];
  });
};

/** Removes what a run left on disk. */
export const removeState = (stateFolder: string): void => rmSync(stateFolder, { recursive: true, force: true });
