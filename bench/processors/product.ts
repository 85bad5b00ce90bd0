// The product's own processor as its operators run it: `node cli/role.ts holdings` beside a running stack, with the options of Node that
// `stratcap up` gives to its roles.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { roleNodeOptions } from '#platform/process/role-options.ts';
import { watchProcess, type WatchedProcess } from './watched-process.ts';

const script = fileURLToPath(new URL('../../cli/role.ts', import.meta.url));

/** Starts a role with the environment of a stack. Its mark `first` is the moment at which the first task is about to read its input. */
export const startRoleProcess = (
  role: string,
  {
    env,
    logFile,
    extra = {},
  }: { readonly env: Readonly<Record<string, string>>; readonly logFile: string; readonly extra?: NodeJS.ProcessEnv },
): WatchedProcess => {
  const child = spawn(process.execPath, [...roleNodeOptions, script, role], {
    env: { ...process.env, ...env, ...extra },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return watchProcess(child, logFile, (line) => {
    if (!line.includes('restored')) return [];
    const { time, msg } = JSON.parse(line) as { readonly time: string; readonly msg: string };
    return msg === 'partition restored' ? [{ name: 'first', atMs: Date.parse(time) }] : [];
  });
};
