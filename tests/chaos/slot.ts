// A process under test, kept running under a stable worker id, with proxies of its own in front of every server. What is done to it
// is said here by name; that it comes back afterwards is this file's business.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fairWeather, startProxy, type Proxy, type Side, type Weather } from './proxy.ts';

export interface Server {
  readonly port: number;
  readonly protocol: 'kafka' | 'plain';
}

export interface SlotSpec {
  /** For example `worker-1` or `sink-postgres`. */
  readonly name: string;
  /** Script and arguments. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly servers: readonly Server[];
  /** Name of a planted bug; empty for none. */
  readonly bug: string;
  /** Not started again by itself: comes and goes as it is told. */
  readonly isGuest?: boolean;
}

export interface Slot {
  readonly name: string;
  /** True while it is killed, frozen or on its way out by our doing. */
  readonly isBusy: boolean;
  readonly isRunning: boolean;
  /** Everything that it printed, over all its lives. */
  output(): string;
  /** Ends without our doing. */
  readonly deaths: number;
  start(): void;
  /** kill -9; it is started again after the pause, at once where a supervisor would. */
  kill(pauseMs: number): Promise<void>;
  /** kill -9 at the next frame of this kind, a request unheard or an answer given; false when none came in time. */
  killAt(side: Side, apiKey: number, withinMs: number, pauseMs: number): Promise<boolean>;
  /** SIGSTOP, and SIGCONT after the pause. */
  freeze(ms: number): Promise<void>;
  /** SIGSTOP at the next frame of this kind; false when none came in time. */
  freezeAt(side: Side, apiKey: number, withinMs: number, ms: number): Promise<boolean>;
  /** SIGTERM and a start after the pause. @returns how long it took to end, in milliseconds. */
  leave(pauseMs: number): Promise<number>;
  /** All its connections, to all servers or to those of one protocol. */
  cut(protocol?: Server['protocol']): void;
  delay(delayMs: number, forMs: number): Promise<void>;
  /** Loses the next frame of this kind; false when none came in time. */
  lose(side: Side, apiKey: number, withinMs: number): Promise<boolean>;
  /** For good: with SIGTERM, then by force. @returns milliseconds, null when it had to be killed. */
  stop(): Promise<number | null>;
}

const preload = fileURLToPath(new URL('./preload.ts', import.meta.url));
const RESTART_MS = 300;
/** The product promises 10 s; a busy machine gets more before it is taken as stuck. */
const STOP_MS_MAX = 30_000;

/** Prepares a slot with its proxies; `start` starts its process. */
export const createSlot = async (spec: SlotSpec): Promise<Slot> => {
  const weather: Weather = fairWeather();
  const proxies: { readonly server: Server; readonly proxy: Proxy }[] = [];
  for (const server of spec.servers) proxies.push({ server, proxy: await startProxy(server.port, server.protocol, weather) });
  const routes = Object.fromEntries(proxies.map(({ server, proxy }) => [String(server.port), proxy.port]));
  const env = { STRATCAP_TEST_LOG: 'warn', ...spec.env, CHAOS_ROUTES: JSON.stringify(routes), CHAOS_BUG: spec.bug };
  let child: ChildProcess | null = null;
  let exited: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  let isStopped = false;
  let deaths = 0;
  let output = '';

  const start = (): void => {
    if (isStopped || child !== null) return;
    const mine = spawn(process.execPath, ['--import', preload, ...spec.args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    child = mine;
    for (const stream of [mine.stdout, mine.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-200_000)));
    exited = once(mine, 'exit').then(async () => {
      if (child === mine) child = null;
      if (isStopped || isBusy || spec.isGuest === true) return;
      deaths += 1;
      await sleep(RESTART_MS);
      start();
    });
  };
  const busy = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
      if (spec.isGuest !== true) start();
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<number> => {
    const startedAt = performance.now();
    const mine = child;
    const gone = exited;
    mine?.kill(signal);
    const force = setTimeout(() => {
      output += `\nchaos: ${spec.name} did not end within ${STOP_MS_MAX} ms of ${signal}\n`;
      mine?.kill('SIGKILL');
    }, STOP_MS_MAX);
    await gone;
    clearTimeout(force);
    return performance.now() - startedAt;
  };
  /** Calls `act` at the next frame of the kind, before it is passed on. */
  const at = (side: Side, apiKey: number, withinMs: number, act: () => 'pass' | 'cut'): Promise<boolean> =>
    new Promise((resolve) => {
      const done = (came: boolean): void => {
        clearTimeout(timer);
        weather.decide = () => 'pass';
        resolve(came);
      };
      const timer = setTimeout(() => done(false), withinMs);
      weather.decide = (itsSide, itsKey) => {
        if (itsSide !== side || itsKey !== apiKey) return 'pass';
        const fate = act();
        done(true);
        return fate;
      };
    });

  return {
    name: spec.name,
    get isBusy() {
      return isBusy;
    },
    get isRunning() {
      return child !== null;
    },
    get deaths() {
      return deaths;
    },
    output: () => output,
    start,
    kill: (pauseMs) =>
      busy(async () => {
        await end('SIGKILL');
        await sleep(pauseMs);
      }),
    killAt: (side, apiKey, withinMs, pauseMs) =>
      busy(async () => {
        const came = await at(side, apiKey, withinMs, () => {
          child?.kill('SIGKILL');
          return side === 'request' ? 'cut' : 'pass';
        });
        if (!came) return false;
        await exited;
        await sleep(pauseMs);
        return true;
      }),
    freeze: (ms) =>
      busy(async () => {
        const mine = child;
        mine?.kill('SIGSTOP');
        await sleep(ms);
        mine?.kill('SIGCONT');
      }),
    freezeAt: (side, apiKey, withinMs, ms) =>
      busy(async () => {
        const mine = child;
        const came = await at(side, apiKey, withinMs, () => {
          mine?.kill('SIGSTOP');
          return 'pass';
        });
        if (came) await sleep(ms);
        mine?.kill('SIGCONT');
        return came;
      }),
    leave: (pauseMs) =>
      busy(async () => {
        const ms = await end('SIGTERM');
        await sleep(pauseMs);
        return ms;
      }),
    cut: (protocol) => {
      for (const { server, proxy } of proxies) if (protocol === undefined || server.protocol === protocol) proxy.cutAll();
    },
    delay: async (delayMs, forMs) => {
      weather.delayMs = delayMs;
      await sleep(forMs);
      weather.delayMs = 0;
    },
    lose: (side, apiKey, withinMs) => at(side, apiKey, withinMs, () => 'cut'),
    stop: async () => {
      isStopped = true;
      const ms = child === null ? 0 : await end('SIGTERM');
      for (const { proxy } of proxies) await proxy.close();
      return ms >= STOP_MS_MAX ? null : ms;
    },
  };
};
