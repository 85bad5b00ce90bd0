// Minutes of chaos in the suite: the product and the small processors under every kind of fault, with nothing lost, doubled or different.
import { describe, expect, it } from 'vitest';
import { isRight, runChaos } from './run.ts';

const seed = Number(process.env['STRATCAP_CHAOS_SEED'] ?? '20261124');
const minutes = Number(process.env['STRATCAP_CHAOS_MINUTES'] ?? '3');

describe('processors, sinks, broker and stores under seeded faults', () => {
  it(`loses nothing, books nothing twice and shows nothing else than the log says (seed ${seed}, ${minutes} minutes)`, async () => {
    const result = await runChaos({ seed, minutes });
    expect(result, JSON.stringify(result, null, 1)).toMatchObject({ lost: 0, duplicated: 0, differing: 0, findings: [] });
    expect(isRight(result)).toBe(true);
    expect(result.in).toBeGreaterThan(500);
    expect(result.faultsTotal).toBeGreaterThan(20);
  });
});
