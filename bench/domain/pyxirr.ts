// pyxirr on the same series: the second opinion on every rate.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DatedAmount } from '#domain/performance/xirr.ts';

const python = `import json, sys, time, datetime
import pyxirr
rows = json.load(open(sys.argv[1]))
base = datetime.date(1970, 1, 1)
data = [([base + datetime.timedelta(days=d) for d, _ in row], [float(a) for _, a in row]) for row in rows]
times = []
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    rates = [pyxirr.xirr(dates, amounts) for dates, amounts in data]
    times.append(time.perf_counter() - start)
json.dump({"version": pyxirr.__version__, "seconds": times, "rates": rates}, sys.stdout)
`;

/** Rates of series by pyxirr, in an environment of its own, installed from the package index; the reason when there is none. */
export const ratesOfPyxirr = async (
  flows: readonly (readonly DatedAmount[])[],
  { rounds, say }: { readonly rounds: number; readonly say: (text: string) => void },
): Promise<
  { readonly version: string; readonly seconds: readonly number[]; readonly rates: readonly (number | null)[] } | string
> => {
  const folder = fileURLToPath(new URL('../../node_modules/.cache/stratcap-bench/pyxirr', import.meta.url));
  const program = join(folder, 'bin', 'python');
  try {
    if (!existsSync(program)) {
      say('Installing pyxirr into an environment of its own.');
      execFileSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' });
      execFileSync(program, ['-m', 'pip', 'install', '--quiet', 'pyxirr'], { stdio: 'ignore' });
    }
    const work = mkdtempSync(join(tmpdir(), 'stratcap-pyxirr-'));
    try {
      writeFileSync(
        join(work, 'series.json'),
        JSON.stringify(flows.map((row) => row.map(({ epochDay, amount }) => [epochDay, Number(amount)]))),
      );
      writeFileSync(join(work, 'run.py'), python);
      const { stdout } = await promisify(execFile)(program, [join(work, 'run.py'), join(work, 'series.json'), String(rounds)], {
        maxBuffer: 1 << 26,
      });
      return JSON.parse(stdout) as { version: string; seconds: number[]; rates: (number | null)[] };
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return `pyxirr cannot be run here: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
};
