// Plants one bug after the other in the worker processes and runs until the harness finds it: `node tests/chaos/planted.ts`, with names of
// bugs to plant only these. One JSON line per bug; exit code 1 when one was not found.
import { bugNames, bugs, isBugName, type BugName } from './bugs.ts';
import { startChaosEngines } from './engines.ts';
import { runChaos } from './run.ts';

const MINUTES_MAX = 4;
/** What only the comparison at the end of a run can show, a value that never comes, needs no long one. */
const MINUTES: Partial<Record<BugName, number>> = { 'jump-over-expired-offsets': 0, 'poison-is-dropped': 0.7 };
const SEED = 1;

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !isBugName(name));
if (unknown !== undefined) throw new Error(`there is no bug '${unknown}'; bugs: ${bugNames.join(', ')}`);
const chosen = bugNames.filter((name) => asked.length === 0 || asked.includes(name));

const engines = await startChaosEngines({ nodes: 1, stores: false });
let missed = 0;
try {
  for (const bug of chosen) {
    const minutes = MINUTES[bug] ?? MINUTES_MAX;
    const found = await runChaos({ seed: SEED, minutes, product: false, bug, engines, endAtFirst: true });
    const { lost, duplicated, differing, seconds, faultsTotal, findings } = found;
    const isFound = lost + duplicated + differing > 0;
    if (!isFound) missed += 1;
    const line = {
      bug,
      found: isFound,
      seconds,
      faults: faultsTotal,
      in: found.in,
      lost,
      duplicated,
      differing,
      first: findings[0] ?? null,
    };
    process.stdout.write(`${JSON.stringify({ ...line, doc: bugs[bug].doc })}\n`);
  }
} finally {
  await engines.stop();
}
process.exit(missed === 0 ? 0 : 1);
