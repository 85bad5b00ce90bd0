import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANALYST_ATTACKS, ATTACKS } from './attacks.ts';
import { startTestServer, temporaryFolder } from './start-for-tests.ts';
import type { TestServer } from './start-for-tests.ts';

const { folder, remove } = temporaryFolder();
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer(folder);
  await server.send('ingest', 'CREATE TABLE victim (a UInt64, s String) ENGINE = MergeTree ORDER BY a');
  await server.send('ingest', "INSERT INTO victim VALUES (1, 'kept')");
});
afterAll(async () => {
  await server.stop();
  remove();
});

async function expectRefused(role: 'ingest' | 'analyst', sql: string): Promise<void> {
  const answer = await server.send(role, sql);
  expect({ status: answer.status, text: answer.text }).toEqual({
    status: expect.toSatisfy((status: number) => status >= 400),
    text: expect.stringMatching(/^Code: \d+\. DB::Exception: .+ \([A-Z0-9_]+\) \(version /s),
  });
  expect(answer.headers.get('x-clickhouse-exception-code')).toMatch(/^\d+$/);
  expect(answer.text).not.toContain('root:');
  const kept = await server.send(role, 'SELECT a, s FROM victim ORDER BY ALL');
  expect(kept.text).toBe('1\tkept\n');
}

describe('what no caller may do', () => {
  it.each(ATTACKS)('refuses the ingest user $what: $sql', async ({ sql }) => expectRefused('ingest', sql));
  it.each(ATTACKS)('refuses the analyst $what: $sql', async ({ sql }) => expectRefused('analyst', sql));
  it.each(ANALYST_ATTACKS)('refuses the analyst $what: $sql', async ({ sql }) => expectRefused('analyst', sql));

  it('left no file behind', () => {
    expect(existsSync('/tmp/stratcap-attack')).toBe(false);
  });
});
