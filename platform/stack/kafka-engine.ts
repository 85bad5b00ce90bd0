// The embedded Kafka: one KRaft node from the jars of Maven Central, its settings, and how to tell that it is ready.
import { execFile } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import getPort from 'get-port';
import type { KeptProcess } from '#platform/process/keep-alive.ts';
import { askTcp, keepEngine, type EngineContext } from './engine-context.ts';
import { javaFolder } from './engine-files.ts';
import type { JavaEngineFiles } from './java-engine.ts';
import { KAFKA_SETTINGS } from './kafka-settings.ts';

/** Formats the storage at the first start and returns the kept process, not yet started. */
export const prepareKafka = async (
  context: EngineContext,
  { port, ...engine }: JavaEngineFiles & { readonly port: number },
): Promise<KeptProcess> => {
  const { archive, data, files, jdk } = engine;
  const settingsFile = join(data, 'server.properties');
  const logs = join(data, 'log');
  const controllerPort = await getPort({ host: '127.0.0.1', reserve: true });
  const settings = {
    ...KAFKA_SETTINGS,
    'process.roles': 'broker,controller',
    'node.id': '1',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
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
    ...engine.options,
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
