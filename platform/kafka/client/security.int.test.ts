// TLS and SASL against a real broker of the test's own: who may come in, who may not, and what is said to those who may not.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertReachable } from '#platform/stack/external.ts';
import { connectKafka } from '../connect.ts';
import type { KafkaSecurity, SaslCredentials } from './settings.ts';
import { textRecord, valuesOf } from '../testing/kafka-corner.ts';
import { startTestCluster } from '../testing/kafka-cluster.ts';
import type { TestCluster } from '../testing/kafka-cluster.ts';
import { startWorkerLog } from '../testing/worker-log.ts';

const USER = { username: 'auditor', password: 'a long pass-word' };
let cluster: TestCluster;
let topics = 0;

beforeAll(async () => {
  cluster = await startTestCluster({
    nodes: 1,
    users: { [USER.username]: USER.password },
    settings: { 'connections.max.reauth.ms': '5000' },
  });
}, 120_000);
afterAll(() => cluster?.stop());

const connect = (brokers: string, security: KafkaSecurity, patienceMs = 20_000) =>
  connectKafka({ brokers, clientId: 'security', security, patienceMs });

const sasl = (mechanism: SaslCredentials['mechanism'], changes: Partial<SaslCredentials> = {}): SaslCredentials => ({
  mechanism,
  ...USER,
  ...changes,
});

/** Writes, commits and reads, so that every kind of connection is used. */
const useEverything = async (brokers: string, security: KafkaSecurity, pauseMs = 0): Promise<void> => {
  const kafka = await connect(brokers, security);
  const topic = `security-${(topics += 1)}`;
  await kafka.admin.ensureTopics([{ name: topic, partitions: 1, config: {} }]);
  const log = await startWorkerLog(kafka, { group: `${topic}-group`, topic, workerId: '0', partitions: 'group' });
  await log.until(({ held }) => held.size === 1);
  const reader = kafka.reader({ positions: [{ topic, partition: 0, offset: 0n }] });
  const producer = kafka.producer();
  const seen: (string | undefined)[] = [];
  for (let round = 0; round < 3; round += 1) {
    await producer.send([textRecord(topic, 0, `sent ${round}`)]);
    const draft = log.worker.draft();
    draft.append(topic, 0, null, Buffer.from(`committed ${round}`));
    await log.worker.commit(draft, new Map([[0, BigInt(round)]]));
    for (const until = Date.now() + 10_000; seen.length < (round + 1) * 2 && Date.now() < until;)
      seen.push(...valuesOf((await reader.poll(500)).flatMap(({ records }) => records)));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  expect(seen).toEqual([0, 1, 2].flatMap((round) => [`sent ${round}`, `committed ${round}`]));
  expect(log.told).toEqual(['assigned 0']);
  await kafka.close();
};

describe('a broker behind TLS and SASL', () => {
  it('is used over TLS with its certificate known', async () => {
    await useEverything(cluster.tlsBrokers, { tls: { ca: cluster.ca } });
  });

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('is used with %s over TLS', async (mechanism) => {
    await useEverything(cluster.secureBrokers, { tls: { ca: cluster.ca }, sasl: sasl(mechanism) });
  });

  it('is used on while credentials have to be shown again every five seconds', async () => {
    await useEverything(cluster.secureBrokers, { tls: { ca: cluster.ca }, sasl: sasl('SCRAM-SHA-256') }, 3_500);
  });

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('refuses a wrong password by name: %s', async (mechanism) => {
    const security = { tls: { ca: cluster.ca }, sasl: sasl(mechanism, { password: 'wrong' }) };
    await expect(connect(cluster.secureBrokers, security)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(
        /does not accept us by .*Check the SASL mechanism, the user name and the password/,
      ) as string,
    });
  });

  it('is not trusted when its certificate is not known, and says so', async () => {
    await expect(connect(cluster.tlsBrokers, { tls: {} }, 500)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('self-signed certificate') as string,
    });
  });

  it('is accepted in place of the embedded one when its settings are given, and what is wrong with them is said', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stratcap-ca-'));
    const file = join(folder, 'ca.pem');
    await writeFile(file, cluster.ca);
    const env = {
      KAFKA_TLS: 'on',
      KAFKA_TLS_CA: file,
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
      KAFKA_SASL_USER: USER.username,
      KAFKA_SASL_PASSWORD: USER.password,
    };
    await assertReachable('kafka', cluster.secureBrokers, env);
    await expect(assertReachable('kafka', cluster.secureBrokers, { ...env, KAFKA_SASL_PASSWORD: 'wrong' })).rejects.toThrow(
      /KAFKA_BROKERS is .*does not accept us by SCRAM-SHA-256/,
    );
    await rm(folder, { recursive: true });
  });

  it('is not reached in plain text', async () => {
    await expect(connect(cluster.secureBrokers, {}, 500)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
