// The names of the roles, apart from what they are made of: a command that only names them starts faster.
export const roleNames = [
  'ledger',
  'capital-accounts',
  'accounting',
  'sink-postgres',
  'sink-clickhouse',
  'api',
  'alerts',
  'clock',
  'holdings',
] as const;
export type RoleName = (typeof roleNames)[number];
export const isRoleName = (name: string): name is RoleName => (roleNames as readonly string[]).includes(name);

/**
 * What `up` starts unless it is told. Nothing in the system reads holdings, so that they are computed for those who ask; alerts need a
 * webhook to post to; the clock would bring every partition to today, and who books the past wants to move it himself.
 */
export const usualRoles = (env: NodeJS.ProcessEnv): readonly RoleName[] =>
  roleNames.filter(
    (name) => name !== 'holdings' && name !== 'clock' && (name !== 'alerts' || Boolean(env['STRATCAP_ALERT_WEBHOOK_URL'])),
  );
