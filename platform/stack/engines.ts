// Starts the four engines of the stack together, keeps them alive, and stops them: the one entry to the embedded stack.
import { startGuard, type Guard } from '#platform/process/guard-client.ts';
import type { KeptProcess } from '#platform/process/keep-alive.ts';
import { endLeftOvers } from '#platform/process/pid-file.ts';
import type { StackAddresses } from './addresses.ts';
import type { ClassArchive } from './class-archive.ts';
import { CLICKHOUSE_ANALYST_USER, CLICKHOUSE_INGEST_USER, prepareClickhouse } from './clickhouse-engine.ts';
import { openDataFolder } from './data-folder.ts';
import type { EngineContext } from './engine-context.ts';
import { assertFetchable, ensureEngineFiles, type JavaEngine } from './engine-files.ts';
import { ENGINE_NAMES, embeddedHandle, type EngineHandle, type EngineName, type EngineProgress } from './engine.ts';
import { assertReachable, EXTERNAL_VARIABLES, externalAddress, withoutSecrets } from './external.ts';
import { javaEngineFiles, type JavaEngineFiles } from './java-engine.ts';
import { findJdk } from './jdk.ts';
import { prepareKafka } from './kafka-engine.ts';
import { assertPortsFree, choosePorts, type StackPorts } from './ports.ts';
import { ensureDatabase, POSTGRES_DATABASE, postgresUrl, preparePostgres } from './postgres-engine.ts';
import { prepareRegistry, REGISTRY_DATABASE, registryUrl } from './registry-engine.ts';
import { loadSecrets, type Secrets } from './secrets.ts';

export interface StartEnginesOptions {
  /** Everything of the stack is below it. */
  readonly dataFolder: string;
  /** `default`: the fixed ports or their variables; `free`: any free ports, for tests and second stacks. */
  readonly ports: 'default' | 'free';
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (progress: EngineProgress) => void;
  /** Defaults to `logs` in the data folder. */
  readonly logFolder?: string;
  /** Only these engines: for tests that need no more. Addresses of the others are given, but nothing listens there. */
  readonly only?: readonly EngineName[];
  /** Aborted while the start is under way, everything that was started is stopped and the start rejects. */
  readonly signal?: AbortSignal;
}

export interface RunningEngines {
  readonly addresses: StackAddresses;
  readonly engines: readonly EngineHandle[];
  readonly ports: StackPorts;
  readonly secrets: Secrets;
  /** Where the logs and the pid files of the roles go, beside those of the engines. */
  readonly logFolder: string;
  readonly pidFolder: string;
  /** Ends with the engines what else must not outlive this process: the roles register here too. */
  readonly guard: Guard;
  /** Stops all engines in the order of their dependencies and gives the data folder free. */
  stop(): Promise<void>;
}

/**
 * Starts what `env` does not replace by a server of its own, checks that the replaced ones can be reached, and resolves
 * when all answer. Rejects with StackFailure or StartFailure, whose message names cause and fix; nothing is left running then.
 */
