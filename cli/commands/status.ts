// `stratcap status`: how the engines and roles are, how far each role is behind the log, what lies in dead letters, and what the
// stores contain.
import { dataFolderOf } from '#platform/config/config.ts';
import { topicName } from '#schemas/topics.ts';
import { openContext, runningEnvironment, type Context } from '../context.ts';
import { askControl, roleDetail, type ControlStatus, type PartState } from '../control.ts';
import { followLetters, type OpenLetters } from '../dead-letters/box.ts';
import { inTime } from '../in-time.ts';
import { readLag, type RoleLag } from '../lag.ts';

interface ApiStatus {
  readonly position: string | null;
  readonly counts: Readonly<Record<string, number>> | null;
}

const askApi = async (url: string): Promise<ApiStatus | null> => {
  try {
    const response = await fetch(`${url}/v1/status`, { signal: AbortSignal.timeout(5000) });
    return response.ok ? ((await response.json()) as ApiStatus) : null;
  } catch {
    return null;
  }
};

/** What `status --json` prints on one line. */
export interface StatusLine {
  readonly phase: string;
  readonly ready: boolean;
  readonly funds: number | null;
  readonly investors: number | null;
  readonly commitments: number | null;
  readonly position: string | null;
  /** Of the role that is furthest behind; null when one of them is unknown. */
  readonly lag: number | null;
  /** Records behind the log by role; null where it is unknown. */
  readonly lags: Readonly<Record<string, number | null>>;
  /** Open ones; null when the log does not answer. */
  readonly dead_letters: OpenLetters | null;
  readonly engines: Readonly<Record<string, string>>;
  readonly roles: Readonly<Record<string, string>>;
  /** Why a role is not ready, by role. */
  readonly details: Readonly<Record<string, string>>;
}

const openLetters = async (context: Context): Promise<OpenLetters> => {
  const follower = followLetters(await context.kafka(), topicName(context.config.topicPrefix, 'dead-letters'));
  try {
    return await follower.count();
  } finally {
    await follower.close();
  }
};

/** Records behind, as the role itself says; of a role of several parts, all of them together. */
const ownLag = ({ status }: PartState): number | null => {
  const lags = [status].flat().map((part) => (typeof part === 'object' && part !== null && 'lag' in part ? part.lag : null));
  return lags.every((lag) => typeof lag === 'number') ? lags.reduce((sum, lag) => sum + lag, 0) : null;
};

/** What is measured; where a store does not answer, what the role itself knows of its lag. */
export const lagsOf = (measured: readonly RoleLag[], roles: readonly PartState[]): Readonly<Record<string, number | null>> =>
  Object.fromEntries(
    measured.map(({ role, lag }) => {
      const part = roles.find(({ name }) => name === role);
      return [role, lag ?? (part === undefined ? null : ownLag(part))];
    }),
  );

const detailsOf = (roles: readonly PartState[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    roles.flatMap((part) => {
      const detail = part.state === 'ready' ? null : roleDetail(part.status);
      return detail === null ? [] : [[part.name, detail] as const];
    }),
  );

/** Puts together what was asked. */
export const toStatusLine = (
  control: ControlStatus | null,
  api: ApiStatus | null,
  measured: readonly RoleLag[],
  deadLetters: OpenLetters | null,
): StatusLine => {
  const parts = [...(control?.engines ?? []), ...(control?.roles ?? [])];
  const lags = lagsOf(measured, control?.roles ?? []);
  const known = Object.values(lags).filter((lag) => lag !== null);
  return {
    phase: control?.phase ?? 'unknown',
    ready: parts.length > 0 && parts.every((part) => part.state === 'ready') && api !== null,
    funds: api?.counts?.['funds'] ?? null,
    investors: api?.counts?.['investors'] ?? null,
    commitments: api?.counts?.['commitments'] ?? null,
    position: api?.position ?? null,
    lag: known.length > 0 && known.length === Object.keys(lags).length ? Math.max(...known) : null,
    lags,
    dead_letters: deadLetters,
    engines: Object.fromEntries((control?.engines ?? []).map((part) => [part.name, part.state])),
    roles: Object.fromEntries((control?.roles ?? []).map((part) => [part.name, part.state])),
    details: detailsOf(control?.roles ?? []),
  };
};

/** Gathers the status of the running stack. @throws CommandFailure when none runs. */
export const readStatus = async (): Promise<StatusLine> => {
  const env = runningEnvironment();
  const context = openContext(env, 'status', 'silent');
  const { http } = context.config;
  const [control, api, { roles: measured }, letters] = await Promise.all([
    askControl(dataFolderOf(env)),
    askApi(`http://${http.host}:${http.port}`),
    readLag(context),
    inTime(openLetters(context), null, 10_000),
  ]);
  await inTime(context.close(), undefined, 1_000);
  return toStatusLine(control, api, measured, letters);
};

const lettersText = (letters: OpenLetters | null): string => {
  if (letters === null) return 'dead letters: unknown, the log does not answer';
  if (letters.open === 0) return 'no dead letters';
  return `${letters.open} dead ${letters.open === 1 ? 'letter' : 'letters'} since ${letters.since ?? '?'} (stratcap dlq list)`;
};

/** The status as a person reads it. */
export const statusText = (status: StatusLine): string => {
  const lagText = (role: string): string => {
    const lag = status.lags[role];
    if (lag === undefined) return '';
    return lag === null ? 'lag unknown' : lag === 0 ? 'level' : `${lag} behind`;
  };
  return [
    `StratCap is ${status.ready ? 'ready' : `not ready (${status.phase})`}.`,
    ...Object.entries(status.engines).map(([name, state]) => `  engine ${name.padEnd(16)} ${state}`),
    ...Object.entries(status.roles).map(([name, state]) =>
      `  role   ${name.padEnd(16)} ${state.padEnd(9)} ${lagText(name)}${status.details[name] === undefined ? '' : `: ${status.details[name]}`}`.trimEnd(),
    ),
    `  ${status.funds ?? '?'} funds, ${status.investors ?? '?'} investors, ${status.commitments ?? '?'} commitments; ${status.lag ?? '?'} records behind the log`,
    `  ${lettersText(status.dead_letters)}`,
  ].join('\n');
};
