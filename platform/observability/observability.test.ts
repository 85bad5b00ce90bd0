// What a process tells about itself: logs without secrets, metrics with one prefix, health by its parts.
import { Writable } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { createHealth } from './health.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';

const logged = (level: string, write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] => {
  const lines: string[] = [];
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString('utf8'));
      done();
    },
  });
  write(createLogger({ role: 'ledger', level }, destination));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};

test('a log line carries role, level in words, time, and no password, token or key', () => {
  const [line] = logged('info', (log) =>
    log.info(
      { addresses: { databaseUrl: 'postgres://u:p@h/d', clickhouse: { password: 'p2' } }, token: 't', masterKey: 'k' },
      'Started',
    ),
  );
  expect(line).toMatchObject({ level: 'info', role: 'ledger', msg: 'Started', token: '[redacted]', masterKey: '[redacted]' });
  expect(line?.['addresses']).toEqual({ databaseUrl: '[redacted]', clickhouse: { password: '[redacted]' } });
  expect(String(line?.['time'])).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

test('an error is logged with its cause', () => {
  const [line] = logged('info', (log) =>
    log.error({ err: new Error('Batch refused', { cause: new Error('disk full') }) }, 'Failed'),
  );
  expect(line?.['err']).toMatchObject({ message: 'Batch refused', cause: { message: 'disk full' } });
});

test('lines below the level are not written', () => {
  expect(logged('warn', (log) => log.info('quiet'))).toEqual([]);
});

test('metrics carry the prefix and the role, and asking for one twice gives the same one', async () => {
  const metrics = createMetrics('sink-postgres');
  const spec = { name: 'events_applied_total', help: 'Events applied.', labels: ['partition'] };
  metrics.counter(spec).inc({ partition: '3' }, 2);
  metrics.counter(spec).inc({ partition: '3' }, 3);
  metrics.histogram({ name: 'commit_seconds', help: 'Commits.', buckets: [0.1, 1] }).observe(0.5);
  const text = await metrics.text();
  expect(text).toContain('stratcap_events_applied_total{partition="3",role="sink-postgres"} 5');
  expect(text).toMatch(/stratcap_commit_seconds_bucket\{le="1",role="sink-postgres"\} 1/);
  expect(text).toContain('process_resident_memory_bytes');
});

test('a process is ready when each of its parts is, and tells each change once', () => {
  const health = createHealth(['kafka', 'postgres']);
  const listener = vi.fn();
  health.onChange(listener);
  expect(health.report().status).toBe('not-ready');
  health.set('kafka', { state: 'ready' });
  health.set('kafka', { state: 'ready' });
  health.set('postgres', { state: 'waiting', detail: 'Postgres does not answer.' });
  expect(health.report()).toEqual({
    status: 'not-ready',
    parts: { kafka: { state: 'ready' }, postgres: { state: 'waiting', detail: 'Postgres does not answer.' } },
  });
  health.set('postgres', { state: 'ready' });
  expect(health.report().status).toBe('ready');
  expect(listener).toHaveBeenCalledTimes(3);
});
