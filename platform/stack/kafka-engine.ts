// The embedded Kafka: one KRaft node from the jars of Maven Central, its settings, and how to tell that it is ready.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import getPort from 'get-port';
import type { KeptProcess } from '#platform/process/keep-alive.ts';
import type { ClassArchive } from './class-archive.ts';
import { askTcp, keepEngine, type EngineContext } from './engine-context.ts';
import { javaFolder } from './engine-files.ts';
import type { Jdk } from './jdk.ts';

/**
 * Settings of the broker that never change. Offsets and topics are kept for ever unless a topic says otherwise: a
 * committed offset that expires would make a task forget where it was. The group and transaction limits are low so that
 * a killed task is replaced in a second; internal topics are small because there is one node.
 */
export const KAFKA_SETTINGS: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'inter.broker.listener.name': 'PLAINTEXT',
  'auto.create.topics.enable': 'false',
  'num.partitions': '1',
  'default.replication.factor': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'offsets.retention.minutes': '2147483647',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'transaction.max.timeout.ms': '900000',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
  // After a kill the controller waits for the end of the dead broker's session before it lets the new one in.
  'broker.session.timeout.ms': '4000',
  'broker.heartbeat.interval.ms': '500',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'group.consumer.min.session.timeout.ms': '1000',
  'group.consumer.min.heartbeat.interval.ms': '100',
  'log.retention.ms': '-1',
  'log.retention.bytes': '-1',
  'log.cleaner.dedupe.buffer.size': '33554432',
  'message.max.bytes': '8388608',
  'replica.fetch.max.bytes': '8388608',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'group.coordinator.threads': '1',
  'background.threads': '2',
  'log.message.timestamp.after.max.ms': '9223372036854775807',
};

/** Formats the storage at the first start and returns the kept process, not yet started. */
export const prepareKafka = async (
  context: EngineContext,
  {
    jdk,
    files,
    port,
    archive,
  }: { readonly jdk: Jdk; readonly files: string; readonly port: number; readonly archive: ClassArchive },
): Promise<KeptProcess> => {
  const data = context.folder.engine('kafka');
  mkdirSync(data, { recursive: true });
  const settingsFile = join(data, 'server.properties');
  const logs = join(data, 'log');
  const controllerPort = await getPort({ host: '127.0.0.1', reserve: true });
  const settings = {
    ...KAFKA_SETTINGS,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'log.dirs': logs,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}`);
  writeFileSync(settingsFile, `${lines.join('\n')}\n`);
  const java = join(jdk.home, 'bin', 'java');
  const options = [
    '-Xms128m',
    `-Xmx${context.env['STRATCAP_KAFKA_HEAP'] || '512m'}`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.awt.headless=true',
    `-Dlog4j2.configurationFile=${join(javaFolder('kafka'), 'log4j2.properties')}`,
    '-cp',
    `${files}/*`,
  ];
  if (!existsSync(join(logs, 'meta.properties'))) {
    context.onProgress({ engine: 'kafka', kind: 'prepare', message: 'Kafka: the storage is formatted.' });
    // Left by a format that was killed: an unfinished folder is refused, and there is nothing in it yet.
    rmSync(logs, { recursive: true, force: true });
    const clusterId = randomBytes(16).toString('base64url');
    const args = [...options, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settingsFile];
    await promisify(execFile)(java, args, { signal: context.signal });
  }
  return keepEngine(context, {
    engine: 'kafka',
    title: 'Kafka',
    address: `127.0.0.1:${port}`,
    command: java,
    args: [...archive.options, ...options, 'kafka.Kafka', settingsFile],
    env: context.env,
    cwd: data,
    isReady: () => isKafkaReady({ host: '127.0.0.1', port }),
  });
};

/** True when the broker answers a metadata request and names itself: it is unfenced, topics can be made. */
export const isKafkaReady = async ({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> => {
  // Metadata, version 1, no topics: https://kafka.apache.org/protocol (key 3; correlation id 1; client id null).
  const request = Buffer.from([0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0]);
  const answer = await askTcp({ host, port, request });
  return answer !== null && answer.length >= 12 && answer.readInt32BE(4) === 1 && answer.readInt32BE(8) > 0;
};
