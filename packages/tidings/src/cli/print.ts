import { OutputError } from "./errors.ts";

/**
 * Writes an answer to stdout: one JSON object on the last line, or as people read it. Resolves when it is written.
 *
 * @returns false when nobody reads any more, as after `| head -n 1`
 * @throws OutputError when it cannot be written
 */
export async function print(answer: object, isJson: boolean, toText: () => string): Promise<boolean> {
  const text = `${isJson ? JSON.stringify(answer) : toText()}\n`;
  const error = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    process.stdout.write(text, resolve);
  });
  if (error === null || error === undefined) return true;
  if (error.code === "EPIPE") return false;
  throw new OutputError(error);
}

/**
 * A stream that fails says so to every write, and as an event besides, which would end the process if nobody listened:
 * a service must not end because its log is full, or nobody reads it.
 */
export function bearFailingOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}

/** `1 change`, `2 changes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `3 to create, 996 to keep`: without what there is none of. */
export function formatCounts(counts: readonly (readonly [number, string])[], none: string): string {
  const some = counts.filter(([number]) => number > 0);
  return some.map(([number, what]) => `${number.toLocaleString("en-US")} ${what}`).join(", ") || none;
}
