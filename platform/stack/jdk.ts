// Finds a JDK of version 21 or newer (Apicurio needs it) and Maven, or says what to install.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { StackFailure } from './engine.ts';

export const JDK_VERSION_MIN = 21;

export interface Jdk {
  /** Folder for JAVA_HOME. */
  readonly home: string;
  /** Feature release: 21, 25, … */
  readonly version: number;
  /** The exact build, such as `25.0.1+8-LTS`. */
  readonly build: string;
}

/** The first number of a Java version: `21.0.2` is 21, the old `1.8.0_292` is 8; null if it is none. */
export const parseJavaVersion = (text: string): number | null => {
  const found = /(?:java\.version = |version ")(?:1\.)?(\d+)/.exec(text);
  return found ? Number(found[1]) : null;
};

/** Folders in which installers put JDKs, in the order in which they are tried, newest name first within one. */
export const jdkHomes = (env: NodeJS.ProcessEnv): string[] => {
  const inPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '' && existsSync(join(folder, 'java')));
  const parents = ['/usr/lib/jvm', '/opt/java', '/opt', join(homedir(), '.sdkman/candidates/java'), join(homedir(), '.jdks')];
  const mac = ['/Library/Java/JavaVirtualMachines', join(homedir(), 'Library/Java/JavaVirtualMachines')];
  const brew = ['/opt/homebrew/opt/openjdk', '/usr/local/opt/openjdk'];
  const below = (parent: string): string[] => {
    if (!existsSync(parent)) return [];
    const names = readdirSync(parent).toSorted((left, right) => right.localeCompare(left, 'en', { numeric: true }));
    return names.map((name) => join(parent, name));
  };
  return [
    ...(env['JAVA_HOME'] ? [env['JAVA_HOME']] : []),
    ...inPath.map((folder) => join(folder, '..')),
    ...parents.flatMap(below),
    ...mac.flatMap(below).map((folder) => join(folder, 'Contents/Home')),
    ...brew,
  ];
};

/** The first JDK that is new enough. Throws StackFailure that lists what was found and how to install one. */
export const findJdk = (env: NodeJS.ProcessEnv, homes: readonly string[] = jdkHomes(env)): Jdk => {
  const tooOld: string[] = [];
  for (const home of homes) {
    const java = join(home, 'bin', 'java');
    // A folder of PATH is …/bin, or /usr/bin, where `java` is a link: both are asked for the home that they run from.
    const found = existsSync(java) ? askJava(java) : null;
    if (!found) continue;
    if (found.version >= JDK_VERSION_MIN) return found;
    tooOld.push(`${found.version} in ${found.home}`);
  }
  const seen = tooOld.length > 0 ? `Found only ${[...new Set(tooOld)].join(', ')}.` : 'Found none.';
  throw new StackFailure(
    'STACK_JDK_MISSING',
    `Kafka and the schema registry need a JDK of version ${JDK_VERSION_MIN} or newer. ${seen} Install one (Debian, Ubuntu: ` +
      'apt-get install -y openjdk-21-jre-headless, or temurin-25-jdk; macOS: brew install openjdk) or set JAVA_HOME to one. ' +
      'Or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to running servers.',
  );
};

const askJava = (java: string): Jdk | null =>
  readSettings(spawnSync(java, ['-XshowSettings:properties', '-version'], { encoding: 'utf8' }).stderr ?? '');

const readSettings = (text: string): Jdk | null => {
  const version = parseJavaVersion(text);
  const home = /java\.home = (.+)/.exec(text)?.[1]?.trim();
  const build = /java\.runtime\.version = (.+)/.exec(text)?.[1]?.trim() ?? '';
  return version !== null && home ? { home, version, build } : null;
};

/** The `mvn` to run. Throws StackFailure with the line to type if there is none. */
export const findMaven = (env: NodeJS.ProcessEnv): string => {
  const folders = [...(env['MAVEN_HOME'] ? [join(env['MAVEN_HOME'], 'bin')] : []), ...(env['PATH'] ?? '').split(delimiter)];
  const sdkman = join(homedir(), '.sdkman/candidates/maven/current/bin');
  const found = [...folders, sdkman].map((folder) => join(folder, 'mvn')).find((file) => existsSync(file));
  if (found) return found;
  throw new StackFailure(
    'STACK_MAVEN_MISSING',
    'The first start fetches Kafka and the schema registry with Maven, and there is no `mvn` in PATH. Install it (Debian, Ubuntu: ' +
      'apt-get install -y maven; macOS: brew install maven), or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to running servers.',
  );
};
