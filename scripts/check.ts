// npm run check: what can be said about the code without running it, in under a minute: types, lint, format, dead code,
// and the tests by which the repository checks itself. Prints what each step found, and one line per step at the end.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string => join(root, 'node_modules/.bin', name);

const STEPS: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'types', command: [bin('tsc'), '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types of the pure core', command: [bin('tsc'), '--noEmit', '-p', 'domain/tsconfig.json'] },
  { name: 'lint', command: [bin('oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'format (npx oxfmt mends it)', command: [bin('oxfmt'), '--check'] },
  { name: 'dead code', command: [bin('knip'), '--no-progress'] },
  { name: 'tidy', command: [bin('vitest'), 'run', '--project', 'unit', 'tests/tidy'] },
];

interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly output: string;
  readonly seconds: number;
}

const run = async ({ name, command: [file = '', ...args] }: (typeof STEPS)[number]): Promise<Outcome> => {
  const begun = performance.now();
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, FORCE_COLOR: '0' } });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return {
    name,
    passed: code === 0,
    output: Buffer.concat(chunks).toString('utf8').trim(),
    seconds: (performance.now() - begun) / 1000,
  };
};

// Two at a time: each of them uses more than one core by itself.
const outcomes: Outcome[] = [];
const waiting = [...STEPS];
const work = async (): Promise<void> => {
  for (let step = waiting.shift(); step; step = waiting.shift()) outcomes.push(await run(step));
};
await Promise.all([work(), work()]);

const inOrder = STEPS.flatMap(({ name }) => outcomes.filter((outcome) => outcome.name === name));
for (const { name, output, passed } of inOrder) if (!passed) console.log(`\n== ${name}\n${output}`);
console.log();
for (const { name, passed, seconds } of inOrder) console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`);
process.exitCode = inOrder.every(({ passed }) => passed) ? 0 : 1;
