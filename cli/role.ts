// The entry of a role process: `node cli/role.ts NAME`, started and watched by `stratcap up` or by a container.
import { readEnvironment } from '#platform/config/config.ts';
import { runRole } from '#platform/process/graceful.ts';
import { openContext } from './context.ts';
import { isRoleName, roleNames } from './role-names.ts';
import { startRole } from './roles.ts';

const name = process.argv[2] ?? '';
if (!isRoleName(name)) {
  process.stderr.write(`There is no role ${JSON.stringify(name)}. Roles: ${roleNames.join(', ')}.\n`);
  process.exit(2);
}
const context = openContext(readEnvironment(), name);
await runRole(
  async () => {
    const role = await startRole(name, context);
    return {
      stop: async () => {
        await role.stop();
        await context.close();
      },
      health: () => role.health(),
    };
  },
  { log: context.logger },
);
