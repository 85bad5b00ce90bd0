// One run of one contestant over everything that is on the log: throughput from a cold start, then kill -9 and the way back, then the
// comparison of all outputs with the independent fold.
import type { Contestant } from './contestants.ts';
import type { EventSource } from './events.ts';
import type { Comparison, Expectation } from './expected.ts';
import type { BenchLog } from './log.ts';
import type { WatchedProcess } from './watched-process.ts';

export interface RunDeps {
  readonly log: BenchLog;
  readonly source: EventSource;
  readonly expectation: Expectation;
  /** Processor seconds of the broker so far. */
  brokerCpu(): Promise<number | null>;
  readonly say: (text: string) => void;
  readonly timeoutMs: number;
}

export interface TimedRun {
  readonly contestant: string;
  readonly events: number;
  /** From the first event seen by the process to the last offset committed and every output decided. */
  readonly seconds: number;
  readonly eventsPerSecond: number;
  /** The same from the start of the process. */
  readonly secondsFromStart: number;
  readonly cpuSeconds: number | null;
  readonly peakRssMb: number | null;
  readonly brokerCpuSeconds: number | null;
  /** From the start of the process after kill -9 until it has answered an event of each partition that waited for it. */
  readonly restoreSeconds: number;
  readonly comparison: Comparison;
}

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
const roundedOrNull = (value: number | null, digits: number): number | null => (value === null ? null : rounded(value, digits));

/** Throws when a measured process has ended. */
export const assertAlive = (process: WatchedProcess, name: string): void => {
  const ended = process.ended();
  if (ended !== null) throw new Error(`${name} ended by ${ended} while it was measured; its log is in the folder of the stack`);
};

/** Waits until a contestant has read everything; gives the moment. */
export const untilDone = async (
  deps: Pick<RunDeps, 'log' | 'timeoutMs'>,
  contestant: Contestant,
  process: WatchedProcess,
): Promise<number> =>
  await deps.log.untilRead({
    group: contestant.group,
    topic: contestant.input,
    output: contestant.output,
    timeoutMs: deps.timeoutMs,
    check: () => assertAlive(process, contestant.name),
  });

/** Measures one contestant. The comparison does not throw: a difference is a result. */
export const timedRun = async (deps: RunDeps, contestant: Contestant): Promise<TimedRun> => {
  const { log, source, expectation, say } = deps;
  await contestant.renew();
  await expectation.extend();
  const { events } = expectation;
  const brokerBefore = await deps.brokerCpu();
  let process = contestant.start();
  const { startedAtMs } = process;
  try {
    const doneAt = await untilDone(deps, contestant, process);
    const [cpuSeconds, peakRssMb, brokerAfter] = [process.cpuSeconds(), process.peakRssMb(), await deps.brokerCpu()];
    const firstAt = process.mark('first');
    if (firstAt === null) throw new Error(`${contestant.name} did not say when it saw its first event`);
    await process.end('SIGKILL');
    await log.appendOneEach(source);
    process = contestant.start();
    const backAt = await untilDone(deps, contestant, process);
    const restoreSeconds = (backAt - process.startedAtMs) / 1000;
    await process.end('SIGTERM');
    await expectation.extend();
    const comparison = await expectation.compare(contestant.output);
    const seconds = (doneAt - firstAt) / 1000;
    const run: TimedRun = {
      contestant: contestant.name,
      events,
      seconds: rounded(seconds, 2),
      eventsPerSecond: Math.round(events / seconds),
      secondsFromStart: rounded((doneAt - startedAtMs) / 1000, 2),
      cpuSeconds: roundedOrNull(cpuSeconds, 1),
      peakRssMb: roundedOrNull(peakRssMb, 0),
      brokerCpuSeconds: brokerBefore === null || brokerAfter === null ? null : rounded(brokerAfter - brokerBefore, 1),
      restoreSeconds: rounded(restoreSeconds, 2),
      comparison,
    };
    say(
      `${contestant.name}: ${run.seconds} s, ${run.eventsPerSecond} events/s, ${run.cpuSeconds} s of processor, ${run.peakRssMb} MiB, back after ${run.restoreSeconds} s, ${comparison.equal ? 'exact' : `WRONG: ${comparison.differences.join('; ')}`}`,
    );
    return run;
  } finally {
    await process.end('SIGKILL');
    await contestant.clear();
  }
};
