// npm test: all tests in the order of their cost, on real engines that are started once. Ends with one line of sums.
// `npm test -- unit` or `npm test -- int platform/stack` runs less: names of projects first, then filters of files.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEngines, type RunningEngines } from '#platform/stack/engines.ts';
import { CHROMIUM_FIX, provideChromium } from '#tests/support/chromium.ts';
import { ownEnvironment } from '#tests/support/environment.ts';
import { addResults, resultsOf, summaryLine, type TestResults } from '#tests/support/results.ts';

const PROJECTS = ['unit', 'int', 'e2e'] as const;
type Project = (typeof PROJECTS)[number];
const isProject = (word: string): word is Project => (PROJECTS as readonly string[]).includes(word);

const words = process.argv.slice(2);
const chosen = words.filter(isProject);
const filters = words.filter((word) => !isProject(word));
const projects = PROJECTS.filter((project) => chosen.length === 0 || chosen.includes(project));
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'stratcap-npm-test-'));
let stack: RunningEngines | null = null;
let interrupted = false;

/** The tests are ended by the same signal from the terminal; here it only keeps us alive to stop the engines. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (interrupted = true));

const runProject = async (project: Project, env: NodeJS.ProcessEnv): Promise<TestResults> => {
  console.log(`\n== ${project}`);
  const report = join(folder, `${project}.json`);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [vitest, 'run', '--project', project, '--passWithNoTests', ...reporters, ...filters];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  return resultsOf({ exitCode, report: readReport(report) });
};

const readReport = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // No test file matched, or the runner ended before it wrote: the exit code tells which.
    return null;
  }
};

/** The environment with the address file of a stack that all following projects share. */
const withStack = async (): Promise<NodeJS.ProcessEnv> => {
  if (process.env['STRATCAP_TEST_STACK']) return process.env;
  console.log('\n== engines');
  stack ??= await startEngines({
    dataFolder: join(folder, 'stack'),
    ports: 'free',
    env: ownEnvironment(process.env),
    onProgress: ({ message }) => console.log(message),
  });
  const file = join(folder, 'stack.json');
  writeFileSync(file, JSON.stringify({ addresses: stack.addresses }), { mode: 0o600 });
  return { ...process.env, STRATCAP_TEST_STACK: file };
};

let total: TestResults = { passed: 0, failed: 0, skipped: 0 };
try {
  if (projects.includes('e2e') && !provideChromium(console.log)) console.log(`Tests of the page need Chromium: ${CHROMIUM_FIX}`);
  for (const project of projects) {
    if (interrupted) break;
    const env = project === 'unit' ? process.env : await withStack();
    total = addResults(total, await runProject(project, env));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  total = addResults(total, { passed: 0, failed: 1, skipped: 0 });
} finally {
  await (stack as RunningEngines | null)?.stop();
  rmSync(folder, { recursive: true, force: true });
}
if (interrupted) console.error('Interrupted.');
process.exitCode = total.failed > 0 || interrupted || total.passed === 0 ? 1 : 0;
console.log(summaryLine(total));