export const startEngines = async (options: StartEnginesOptions): Promise<RunningEngines> => {
  const { env, onProgress } = options;
  const wanted = options.only ?? ENGINE_NAMES;
  const embedded = wanted.filter((name) => externalAddress(name, env) === null);
  const javaEngines = embedded.filter((name) => name === 'kafka' || name === 'registry');
  // Everything that can be missing is looked for before anything is started or written.
  const jdk = javaEngines.length > 0 ? findJdk(env) : null;
  assertFetchable(javaEngines, env);
  const ports = await choosePorts(options.ports, env);
  const folder = openDataFolder(options.dataFolder);
  const guard = startGuard();
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  const kept: KeptProcess[] = [];
  const archives: ClassArchive[] = [];
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> =>
    (stopped ??= (async () => {
      // The registry needs Postgres; the rest is independent.
      await kept.find((process) => process.name === 'registry')?.stop();
      await Promise.all(kept.map((process) => process.stop()));
      for (const archive of archives) archive.keep();
      await guard.close();
      folder.release();
    })());
  try {
    const leftOvers = await endLeftOvers(folder.pids);
    for (const name of leftOvers)
      onProgress({
        engine: 'stack',
        kind: 'left-over',
        message: `${name} was still running from a stack that was killed, and has been ended.`,
      });
    await assertPortsFree(ports, options.ports === 'default' ? [...embedded, ...(options.only ? [] : (['http'] as const))] : []);
    const secrets = loadSecrets(folder.path);
    const addresses = addressesOf({ env, ports, secrets, dataFolder: folder.path });
    const context: EngineContext = {
      folder,
      logFolder: options.logFolder ?? folder.logs,
      secrets,
      guard,
      env,
      onProgress,
      signal,
    };
    const handles = new Map<EngineName, EngineHandle>();
    const run = async (name: EngineName, address: string, prepare: () => Promise<KeptProcess> | KeptProcess): Promise<void> => {
      const process = await prepare();
      signal.throwIfAborted();
      kept.push(process);
      handles.set(name, embeddedHandle(name, address, process));
      await process.start();
    };
    const java = async (engine: JavaEngine): Promise<JavaEngineFiles> => {
      if (!jdk) throw new Error('Java engines need the JDK that was looked for above.');
      const files = await ensureEngineFiles({ engine, jdk, env, onProgress, signal });
      const found = javaEngineFiles({ jdk, files, data: folder.engine(engine) });
      archives.push(found.archive);
      return found;
    };
    const start: Record<EngineName, () => Promise<void>> = {
      postgres: async () => {
        await run('postgres', withoutSecrets(addresses.databaseUrl), () => preparePostgres(context, ports.postgres));
        await ensureDatabase(databaseOn(addresses.databaseUrl, 'postgres'), POSTGRES_DATABASE);
      },
      kafka: async () => {
        const found = await java('kafka');
        await run('kafka', addresses.kafkaBrokers, () => prepareKafka(context, { ...found, port: ports.kafka }));
      },
      clickhouse: () => run('clickhouse', addresses.clickhouseUrl, () => prepareClickhouse(context, ports.clickhouse)),
      registry: async () => {
        const found = await java('registry');
        await postgres;
        const database = new URL(await ensureDatabase(addresses.databaseUrl, REGISTRY_DATABASE));
        await run('registry', addresses.schemaRegistryUrl, () =>
          prepareRegistry(context, { ...found, port: ports.registry, database }),
        );
      },
    };
    const startOrCheck = async (name: EngineName): Promise<void> => {
      if (!wanted.includes(name)) return;
      const address = externalAddress(name, env);
      if (address === null) return start[name]();
      await assertReachable(name, address, env);
      const shown = withoutSecrets(address);
      handles.set(name, { name, kind: 'external', address: shown, pid: null, state: 'ready', restarts: 0, logFile: null });
      onProgress({ engine: name, kind: 'external', message: `${EXTERNAL_VARIABLES[name]} is used: ${shown}.` });
    };
    const postgres = startOrCheck('postgres');
    // Waited for below with the others; here only so that its failure is not also an unhandled one.
    postgres.catch(() => undefined);
    signal.addEventListener('abort', () => kept.forEach((process) => void process.stop()));
    const starts = [postgres, ...(['kafka', 'clickhouse', 'registry'] as const).map(startOrCheck)];
    // The first failure ends the other starts, and is told only when none of them is under way any more.
    await Promise.allSettled(starts.map((start) => start.catch((error: unknown) => failed.abort(error))));
    signal.throwIfAborted();
    const engines = ENGINE_NAMES.map((name) => handles.get(name)).filter((handle) => handle !== undefined);
    return { addresses, engines, ports, secrets, logFolder: context.logFolder, pidFolder: folder.pids, guard, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const databaseOn = (url: string, database: string): string => {
  const target = new URL(url);
  target.pathname = `/${database}`;
  return target.href;
};

interface AddressSources {
  readonly env: NodeJS.ProcessEnv;
  readonly ports: StackPorts;
  readonly secrets: Secrets;
  readonly dataFolder: string;
}

/** Addresses of the embedded engines, or of the servers that replace them. */
const addressesOf = ({ env, ports, secrets, dataFolder }: AddressSources): StackAddresses => {
  const own = externalAddress('clickhouse', env) === null;
  const ingest = { user: CLICKHOUSE_INGEST_USER, password: secrets.clickhouseIngestPassword };
  const analyst = { user: CLICKHOUSE_ANALYST_USER, password: secrets.clickhouseAnalystPassword };
  const given = { user: env['CLICKHOUSE_USER'] || 'default', password: env['CLICKHOUSE_PASSWORD'] ?? '' };
  const givenAnalyst = env['CLICKHOUSE_ANALYST_USER']
    ? { user: env['CLICKHOUSE_ANALYST_USER'], password: env['CLICKHOUSE_ANALYST_PASSWORD'] ?? '' }
    : given;
  return {
    kafkaBrokers: externalAddress('kafka', env) ?? `127.0.0.1:${ports.kafka}`,
    schemaRegistryUrl: externalAddress('registry', env) ?? registryUrl(ports.registry),
    databaseUrl:
      externalAddress('postgres', env) ??
      postgresUrl({ port: ports.postgres, password: secrets.postgresPassword, database: POSTGRES_DATABASE }),
    clickhouseUrl: externalAddress('clickhouse', env) ?? `http://127.0.0.1:${ports.clickhouse}`,
    clickhouseIngest: own ? ingest : given,
    clickhouseAnalyst: own ? analyst : givenAnalyst,
    bookingToken: env['STRATCAP_BOOKING_TOKEN'] || secrets.bookingToken,
    dataFolder,
  };
};
