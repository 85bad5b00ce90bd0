// Postgres refuses to run as root. As root we run it as another user of the system; where that user cannot reach the
// files (a project below /root), as the only user of a namespace, in which root's files are that user's own.
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { StackFailure } from './engine.ts';

export interface PostgresUser {
  /** Whom the data must belong to, or null if our own user is right. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  /** How to run a program as that user. */
  run(command: string, args: readonly string[]): Run;
}

interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** The user for Postgres, who can reach each of `paths`. Throws StackFailure if we are root and there is none. */
export const postgresUser = (paths: readonly string[]): PostgresUser => {
  if (process.getuid?.() !== 0) return { owner: null, run: (command, args) => ({ command, args }) };
  const user = systemUser();
  const blocked = paths.map((path) => dirname(path)).find((folder) => !canEnter(user, folder));
  if (blocked === undefined) return { owner: user, run: (command, args) => ({ command, args, user }) };
  const wrapper = ['--user', `--map-user=${user.uid}`, `--map-group=${user.gid}`, '--'];
  if (succeeds('unshare', [...wrapper, 'true']))
    return { owner: null, run: (command, args) => ({ command: 'unshare', args: [...wrapper, command, ...args] }) };
  throw new StackFailure(
    'STACK_POSTGRES_USER',
    `Postgres does not run as root, and the user ${user.name} that it would run as cannot enter ${blocked}. ` +
      'Start as an ordinary user, or put the project and STRATCAP_DATA below a folder that others may enter (chmod o+x), or set DATABASE_URL.',
  );
};

/** The user `postgres`, made if the system has none; `nobody` where none can be made. */
const systemUser = (): { readonly name: string; readonly uid: number; readonly gid: number } => {
  const known = lookUp('postgres');
  if (known) return known;
  succeeds('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  const made = lookUp('postgres') ?? lookUp('nobody');
  if (made) return made;
  throw new StackFailure(
    'STACK_POSTGRES_USER',
    'Postgres does not run as root, and the system has no user `postgres` or `nobody`. Make one: useradd --system postgres.',
  );
};

const lookUp = (name: string): { name: string; uid: number; gid: number } | null => {
  try {
    const id = (option: string): number =>
      Number(execFileSync('id', [option, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { name, uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
};

const canEnter = (user: { readonly uid: number; readonly gid: number }, folder: string): boolean =>
  succeeds('test', ['-x', folder], user);

const succeeds = (command: string, args: readonly string[], user: { uid?: number; gid?: number } = {}): boolean => {
  try {
    const ids = user.uid === undefined || user.gid === undefined ? {} : { uid: user.uid, gid: user.gid };
    execFileSync(command, args, { stdio: 'ignore', cwd: '/', ...ids });
    return true;
  } catch {
    return false;
  }
};
