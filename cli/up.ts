// `stratcap up`: the whole system on this machine. Engines, preparation, roles, on the first start the shipped positions;
// then it waits for Ctrl-C and stops everything in order.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataFolderOf, environmentOf, readEnvironment } from '#platform/config/config.ts';
import { startSupervisor, type Supervisor } from '#platform/process/supervisor.ts';
import type { ProcessEvent } from '#platform/process/keep-alive.ts';
import { startEngines, type RunningEngines } from '#platform/stack/engines.ts';
import { openContext, type Context } from './context.ts';
import { roleState, serveControl, writeStackFile, type ControlStatus } from './control.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import { importShippedPositions } from './first-import.ts';
import { prepareStack } from './prepare.ts';
import type { RoleName } from './role-names.ts';
import { createReporter, type Reporter } from './reporter.ts';

export interface UpOptions {
  /** Free ports instead of the default ones: for a second stack beside a running one. */
  readonly freePorts: boolean;
  /** Whether the shipped positions are imported on the first start. */
  readonly importPositions: boolean;
  readonly roles: readonly RoleName[];
}

const roleScript = fileURLToPath(new URL('./role.ts', import.meta.url));
/** Variables that other terminals need to reach the stack. */
const sharedVariable = /^(KAFKA_BROKERS|SCHEMA_REGISTRY_URL|DATABASE_URL|CLICKHOUSE_\w+|STRATCAP_\w+)$/;

const roleLine = (event: ProcessEvent): string | null => {
  switch (event.kind) {
    case 'died':
      return `${event.name} ended: ${event.cause} It starts again in ${Math.ceil(event.retryInMs / 1000)} s.`;
    case 'ready':
      return event.restarts > 0 ? `${event.name} is back.` : null;
    default:
      return null;
  }
};

interface Running {
  engines?: RunningEngines;
  context?: Context;
  supervisor?: Supervisor;
  control?: { close(): Promise<void> };
}

const stopAll = async (running: Running): Promise<void> => {
  await running.control?.close();
  await running.supervisor?.stop();
  await running.context?.close();
  await running.engines?.stop();
};

const addressLines = (engines: RunningEngines): readonly (readonly [string, string])[] => [
  ['Page and API', `http://127.0.0.1:${engines.ports.http}`],
  ['ClickHouse', `${engines.addresses.clickhouseUrl} (database stratcap, user ${engines.addresses.clickhouseAnalyst.user})`],
  ['Postgres', engines.addresses.databaseUrl.replace(/:[^:@/]+@/, '@')],
  ['Kafka', engines.addresses.kafkaBrokers],
  ['Schema registry', engines.addresses.schemaRegistryUrl],
];

const start = async (running: Running, options: UpOptions, reporter: Reporter, signal: AbortSignal): Promise<void> => {
  const env = readEnvironment();
  const dataFolder = dataFolderOf(env);
  let phase = 'starting';
  // Only the start is given up by the signal: afterwards the roles stop first, and then the engines.
  const givingUp = new AbortController();
  const giveUp = (): void => givingUp.abort();
  signal.addEventListener('abort', giveUp);
  running.engines = await startEngines({
    dataFolder,
    ports: options.freePorts ? 'free' : 'default',
    env,
    signal: givingUp.signal,
    onProgress: ({ engine, kind, message }) =>
      kind === 'ready' || kind === 'starting' ? reporter.step(engine, message) : reporter.line(message),
  });
  signal.removeEventListener('abort', giveUp);
  const { engines } = running;
  const roleEnv = environmentOf(env, engines);
  running.context = openContext(roleEnv, 'up', 'error');
  await prepareStack(running.context, (text) => reporter.step('preparation', text));
  signal.throwIfAborted();
  running.supervisor = await startSupervisor({
    roles: options.roles,
    script: roleScript,
    env: roleEnv,
    logFolder: engines.logFolder,
    pidFolder: engines.pidFolder,
    guard: engines.guard,
    onEvent: (event) => {
      const line = roleLine(event);
      if (line !== null) reporter.line(line);
    },
    onLine: ({ role, text }) => reporter.line(`${role}: ${text}`),
  });
  const { supervisor } = running;
  signal.throwIfAborted();
  const status = (): ControlStatus => ({
    phase,
    engines: engines.engines.map(({ name, state, pid, restarts, address }) => ({ name, state, pid, restarts, address })),
    roles: supervisor.status().map(({ name, state, pid, restarts, status: said }) => ({
      name,
      state: roleState(state, said),
      pid,
      restarts,
      status: said,
    })),
  });
  running.control = await serveControl(dataFolder, status);
  writeStackFile(dataFolder, {
    pid: process.pid,
    env: Object.fromEntries(
      Object.entries(roleEnv).filter(
        (entry): entry is [string, string] => sharedVariable.test(entry[0]) && entry[1] !== undefined,
      ),
    ),
  });
  if (options.importPositions) {
    const marker = join(dataFolder, 'positions-imported');
    if (!existsSync(marker)) {
      phase = 'importing';
      const summary = await importShippedPositions(running.context, reporter, signal);
      signal.throwIfAborted();
      writeFileSync(marker, `${summary}\n`);
      reporter.line(summary);
    }
  }
  phase = 'running';
  reporter.table(addressLines(engines));
  reporter.line(`StratCap is running. Open http://127.0.0.1:${engines.ports.http} and press Ctrl-C here to stop it.`);
};

/** Runs until a signal comes; resolves with the exit code when nothing is left running. */
export const up = async (options: UpOptions): Promise<number> => {
  const reporter = createReporter(process.stdout);
  const running: Running = {};
  const asked = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    asked.signal.addEventListener('abort', () => resolve());
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort());
  try {
    await start(running, options, reporter, asked.signal);
    await stopped;
    reporter.line('Stopping.');
    await stopAll(running);
    reporter.line('Everything has stopped.');
    return exitCodes.ok;
  } catch (error) {
    await stopAll(running);
    if (asked.signal.aborted) {
      reporter.line('Stopped before it was up; nothing is left running.');
      return exitCodes.ok;
    }
    if (error instanceof Error && 'code' in error)
      throw new CommandFailure(error.message, exitCodes.unavailable, { cause: error });
    throw error;
  }
};
