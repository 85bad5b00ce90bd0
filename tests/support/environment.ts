// The environment of the engines that tests start: without the settings of a stack that the developer runs, so that a
// test run never takes its ports or books into its stores.
import { EXTERNAL_VARIABLES } from '#platform/stack/external.ts';
import { LISTENERS } from '#platform/stack/ports.ts';

/** `env` without the variables that fix a port or replace an engine. */
export const ownEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const fixed = new Set<string>([
    ...Object.values(EXTERNAL_VARIABLES),
    ...Object.values(LISTENERS).map(({ variable }) => variable),
  ]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !fixed.has(name)));
};
