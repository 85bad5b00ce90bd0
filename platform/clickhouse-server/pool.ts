// A pool of workers of one role: first come, first served, one job per worker. Cancelling goes by the job's tag through the
// control worker, because the engine has no other interrupt.
import { Worker } from 'node:worker_threads';
import { engineError, ServerError } from './errors.ts';
import type { ConnectionSetup, FromWorker, Job, ToWorker } from './messages.ts';

/** What a job brought: the whole result, or its last piece when chunks went to `onChunk` before. */
export interface JobResult {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly elapsedMs: number;
}

interface Pending {
  readonly message: Extract<ToWorker, { kind: 'run' | 'control' }>;
  readonly id: string;
  readonly onChunk: ((bytes: Uint8Array, rows: number) => Promise<void>) | undefined;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: Error) => void;
}

/** One thread with its connection. */
interface Seat {
  readonly worker: Worker;
  busyWith: Pending | undefined;
}

export interface Pool {
  readonly version: string;
  /**
   * Runs a job when a connection is free. `onChunk` gets the chunks of a stream, one at a time.
   * @throws ServerError as the engine said it; 202 when too many wait
   */
  run(job: Job, onChunk?: (bytes: Uint8Array, rows: number) => Promise<void>): Promise<JobResult>;
  /** Runs an internal statement that no caller wrote. */
  control(sql: string): Promise<void>;
  /** Takes a waiting job out; tells the worker of a running one to stop after its current chunk. Returns whether it runs. */
  cancel(jobId: string): boolean;
  /** Jobs running and waiting. */
  load(): number;
  /** Ends when every connection is closed; running jobs end first. */
  close(): Promise<void>;
}

const WAITING_MAX = 500;

/** @throws ServerError 76 when the engine cannot open the folder */
export async function openPool(setup: ConnectionSetup, size: number): Promise<Pool> {
  const opened = await Promise.all(Array.from({ length: size }, () => openSeat(setup)));
  const seats = opened.map(({ seat }) => seat);
  const waiting: Pending[] = [];
  let controls = 0;

  function dispatch(): void {
    for (const seat of seats) {
      const next = seat.busyWith === undefined ? waiting.shift() : undefined;
      if (next === undefined) continue;
      seat.busyWith = next;
      seat.worker.postMessage(next.message);
    }
  }

  async function deliver(seat: Seat, message: FromWorker): Promise<void> {
    const job = seat.busyWith;
    if (job === undefined || !('id' in message) || message.id !== job.id) return;
    if (message.kind === 'chunk') {
      await job.onChunk?.(message.bytes, message.rows);
      seat.worker.postMessage({ kind: 'credit', id: job.id } satisfies ToWorker);
      return;
    }
    seat.busyWith = undefined;
    if (message.kind === 'done') job.resolve(message);
    else job.reject(engineError(message.message));
    dispatch();
  }
  for (const seat of seats) {
    // A failing reader rejects onChunk; its request is then cancelled by itself, so the credit is simply not given.
    seat.worker.on('message', (message: FromWorker) => void deliver(seat, message).catch(() => undefined));
  }

  const enqueue = (message: Pending['message'], id: string, onChunk?: Pending['onChunk']): Promise<JobResult> =>
    new Promise((resolve, reject) => {
      if (waiting.length >= WAITING_MAX) {
        reject(
          new ServerError(
            202,
            'TOO_MANY_SIMULTANEOUS_QUERIES',
            `Too many simultaneous queries: ${String(waiting.length)} wait already; try again later`,
          ),
        );
        return;
      }
      waiting.push({ message, id, onChunk, resolve, reject });
      dispatch();
    });

  return {
    version: opened[0]?.version ?? '',
    run: (job, onChunk) => enqueue({ kind: 'run', job }, job.id, onChunk),
    async control(sql) {
      controls += 1;
      const id = `control-${String(controls)}`;
      await enqueue({ kind: 'control', id, sql }, id);
    },
    cancel(jobId) {
      const index = waiting.findIndex(({ id }) => id === jobId);
      if (index !== -1) {
        waiting.splice(index, 1)[0]?.reject(new ServerError(394, 'QUERY_WAS_CANCELLED', 'The reader went away'));
        return false;
      }
      const seat = seats.find(({ busyWith }) => busyWith?.id === jobId);
      seat?.worker.postMessage({ kind: 'stop', id: jobId } satisfies ToWorker);
      return seat !== undefined;
    },
    load: () => waiting.length + seats.filter(({ busyWith }) => busyWith !== undefined).length,
    async close() {
      await Promise.all(seats.map(closeSeat));
    },
  };
}

async function openSeat(setup: ConnectionSetup): Promise<{ readonly seat: Seat; readonly version: string }> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: setup });
  const version = await new Promise<string>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: FromWorker) => {
      if (message.kind === 'open') resolve(message.version);
      else
        reject(
          new ServerError(
            76,
            'CANNOT_OPEN_FILE',
            message.kind === 'not-open' ? message.message : `unexpected message ${message.kind}`,
          ),
        );
    });
  });
  // From here on an error in a worker is a defect: the process ends and is started again by its supervisor.
  worker.removeAllListeners('error');
  worker.on('error', (error) => {
    throw error;
  });
  return { seat: { worker, busyWith: undefined }, version };
}

/** A busy worker must never be terminated (the engine dies with it): it is asked, and closes after its job. */
async function closeSeat(seat: Seat): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    seat.worker.on('message', (message: FromWorker) => {
      if (message.kind === 'closed') resolve();
    });
  });
  seat.worker.postMessage({ kind: 'close' } satisfies ToWorker);
  await closed;
}
