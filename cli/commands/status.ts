// `stratcap status`: how the engines and roles are, how far behind the stores are, and what they contain.
import { dataFolderOf } from '#platform/config/config.ts';
import { askControl } from '../control.ts';
import { openContext, runningEnvironment } from '../context.ts';

interface ApiStatus {
  readonly position: string | null;
  readonly lag: string | null;
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
  readonly lag: number | null;
  readonly engines: Readonly<Record<string, string>>;
  readonly roles: Readonly<Record<string, string>>;
}

/** Gathers the status of the running stack. @throws CommandFailure when none runs. */
export const readStatus = async (): Promise<StatusLine> => {
  const env = runningEnvironment();
  const context = openContext(env, 'status', 'error');
  const { http } = context.config;
  const [control, api] = await Promise.all([askControl(dataFolderOf(env)), askApi(`http://${http.host}:${http.port}`)]);
  await context.close();
  const parts = [...(control?.engines ?? []), ...(control?.roles ?? [])];
  return {
    phase: control?.phase ?? 'unknown',
    ready: parts.length > 0 && parts.every((part) => part.state === 'ready') && api !== null,
    funds: api?.counts?.['funds'] ?? null,
    investors: api?.counts?.['investors'] ?? null,
    commitments: api?.counts?.['commitments'] ?? null,
    position: api?.position ?? null,
    lag: api?.lag === undefined || api.lag === null ? null : Number(api.lag),
    engines: Object.fromEntries((control?.engines ?? []).map((part) => [part.name, part.state])),
    roles: Object.fromEntries((control?.roles ?? []).map((part) => [part.name, part.state])),
  };
};

/** The status as a person reads it. */
export const statusText = (status: StatusLine): string =>
  [
    `StratCap is ${status.ready ? 'ready' : `not ready (${status.phase})`}.`,
    ...Object.entries(status.engines).map(([name, state]) => `  engine ${name.padEnd(16)} ${state}`),
    ...Object.entries(status.roles).map(([name, state]) => `  role   ${name.padEnd(16)} ${state}`),
    `  ${status.funds ?? '?'} funds, ${status.investors ?? '?'} investors, ${status.commitments ?? '?'} commitments; ${status.lag ?? '?'} records behind the log`,
  ].join('\n');
