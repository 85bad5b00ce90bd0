// Metrics and health of the roles for one scrape: each role answers on a socket of its own in the data folder, and the API
// gathers them, so that a machine has one address to watch. With STRATCAP_METRICS_PORT a role listens there too.
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import type { Metrics } from '#platform/observability/metrics.ts';

const folderOf = (dataFolder: string): string => join(dataFolder, 'run');
const socketOf = (dataFolder: string, role: string): string => join(folderOf(dataFolder), `${role}.sock`);

export interface MetricsEndpoint {
  readonly dataFolder: string;
  readonly role: string;
  readonly metrics: Metrics;
  /** Whether the role can do its work now; answered on /readyz. */
  readonly ready: () => boolean;
  /** TCP port on loopback beside the socket, for a container of its own. */
  readonly port?: number;
}

const listen = async (server: Server, where: string | number): Promise<void> =>
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    if (typeof where === 'number') server.listen(where, '0.0.0.0', () => resolve());
    else server.listen(where, () => resolve());
  });

/** Answers /metrics, /healthz and /readyz until it is closed. */
export const serveMetrics = async ({
  dataFolder,
  role,
  metrics,
  ready,
  port,
}: MetricsEndpoint): Promise<{ close(): Promise<void> }> => {
  mkdirSync(folderOf(dataFolder), { recursive: true });
  const path = socketOf(dataFolder, role);
  rmSync(path, { force: true });
  const makeServer = (): Server =>
    createServer((incoming, response) => {
      if (incoming.url === '/metrics') {
        response.setHeader('content-type', metrics.contentType);
        void metrics.text().then((text) => response.end(text));
      } else if (incoming.url === '/readyz') {
        response.statusCode = ready() ? 200 : 503;
        response.end(ready() ? 'ready\n' : 'not ready\n');
      } else {
        response.statusCode = incoming.url === '/healthz' ? 200 : 404;
        response.end(incoming.url === '/healthz' ? 'alive\n' : 'not found\n');
      }
    });
  const servers = [makeServer(), ...(port === undefined ? [] : [makeServer()])];
  await Promise.all([
    listen(servers[0] as Server, path),
    ...(servers[1] === undefined || port === undefined ? [] : [listen(servers[1], port)]),
  ]);
  return {
    close: async () => {
      await Promise.all(
        servers.map(async (server) => {
          server.closeAllConnections();
          await new Promise<void>((resolve) => server.close(() => resolve()));
        }),
      );
      rmSync(path, { force: true });
    },
  };
};

const fetchText = async (socketPath: string): Promise<string> =>
  await new Promise((resolve) => {
    const asked = request({ socketPath, path: '/metrics', timeout: 1000 }, (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (part: string) => (text += part))
        .on('end', () => resolve(text));
    });
    asked.on('error', () => resolve(''));
    asked.on('timeout', () => asked.destroy());
    asked.end();
  });

/** Texts of several registries as one: the lines of a metric stand together under one HELP and TYPE, as Prometheus wants it. */
export const mergeMetrics = (texts: readonly string[]): string => {
  const families = new Map<string, { readonly head: string[]; readonly samples: string[] }>();
  for (const text of texts) {
    let current = families.get('') ?? { head: [], samples: [] };
    for (const line of text.split('\n')) {
      const comment = /^# (HELP|TYPE) (\S+)/.exec(line);
      if (comment !== null) {
        const name = comment[2] ?? '';
        current = families.get(name) ?? { head: [], samples: [] };
        families.set(name, current);
        if (!current.head.some((known) => known.startsWith(`# ${comment[1]} `))) current.head.push(line);
      } else if (line !== '') {
        current.samples.push(line);
      }
    }
  }
  return `${[...families.values()].flatMap(({ head, samples }) => [...head, ...samples]).join('\n')}\n`;
};

/** The metrics of this process together with those of the other roles on this machine. */
export const withRoleMetrics = (metrics: Metrics, dataFolder: string, roles: readonly string[]): Metrics => ({
  ...metrics,
  text: async () =>
    mergeMetrics(await Promise.all([metrics.text(), ...roles.map(async (role) => await fetchText(socketOf(dataFolder, role)))])),
});
