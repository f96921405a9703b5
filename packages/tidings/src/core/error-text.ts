export interface ErrorText {
  readonly name: string;
  readonly message: string;
}

const MAX_MESSAGE_LENGTH = 2_000;

/**
 * What is told of an error that a stranger's code threw: name and message, since a field could hold anything. Never
 * throws, whatever was thrown: a name may be a symbol, and a message a getter that fails.
 */
export function errorText(error: unknown): ErrorText {
  try {
    if (!(error instanceof Error)) return { name: "Error", message: `threw ${typeof error}` };
    const { name, message }: { name: unknown; message: unknown } = error;
    return { name: String(name), message: String(message).slice(0, MAX_MESSAGE_LENGTH) };
  } catch {
    return { name: "Error", message: "threw an error that cannot be told" };
  }
}

/** What was thrown, or an error in its place when nothing can even be asked of it, as of a revoked proxy. */
export function tellable(thrown: unknown): unknown {
  try {
    Object.getPrototypeOf(Object(thrown));
    return thrown;
  } catch {
    return new Error("threw something that cannot be told");
  }
}

/** Name and message in one line. */
export function describeError(error: unknown): string {
  const { name, message } = errorText(error);
  return `${name}: ${message}`;
}
