// How a command ends when it does not succeed: a text for the person, a code for the program.

/** Exit codes of every command. */
export const exitCodes = {
  ok: 0,
  /** The answer is no: differences were found, rows were rejected, a command was rejected. */
  negative: 1,
  /** The command was called wrongly, or its input cannot be read. */
  usage: 2,
  /** The stack or an engine is not there. */
  unavailable: 3,
} as const;

/** A failure whose text is all that a person needs; no stack trace is shown. */
export class CommandFailure extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = exitCodes.unavailable, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}
