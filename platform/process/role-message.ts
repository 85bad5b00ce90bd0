// What a role process tells its supervisor over IPC.

export type RoleMessage =
  /** It can do its work. */
  | { readonly type: 'ready' }
  /** How it is, as its `health()` says: any JSON value. */
  | { readonly type: 'status'; readonly status: unknown };

/** The message if it is one of ours, else null. */
export const asRoleMessage = (value: unknown): RoleMessage | null => {
  if (typeof value !== 'object' || value === null || !('type' in value)) return null;
  return value.type === 'ready' || value.type === 'status' ? (value as RoleMessage) : null;
};
