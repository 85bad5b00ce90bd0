// What ends an import as a whole. What is wrong with one row is never thrown: it is a reason in the rejects file.

export type ImportErrorCode =
  | 'file-not-found'
  | 'not-utf-8'
  | 'header-mismatch'
  | 'file-empty'
  | 'mapping-invalid'
  /** The ledger gave no outcome for long; run the import again, nothing is booked twice. */
  | 'no-outcome';

/** A failure of an import, with what it happened to and what to do. */
export class ImportError extends Error {
  readonly code: ImportErrorCode;
  constructor(code: ImportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImportError';
    this.code = code;
  }
}

/** Why a row was not booked. `code` is a rule of the ledger or one of the checks of the import, in kebab case. */
export interface RowReason {
  readonly code: string;
  readonly message: string;
}
