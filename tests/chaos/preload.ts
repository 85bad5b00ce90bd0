// Loaded into a process under test before its program (`node --import`): sends its connections through the proxies of the harness,
// and changes the source of one module where a bug is planted. The product knows nothing of either.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { bugs, isBugName } from './bugs.ts';

/** Port of a server to port of its proxy. */
const routes = JSON.parse(process.env['CHAOS_ROUTES'] ?? '{}') as Readonly<Record<string, number>>;
const prototype = net.Socket.prototype as unknown as { connect: (this: net.Socket, ...args: unknown[]) => net.Socket };
const { connect } = prototype;
const routed = (argument: unknown): unknown => {
  if (Array.isArray(argument)) return Object.assign([...(argument as unknown[])].map(routed), symbolsOf(argument));
  if (typeof argument === 'number' || typeof argument === 'string') return routes[String(argument)] ?? argument;
  if (typeof argument !== 'object' || argument === null || !('port' in argument)) return argument;
  const port = routes[String(argument.port)];
  return port === undefined ? argument : { ...argument, port };
};
/** Node marks arguments that it has already put in order by a symbol on the array. */
const symbolsOf = (value: object): object =>
  Object.fromEntries(Object.getOwnPropertySymbols(value).map((symbol) => [symbol, (value as Record<symbol, unknown>)[symbol]]));
prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
  return connect.apply(this, args.map(routed));
};

const bug = process.env['CHAOS_BUG'] ?? '';
if (bug !== '') {
  if (!isBugName(bug)) throw new Error(`CHAOS_BUG is '${bug}'; bugs: ${Object.keys(bugs).join(', ')}`);
  const root = new URL('../../', import.meta.url).href;
  const changes = bugs[bug].changes;
  registerHooks({
    load: (url, context, nextLoad) => {
      const mine = changes.filter(({ file }) => url === root + file);
      if (mine.length === 0) return nextLoad(url, context);
      let source = readFileSync(fileURLToPath(url), 'utf8');
      for (const { file, find, replace } of mine) {
        if (!source.includes(find))
          throw new Error(`bug ${bug}: ${file} has no longer the text ${JSON.stringify(find)}; mend bugs.ts`);
        source = source.replace(find, () => replace);
      }
      return { format: 'module-typescript', source, shortCircuit: true };
    },
  });
}
