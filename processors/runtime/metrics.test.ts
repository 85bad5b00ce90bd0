import { Registry } from '@prometheus-io/client';
import { describe, expect, it } from 'vitest';
import { createRuntimeMetrics } from './metrics.ts';

describe('the metrics of a task', () => {
  it('carry the names that Kafka Streams has for them, by processor and partition', async () => {
    const registry = new Registry();
    const task = createRuntimeMetrics(registry).task('ledger', 2);
    task.running(true);
    task.processed(5);
    task.committed(0.004);
    task.deadLettered(1);
    task.lag(7);
    task.restoring(100, 20);
    task.restored(0.2);
    task.restarted();
    task.snapshotWritten(1000);
    const text = await registry.metrics();
    for (const line of [
      'stratcap_process_total{processor="ledger",partition="2"} 5',
      'stratcap_commit_latency_seconds_bucket{le="0.005",processor="ledger",partition="2"} 1',
      'stratcap_records_lag{processor="ledger",partition="2"} 7',
      'stratcap_restore_total{processor="ledger",partition="2"} 100',
      'stratcap_restore_remaining_records{processor="ledger",partition="2"} 20',
      'stratcap_dropped_records_total{processor="ledger",partition="2"} 1',
      'stratcap_task_restarts_total{processor="ledger",partition="2"} 1',
      'stratcap_snapshot_bytes_total{processor="ledger",partition="2"} 1000',
      'stratcap_task_running{processor="ledger",partition="2"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });
});
