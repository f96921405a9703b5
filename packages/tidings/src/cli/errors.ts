/** A mistake of whoever typed the command: shown as two lines, without a stack. */
export class CliError extends Error {
  override readonly name = "CliError";
  /** What to do about it. */
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** Exit codes of every command; see docs/cli.md. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
