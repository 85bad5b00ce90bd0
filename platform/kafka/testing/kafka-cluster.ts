// Kafka brokers of a test's own, one or three, each a JVM that may be killed, frozen and started again; with TLS and SASL if asked for.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import getPort from 'get-port';
import { ensureEngineFiles, javaFolder } from '#platform/stack/engine-files.ts';
import { findJdk } from '#platform/stack/jdk.ts';
import { isKafkaReady } from '#platform/stack/kafka-engine.ts';
import { KAFKA_SETTINGS } from '#platform/stack/kafka-settings.ts';

const run = promisify(execFile);

export interface TestCluster {
  /** Plain text. */
  readonly brokers: string;
  /** TLS with SASL, where asked for. */
  readonly secureBrokers: string;
  /** TLS without SASL, where asked for. */
  readonly tlsBrokers: string;
  /** The certificate that brokers show, as PEM; empty without TLS. */
  readonly ca: string;
  signal(index: number, signal: NodeJS.Signals): void;
  /** Starts a broker that was killed and waits until it answers. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly nodes: 1 | 3;
  readonly settings?: Readonly<Record<string, string>>;
  /** Users by name with their passwords, known to PLAIN and to SCRAM. */
  readonly users?: Readonly<Record<string, string>>;
}

interface Node {
  readonly id: number;
  readonly port: number;
  readonly securePort: number;
  readonly tlsPort: number;
  readonly controllerPort: number;
  readonly folder: string;
  child: ChildProcess | null;
}

const makeCertificate = async (keytool: string, folder: string): Promise<string> => {
  const store = ['-keystore', join(folder, 'keys.p12'), '-storetype', 'PKCS12', '-storepass', 'test-store', '-alias', 'kafka'];
  const subject = ['-dname', 'CN=localhost', '-ext', 'san=dns:localhost,ip:127.0.0.1', '-validity', '2'];
  await run(keytool, ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', ...subject, ...store]);
  await run(keytool, ['-exportcert', '-rfc', '-file', join(folder, 'ca.pem'), ...store]);
  return readFile(join(folder, 'ca.pem'), 'utf8');
};

const secureSettings = (folder: string, users: Readonly<Record<string, string>>): Record<string, string> => {
  const known = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'ssl.keystore.location': join(folder, 'keys.p12'),
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.password': 'test-store',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${known.join(' ')};`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': scram,
  };
};

/** Starts the brokers and waits until each answers. Stop them with `stop`, which also removes their folder. */
export const startTestCluster = async ({ nodes: count, settings = {}, users }: ClusterOptions): Promise<TestCluster> => {
  const jdk = findJdk(process.env);
  const jars = await ensureEngineFiles({ engine: 'kafka', jdk, env: process.env, onProgress: () => undefined });
  const folder = await mkdtemp(join(tmpdir(), 'stratcap-cluster-'));
  const port = (): Promise<number> => getPort({ host: '127.0.0.1', reserve: true });
  const nodes: Node[] = [];
  for (let id = 1; id <= count; id += 1) {
    const ports = { port: await port(), securePort: await port(), tlsPort: await port(), controllerPort: await port() };
    nodes.push({ id, ...ports, folder: join(folder, String(id)), child: null });
  }
  const ca = users === undefined ? '' : await makeCertificate(join(jdk.home, 'bin', 'keytool'), folder);
  const java = join(jdk.home, 'bin', 'java');
  const options = ['-Xms96m', '-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'].concat(
    `-Dlog4j2.configurationFile=${join(javaFolder('kafka'), 'log4j2.properties')}`,
    ['-cp', `${jars}/*`],
  );
  const clusterId = randomBytes(16).toString('base64url');
  const voters = nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(',');

  const format = async (node: Node): Promise<void> => {
    await mkdir(node.folder, { recursive: true });
    const file = join(node.folder, 'server.properties');
    const extra = users === undefined ? [] : [`SASL_SSL://127.0.0.1:${node.securePort}`, `SSL://127.0.0.1:${node.tlsPort}`];
    const listeners = [`PLAINTEXT://127.0.0.1:${node.port}`, ...extra];
    const replicas = String(count);
    const all: Record<string, string> = {
      ...KAFKA_SETTINGS,
      'process.roles': 'broker,controller',
      'node.id': String(node.id),
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
      'controller.listener.names': 'CONTROLLER',
      'inter.broker.listener.name': 'PLAINTEXT',
      listeners: [...listeners, `CONTROLLER://127.0.0.1:${node.controllerPort}`].join(','),
      'advertised.listeners': listeners.join(','),
      'controller.quorum.voters': voters,
      'log.dirs': join(node.folder, 'log'),
      'offsets.topic.replication.factor': replicas,
      'transaction.state.log.replication.factor': replicas,
      'transaction.state.log.min.isr': count === 3 ? '2' : '1',
      'min.insync.replicas': count === 3 ? '2' : '1',
      'default.replication.factor': replicas,
      'broker.session.timeout.ms': '3000',
      ...(users === undefined ? {} : secureSettings(folder, users)),
      ...settings,
    };
    await writeFile(
      file,
      `${Object.entries(all)
        .map(([name, value]) => `${name}=${value}`)
        .join('\n')}\n`,
    );
    const scram = Object.entries(users ?? {}).flatMap(([name, password]) =>
      ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
        '--add-scram',
        `${mechanism}=[name=${name},password=${password}]`,
      ]),
    );
    await run(java, [...options, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file, ...scram]);
  };
  const start = (node: Node): void => {
    const child = spawn(java, [...options, 'kafka.Kafka', join(node.folder, 'server.properties')], {
      stdio: 'ignore',
      cwd: node.folder,
    });
    child.once('exit', () => {
      if (node.child === child) node.child = null;
    });
    node.child = child;
  };
  const ready = async (node: Node): Promise<void> => {
    for (const until = Date.now() + 90_000; !(await isKafkaReady({ host: '127.0.0.1', port: node.port })); await sleep(100)) {
      if (node.child === null) throw new Error(`broker ${node.id} has ended while it started; look into ${node.folder}`);
      if (Date.now() > until) throw new Error(`broker ${node.id} does not answer after 90 s; look into ${node.folder}`);
    }
  };
  const at = (index: number): Node => {
    const node = nodes[index];
    if (node === undefined) throw new Error(`there is no broker ${index}; there are ${nodes.length}`);
    return node;
  };
  const stop = async (): Promise<void> => {
    for (const { child } of nodes) child?.kill('SIGKILL');
    for (const node of nodes) while (node.child !== null) await sleep(20);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(nodes.map(format));
    for (const node of nodes) start(node);
    await Promise.all(nodes.map(ready));
  } catch (error) {
    await stop();
    throw error;
  }
  const list = (portOf: (node: Node) => number): string => nodes.map((node) => `127.0.0.1:${portOf(node)}`).join(',');
  return {
    brokers: list((node) => node.port),
    secureBrokers: list(({ securePort }) => securePort),
    tlsBrokers: list(({ tlsPort }) => tlsPort),
    ca,
    signal: (index, signal) => {
      at(index).child?.kill(signal);
    },
    restart: async (index) => {
      const node = at(index);
      while (node.child !== null) await sleep(20);
      start(node);
      await ready(node);
    },
    stop,
  };
};
