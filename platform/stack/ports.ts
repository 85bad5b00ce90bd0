// The loopback ports of the stack: fixed by default so that people and tools find them, free ones for tests and second stacks.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import getPort from 'get-port';
import { StackFailure } from './engine.ts';

/** Each listener with its default port and the variable that moves it. */
export const LISTENERS = {
  http: { port: 8080, variable: 'STRATCAP_HTTP_PORT', title: 'the page and API' },
  clickhouse: { port: 8123, variable: 'STRATCAP_CLICKHOUSE_PORT', title: 'ClickHouse' },
  postgres: { port: 5433, variable: 'STRATCAP_POSTGRES_PORT', title: 'Postgres' },
  kafka: { port: 9092, variable: 'STRATCAP_KAFKA_PORT', title: 'Kafka' },
  registry: { port: 8081, variable: 'STRATCAP_REGISTRY_PORT', title: 'the schema registry' },
} as const;
export type ListenerName = keyof typeof LISTENERS;
export type StackPorts = Readonly<Record<ListenerName, number>>;

/**
 * The port of each listener. `default`: its variable or its fixed port; `free`: its variable or any free port.
 * Throws StackFailure if a variable is no port or two listeners share one.
 */
export const choosePorts = async (mode: 'default' | 'free', env: NodeJS.ProcessEnv): Promise<StackPorts> => {
  const ports: Partial<Record<ListenerName, number>> = {};
  for (const name of Object.keys(LISTENERS) as ListenerName[]) {
    const { port, variable } = LISTENERS[name];
    const text = env[variable];
    ports[name] = text
      ? parsePort(variable, text)
      : mode === 'default'
        ? port
        : await getPort({ host: '127.0.0.1', reserve: true });
  }
  const chosen = ports as Record<ListenerName, number>;
  for (const [name, port] of Object.entries(chosen) as [ListenerName, number][]) {
    const other = (Object.keys(chosen) as ListenerName[]).find((candidate) => candidate !== name && chosen[candidate] === port);
    if (other) {
      const { title, variable } = LISTENERS[name];
      throw new StackFailure(
        'STACK_SETTING_INVALID',
        `Port ${port} is given to ${title} and to ${LISTENERS[other].title}. Set ${variable} to another port.`,
      );
    }
  }
  return chosen;
};

const parsePort = (variable: string, text: string): number => {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new StackFailure(
    'STACK_SETTING_INVALID',
    `${variable} is '${text}', which is no port. Set it to a number from 1 to 65535.`,
  );
};

/** Throws StackFailure that names each busy port, the process that holds it if it can be told, and the variable to set. */
export const assertPortsFree = async (ports: StackPorts, names: readonly ListenerName[]): Promise<void> => {
  const busy = await Promise.all(names.map(async (name) => ((await isPortFree(ports[name])) ? null : name)));
  const lines = busy
    .filter((name) => name !== null)
    .map((name) => {
      const { title, variable } = LISTENERS[name];
      const owner = portOwner(ports[name]);
      const by = owner ? `by ${owner.command} (pid ${owner.pid})` : 'by another program';
      return `Port ${ports[name]} of ${title} is in use ${by}. Stop that program, or set ${variable} to another port.`;
    });
  if (lines.length > 0) throw new StackFailure('STACK_PORT_BUSY', lines.join('\n'));
};

const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** The process that listens on a port, or null if the system does not tell us. */
export const portOwner = (port: number): { readonly pid: number; readonly command: string } | null => {
  try {
    return process.platform === 'linux' ? linuxPortOwner(port) : lsofPortOwner(port);
  } catch {
    return null;
  }
};

/** Linux: the inode of the listening socket from /proc/net, then the process that has it among its descriptors. */
const linuxPortOwner = (port: number): { pid: number; command: string } | null => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === '0A')
      .map((fields) => `socket:[${fields[9]}]`),
  );
  if (inodes.length === 0) return null;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const owns = readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.includes(readlinkQuiet(`/proc/${pid}/fd/${fd}`)));
      if (owns) return { pid: Number(pid), command: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() };
    } catch {
      // Another user's process, or one that has just ended: we may not look into it.
    }
  }
  return null;
};

const readlinkQuiet = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

const lsofPortOwner = (port: number): { pid: number; command: string } | null => {
  const text = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { encoding: 'utf8' });
  const pid = /^p(\d+)$/m.exec(text)?.[1];
  return pid ? { pid: Number(pid), command: /^c(.+)$/m.exec(text)?.[1] ?? 'a program' } : null;
};
