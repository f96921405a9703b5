/** What the command says in a sentence before it ends: the user's mistake, or something it could not do. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Whether the arguments were wrong. */
  readonly isUsage: boolean;

  constructor(message: string, { isUsage = false, cause }: { isUsage?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.isUsage = isUsage;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
