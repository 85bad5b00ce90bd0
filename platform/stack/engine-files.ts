// Fetches the jars of Kafka and of the registry once per machine, by ordinary Maven, into a cache that all stacks share.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { unlock, waitForLock } from 'fs-native-extensions';
import { StackFailure, type EngineProgress } from './engine.ts';
import { findMaven, type Jdk } from './jdk.ts';

export type JavaEngine = 'kafka' | 'registry';

const ENGINES: Record<
  JavaEngine,
  { readonly title: string; readonly artifact: string; readonly size: string; readonly goal: readonly string[] }
> = {
  kafka: { title: 'Apache Kafka', artifact: 'kafka_2.13', size: '44 MB', goal: ['dependency:copy-dependencies'] },
  registry: { title: 'Apicurio Registry', artifact: 'apicurio-registry-app', size: '159 MB', goal: ['dependency:unpack'] },
};

export interface EngineFilesRequest {
  readonly engine: JavaEngine;
  readonly jdk: Jdk;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (progress: EngineProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The folder of our own pom.xml and settings of a Java engine. */
export const javaFolder = (engine: JavaEngine): string => fileURLToPath(new URL(`./java/${engine}`, import.meta.url));

/** `STRATCAP_CACHE`, or `stratcap` in the user's cache folder. It can be deleted at any time: the next start fetches again. */
export const cacheFolder = (env: NodeJS.ProcessEnv): string =>
  env['STRATCAP_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'stratcap');

/** Where the engine's files of the pinned version are, or will be. */
const engineFolder = (engine: JavaEngine, env: NodeJS.ProcessEnv): string =>
  join(cacheFolder(env), `${engine}-${pinnedVersion(engine, ENGINES[engine].artifact)}`);

/** Throws StackFailure if files of an engine are still to be fetched and there is no Maven to fetch them with. */
export const assertFetchable = (engines: readonly JavaEngine[], env: NodeJS.ProcessEnv): void => {
  if (engines.some((engine) => !existsSync(engineFolder(engine, env)))) findMaven(env);
};

/**
 * The folder with the engine's files, complete. Fetches them if this machine does not have this version yet; two stacks
 * that start at once fetch once. Throws StackFailure if Maven is missing or fails.
 */
export const ensureEngineFiles = async (request: EngineFilesRequest): Promise<string> => {
  const folder = engineFolder(request.engine, request.env);
  if (existsSync(folder)) return folder;
  const cache = cacheFolder(request.env);
  mkdirSync(cache, { recursive: true });
  const fd = openSync(join(cache, `${request.engine}.lock`), 'a+');
  try {
    await waitForLock(fd);
    if (!existsSync(folder)) await fetchFiles(request, cache, folder);
    unlock(fd);
  } finally {
    closeSync(fd);
  }
  return folder;
};

/** The version that our pom.xml pins for an artifact: the one place where it is written. */
const pinnedVersion = (engine: JavaEngine, artifact: string): string => {
  const pom = readFileSync(join(javaFolder(engine), 'pom.xml'), 'utf8');
  const found = new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([^<]+)</version>`).exec(pom)?.[1];
  if (!found) throw new Error(`No version of ${artifact} in ${javaFolder(engine)}/pom.xml.`);
  return found;
};

const fetchFiles = async (request: EngineFilesRequest, cache: string, folder: string): Promise<void> => {
  const { engine, env, jdk, onProgress, signal } = request;
  const { title, size, goal } = ENGINES[engine];
  const mvn = findMaven(env);
  onProgress({ engine, kind: 'download', message: `Fetching ${title} with Maven (${size}, once on this machine) …` });
  const work = mkdtempSync(join(cache, `.${engine}-`));
  try {
    const args = ['-B', '-f', join(javaFolder(engine), 'pom.xml'), ...goal, `-DoutputDirectory=${work}`];
    const child = spawn(mvn, args, {
      env: { ...env, JAVA_HOME: jdk.home },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      signal,
    });
    const problems: string[] = [];
    let files = 0;
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        if (/ERROR/.test(line)) problems.push(line.replace(/^\[ERROR\]\s*/, ''));
        const done = /^(?:\[INFO\] )?Downloaded from .*\/([^/ ]+\.(?:jar|gz))/.exec(line)?.[1];
        if (done) onProgress({ engine, kind: 'download', message: `Fetching ${title}: ${(files += 1)} files, last ${done}` });
      });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) {
      const why = problems
        .filter((line) => line.trim() !== '')
        .slice(0, 5)
        .join('\n    ');
      throw new StackFailure(
        'STACK_DOWNLOAD_FAILED',
        `Maven could not fetch ${title}:\n    ${why}\nCheck that Maven Central, or the mirror in ~/.m2/settings.xml, can be reached, and start again: what was fetched is kept.`,
      );
    }
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};
