// What can be wrong before anything is started, each with its message: JDK, Maven, ports, disk, a second stack, secrets.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assertDiskSpace, openDataFolder } from './data-folder.ts';
import { assertFetchable } from './engine-files.ts';
import { StackFailure } from './engine.ts';
import { externalAddress, withoutSecrets } from './external.ts';
import { findJdk, jdkHomes, parseJavaVersion } from './jdk.ts';
import { assertPortsFree, choosePorts, portOwner } from './ports.ts';
import { loadSecrets } from './secrets.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stratcap-unit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const failureOf = async (work: () => unknown): Promise<StackFailure> => {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(StackFailure);
    return error as StackFailure;
  }
  throw new Error('It was accepted.');
};

/** A program named `java` that answers like a JDK of that version. */
const fakeJdk = (name: string, version: string): string => {
  const home = join(folder, name);
  mkdirSync(join(home, 'bin'), { recursive: true });
  const answer = `    java.home = ${home}\n    java.version = ${version}\n    java.runtime.version = ${version}+9\n`;
  writeFileSync(join(home, 'bin', 'java'), `#!/bin/sh\nprintf '${answer.replaceAll('\n', '\\n')}' >&2\n`);
  chmodSync(join(home, 'bin', 'java'), 0o755);
  return home;
};

describe('the JDK', () => {
  test.each([
    ['    java.version = 21.0.2', 21],
    ['openjdk version "25" 2025-09-16', 25],
    ['java version "1.8.0_292"', 8],
    ['no such thing', null],
  ])('a version is read from %s', (text, version) => expect(parseJavaVersion(text)).toBe(version));

  test('the first one that is new enough is taken, an older one before it is passed over', () => {
    const old = fakeJdk('jdk-17', '17.0.15');
    const fit = fakeJdk('jdk-21', '21.0.2');
    expect(findJdk({}, [join(folder, 'missing'), old, fit, fakeJdk('jdk-25', '25')])).toEqual({
      home: fit,
      version: 21,
      build: '21.0.2+9',
    });
  });

  test('JAVA_HOME is asked first, then PATH', () => {
    const inPath = fakeJdk('in-path', '25');
    expect(jdkHomes({ JAVA_HOME: '/opt/chosen', PATH: `/nowhere:${join(inPath, 'bin')}` }).slice(0, 2)).toEqual([
      '/opt/chosen',
      join(inPath, 'bin', '..'),
    ]);
  });

  test('without a fit one, the message says what was found and what to install', async () => {
    const old = fakeJdk('jdk-17', '17.0.15');
    const failure = await failureOf(() => findJdk({}, [old]));
    expect(failure.code).toBe('STACK_JDK_MISSING');
    expect(failure.message).toContain(`Found only 17 in ${old}.`);
    expect(failure.message).toContain('apt-get install -y');
  });

  test('without Maven and with something to fetch, the message says what to install', async () => {
    const failure = await failureOf(() => assertFetchable(['kafka'], { PATH: folder, STRATCAP_CACHE: folder }));
    expect(failure.code).toBe('STACK_MAVEN_MISSING');
    expect(failure.message).toContain('apt-get install -y maven');
  });
});

describe('ports', () => {
  test('by default they are the fixed ones, each moved by its variable', async () => {
    expect(await choosePorts('default', { STRATCAP_KAFKA_PORT: '19092' })).toEqual({
      http: 8080,
      clickhouse: 8123,
      postgres: 5433,
      kafka: 19_092,
      registry: 8081,
    });
  });

  test('free ports differ from one another', async () => {
    const ports = Object.values(await choosePorts('free', {}));
    expect(new Set(ports).size).toBe(5);
  });

  test('a variable that is no port is named with its value', async () => {
    const { message } = await failureOf(() => choosePorts('default', { STRATCAP_HTTP_PORT: 'web' }));
    expect(message).toBe("STRATCAP_HTTP_PORT is 'web', which is no port. Set it to a number from 1 to 65535.");
  });

  test('two engines on one port are refused', async () => {
    const { message } = await failureOf(() => choosePorts('default', { STRATCAP_KAFKA_PORT: '8123' }));
    expect(message).toContain('Port 8123 is given to');
  });

  test('a busy port is named with the process that holds it and the variable that moves ours', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as { port: number };
      expect(portOwner(port)?.pid).toBe(process.pid);
      const ports = { ...(await choosePorts('free', {})), clickhouse: port };
      const { code, message } = await failureOf(() => assertPortsFree(ports, ['kafka', 'clickhouse']));
      expect(code).toBe('STACK_PORT_BUSY');
      expect(message).toMatch(new RegExp(`^Port ${port} of ClickHouse is in use by .+ \\(pid ${process.pid}\\)\\.`));
      expect(message).toContain('set STRATCAP_CLICKHOUSE_PORT to another port');
    } finally {
      server.close();
    }
  });
});

describe('the data folder', () => {
  test('has one holder; a second is told the pid of the first, and gets it when the first lets go', async () => {
    const first = openDataFolder(folder);
    const { code, message } = await failureOf(() => openDataFolder(folder));
    expect(code).toBe('STACK_LOCKED');
    expect(message).toContain(`(pid ${process.pid})`);
    first.release();
    openDataFolder(folder).release();
  });

  test('is free at once when its holder was killed', async () => {
    const script = `import { openDataFolder } from ${JSON.stringify(new URL('./data-folder.ts', import.meta.url).href)};
      openDataFolder(${JSON.stringify(folder)}); process.stdout.write('held'); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    expect((await failureOf(() => openDataFolder(folder))).message).toContain(`(pid ${holder.pid})`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    openDataFolder(folder).release();
  });

  test('is not started on a disk that is nearly full', async () => {
    const { code, message } = await failureOf(() => assertDiskSpace(folder, 2 ** 60));
    expect(code).toBe('STACK_DISK_FULL');
    expect(message).toMatch(
      /has \d+ MiB free; the stack needs 1099511627776 MiB to start\. Free some space, or set STRATCAP_DATA/,
    );
  });
});

describe('secrets', () => {
  test('are random, made once, and readable by their owner only', () => {
    const secrets = loadSecrets(folder);
    expect(loadSecrets(folder)).toEqual(secrets);
    expect(new Set(Object.values(secrets)).size).toBe(6);
    for (const secret of Object.values(secrets)) expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  test('a secret that an older version did not know is added, the others stay', () => {
    const { cookieSecret, ...rest } = loadSecrets(folder);
    writeFileSync(join(folder, 'secrets.json'), JSON.stringify(rest));
    const again = loadSecrets(folder);
    expect(again).toMatchObject(rest);
    expect(again.cookieSecret).not.toBe(cookieSecret);
  });

  test('a broken file is not replaced: the master key in it may be the only copy', async () => {
    writeFileSync(join(folder, 'secrets.json'), '{"keyStoreMasterKey":');
    expect((await failureOf(() => loadSecrets(folder))).code).toBe('STACK_DATA_INVALID');
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toBe('{"keyStoreMasterKey":');
  });
});

test('an engine is external when its variable is set, and its address is shown without the password', () => {
  expect(externalAddress('kafka', { KAFKA_BROKERS: 'a:1' })).toBe('a:1');
  expect(externalAddress('kafka', { KAFKA_BROKERS: '' })).toBeNull();
  expect(withoutSecrets('postgres://user:secret@host:5432/db')).toBe('postgres://host:5432/db');
  expect(withoutSecrets('host:9092,other:9092')).toBe('host:9092,other:9092');
});
