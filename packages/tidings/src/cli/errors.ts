/** Exit codes of every command; see docs/cli.md. */
export const EXIT = { ok: 0, failed: 1, usage: 2, diskFailed: 74 } as const;

/** A mistake of whoever typed the command: shown as two lines, without a stack. */
export class CliError extends Error {
  override readonly name: string = "CliError";
  readonly exitCode: number = EXIT.usage;
  /** What to do about it. */
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** What was asked of a running service did not happen: shown alike, and no mistake of the command. */
export class ServiceError extends CliError {
  override readonly name = "ServiceError";
  override readonly exitCode: number = EXIT.failed;
}

/** What was asked for was done, and could not be shown. */
export class OutputError extends CliError {
  override readonly name = "OutputError";
  override readonly exitCode: number = EXIT.failed;

  constructor(cause: Error) {
    super(`stdout takes no more: ${cause.message}`, "What was asked for was done.", { cause });
  }
}
