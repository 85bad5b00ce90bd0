// A watchman beside the stack: when the process that started the engines is gone, even by kill -9, its standard input
// ends, and it ends what is still running, last started first. Java and C programs do not look after that by themselves.
import { createInterface } from 'node:readline';
import { endProcess, type Ending } from './process-tree.ts';

type Line = { readonly add: Ending } | { readonly remove: number };

const watched = new Map<number, Ending>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on('line', (text) => {
  const line = JSON.parse(text) as Line;
  if ('add' in line) watched.set(line.add.pid, line.add);
  else watched.delete(line.remove);
});
lines.on('close', () => void endAll());

const endAll = async (): Promise<void> => {
  for (const ending of [...watched.values()].toReversed()) await endProcess(ending);
  process.exit(0);
};
