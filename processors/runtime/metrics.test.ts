import { describe, expect, it } from 'vitest';
import { createMetrics } from '#platform/observability/metrics.ts';
import { createRuntimeMetrics } from './metrics.ts';

describe('the metrics of a task', () => {
  it('carry the names that Kafka Streams has for them, by processor and partition', async () => {
    const metrics = createMetrics('ledger');
    const task = createRuntimeMetrics(metrics).task('ledger', 2);
    task.running(true);
    task.processed(5);
    task.endToEnd(0.004);
    createRuntimeMetrics(metrics).worker('ledger').committed(0.004);
    task.deadLettered(1);
    task.lag(7);
    task.restoring(100, 20);
    task.restored(0.2);
    task.restarted();
    task.snapshotWritten(1000);
    const text = await metrics.text();
    const valueOf = (name: string): string | undefined =>
      text
        .split('\n')
        .find((line) => line.startsWith(`${name}{`) && line.includes('processor="ledger"') && line.includes('partition="2"'))
        ?.split(' ')[1];
    expect({
      process: valueOf('stratcap_process_total'),
      latency: valueOf('stratcap_record_e2e_latency_seconds_count'),
      lag: valueOf('stratcap_records_lag'),
      restore: valueOf('stratcap_restore_total'),
      remaining: valueOf('stratcap_restore_remaining_records'),
      restores: valueOf('stratcap_restore_seconds_count'),
      dropped: valueOf('stratcap_dropped_records_total'),
      restarts: valueOf('stratcap_task_restarts_total'),
      snapshots: valueOf('stratcap_snapshot_bytes_total'),
      running: valueOf('stratcap_task_running'),
    }).toEqual({
      process: '5',
      latency: '1',
      lag: '7',
      restore: '100',
      remaining: '20',
      restores: '1',
      dropped: '1',
      restarts: '1',
      snapshots: '1000',
      running: '1',
    });
    // A commit covers all partitions of a worker, so it is not told by partition.
    expect(text).toMatch(/stratcap_commit_latency_seconds_count\{[^}]*processor="ledger"[^}]*\} 1/);
  });
});
