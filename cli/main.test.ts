// What a shell script sees of the commands: exit codes, and where texts go.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommand } from '#tests/support/own-stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'no-stack-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const noServers = { KAFKA_BROKERS: '', DATABASE_URL: '', CLICKHOUSE_URL: '', SCHEMA_REGISTRY_URL: '' };

test.each([
  [['dlq', 'drop', '1/2'], 2, "required option '--reason <text>' not specified"],
  [['lag', '--max-records', 'many'], 2, 'It must be a whole number'],
  [['nonsense'], 2, 'nonsense'],
  [['lag'], 3, 'No stack runs on'],
] as const)('stratcap %j ends with %i and says why on standard error', async (args, code, text) => {
  const end = await runCommand(folder, args, noServers);
  expect([end.code, end.stdout]).toEqual([code, '']);
  expect(end.stderr).toContain(text);
});

test('help and topology need no stack', async () => {
  const help = await runCommand(folder, ['dlq', 'replay', '--help'], noServers);
  expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('--dry-run')]);
  const topology = await runCommand(folder, ['topology', '--json'], noServers);
  expect(topology.code).toBe(0);
  expect(JSON.parse(topology.stdout)).toMatchObject({ topicPrefix: 'stratcap.', partitions: 8 });
});
