// `stratcap lag`: how far every role is behind the end of its topics, by partition; `stratcap offsets`: where each of them stands.
import { topicName } from '#schemas/topics.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../failure.ts';
import type { LagReport } from '../lag.ts';
import { readPositions } from '../readers.ts';
import { formatDuration } from '../reporter.ts';
import { textTable } from '../text-table.ts';

/** What is still taken as level. */
export interface LagLimits {
  readonly records: number;
  readonly seconds: number | null;
}

/** ok: every role is within the limits; negative: one is behind; unavailable: one cannot be asked. */
export const lagExitCode = ({ roles }: LagReport, limits: LagLimits): number => {
  if (roles.some(({ unknown }) => unknown !== null)) return exitCodes.unavailable;
  const isBehind = roles.some(
    ({ lag, seconds_behind }) =>
      (lag ?? 0) > limits.records && (limits.seconds === null || (seconds_behind ?? Number.POSITIVE_INFINITY) > limits.seconds),
  );
  return isBehind ? exitCodes.negative : exitCodes.ok;
};

const secondsText = (seconds: number | null): string =>
  seconds === null ? 'undecided' : seconds === 0 ? '-' : seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);

/** One line per partition, then one per role. */
export const lagText = ({ roles, lines }: LagReport): string =>
  [
    textTable(
      [
        { title: 'role' },
        { title: 'kept in' },
        { title: 'topic' },
        { title: 'partition', right: true },
        { title: 'position', right: true },
        { title: 'end', right: true },
        { title: 'lag', right: true },
        { title: 'behind', right: true },
      ],
      lines.map((line) => [
        line.role,
        line.kept_in,
        line.topic,
        String(line.partition),
        line.position ?? 'none yet',
        line.end,
        String(line.lag),
        secondsText(line.seconds_behind),
      ]),
    ),
    '',
    ...roles.map(({ role, lag, seconds_behind, unknown }) =>
      unknown === null
        ? `${role.padEnd(18)} ${lag === 0 ? 'is level with the log' : `${lag} behind, oldest ${secondsText(seconds_behind)}`}`
        : `${role.padEnd(18)} unknown: ${unknown}`,
    ),
  ].join('\n');

/** Where one reader stands, with the range that the topic keeps. */
export interface OffsetLine {
  readonly role: string;
  /** Consumer group or store that holds the position. */
  readonly kept_in: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: string | null;
  readonly first_kept: string;
  readonly end: string;
}

export interface OffsetReport {
  readonly lines: readonly OffsetLine[];
  /** Readers that cannot be asked, with the reason. */
  readonly unknown: readonly { readonly role: string; readonly reason: string }[];
}

/** Positions of every reader: of processors as their group committed them, of sinks as their store says. */
export const readOffsets = async (context: Context): Promise<OffsetReport> => {
  const { topicPrefix } = context.config;
  const kafka = await context.kafka();
  const readers = await readPositions(context);
  const names = [...new Set(readers.flatMap(({ topics }) => topics))];
  const marks = new Map(
    (
      await Promise.all(
        names.map(async (topic) =>
          (await kafka.admin.watermarks(topicName(topicPrefix, topic))).map(
            (mark) => [`${topic}/${mark.partition}`, mark] as const,
          ),
        ),
      )
    ).flat(),
  );
  return {
    lines: readers
      .flatMap(({ positions }) => positions ?? [])
      .map(({ role, kept, topic, partition, next }) => {
        const mark = marks.get(`${topic}/${partition}`);
        return {
          role,
          kept_in: kept,
          topic,
          partition,
          position: next === null ? null : String(next),
          first_kept: String(mark?.low ?? 0n),
          end: String(mark?.high ?? 0n),
        };
      }),
    unknown: readers.flatMap(({ role, unknown }) => (unknown === null ? [] : [{ role, reason: unknown }])),
  };
};

/** The positions as a table. */
export const offsetsText = ({ lines, unknown }: OffsetReport): string =>
  [
    textTable(
      [
        { title: 'role' },
        { title: 'kept in' },
        { title: 'topic' },
        { title: 'partition', right: true },
        { title: 'position', right: true },
        { title: 'first kept', right: true },
        { title: 'end', right: true },
      ],
      lines.map((line) => [
        line.role,
        line.kept_in,
        line.topic,
        String(line.partition),
        line.position ?? 'none yet',
        line.first_kept,
        line.end,
      ]),
    ),
    ...unknown.map(({ role, reason }) => `${role}: unknown, ${reason}`),
  ].join('\n');
