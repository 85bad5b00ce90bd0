// Global set-up of the projects `int` and `e2e`: one embedded stack for all files, on free ports in a temporary folder,
// or the one that STRATCAP_TEST_STACK names (a file written by `node tests/support/stack.cli.ts start`).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { StackAddresses } from '#platform/stack/addresses.ts';
import { startEngines, type RunningEngines } from '#platform/stack/engines.ts';
import { ownEnvironment } from './environment.ts';
import type {} from './stack.ts';

let running: RunningEngines | null = null;

/** Starts the stack, or takes the running one, and provides its addresses to the tests. */
export const setup = async (project: TestProject): Promise<void> => {
  const file = process.env['STRATCAP_TEST_STACK'];
  if (file) {
    const { addresses } = JSON.parse(readFileSync(file, 'utf8')) as { readonly addresses: StackAddresses };
    project.provide('stack', addresses);
    return;
  }
  running = await startEngines({
    dataFolder: mkdtempSync(join(tmpdir(), 'stratcap-test-')),
    ports: 'free',
    env: ownEnvironment(process.env),
    onProgress: ({ kind, message }) => {
      if (kind !== 'starting' && kind !== 'stopped') console.log(message);
    },
  });
  project.provide('stack', running.addresses);
};

/** Stops the stack that `setup` started and removes its folder. */
export const teardown = async (): Promise<void> => {
  if (!running) return;
  await running.stop();
  rmSync(running.addresses.dataFolder, { recursive: true, force: true });
  running = null;
};
