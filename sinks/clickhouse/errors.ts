// What can go wrong between the sink and the store, and what of it waiting does not mend.

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The store did not say what was in it before. */
export class LookUpFailed extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = 'LookUpFailed';
  }
}

/** Errors of the engine that waiting does not mend: unknown table or column, type mismatch, bad input. */
export const isDefect = (error: unknown): boolean => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return ['16', '26', '27', '47', '53', '60', '62', '69', '117', '407', '497'].includes(code);
};
