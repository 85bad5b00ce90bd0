// One scrape for all roles.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMetrics } from '#platform/observability/metrics.ts';
import { mergeMetrics, serveMetrics, withRoleMetrics } from './metrics.ts';

it('puts the lines of a metric together under one HELP and TYPE', () => {
  expect(
    mergeMetrics(['# HELP a text\n# TYPE a counter\na{role="x"} 1\n', '# HELP a text\n# TYPE a counter\na{role="y"} 2\n']),
  ).toBe('# HELP a text\n# TYPE a counter\na{role="x"} 1\na{role="y"} 2\n');
});

it('gathers what the roles say on their sockets, and leaves out a role that is not there', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'stratcap-metrics-'));
  const ledger = createMetrics('ledger');
  ledger.counter({ name: 'tries_total', help: 'Tries.' }).inc(3);
  const endpoint = await serveMetrics({ dataFolder, role: 'ledger', metrics: ledger, ready: () => true });
  const text = await withRoleMetrics(createMetrics('api'), dataFolder, ['ledger', 'gone']).text();
  expect(text).toContain('stratcap_tries_total{role="ledger"} 3');
  expect(text.match(/^# TYPE process_cpu_seconds_total /gm)).toHaveLength(1);
  expect(text).toContain('process_cpu_seconds_total{role="api"}');
  await endpoint.close();
  rmSync(dataFolder, { recursive: true });
});
