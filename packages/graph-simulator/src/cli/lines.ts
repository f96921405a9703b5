export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Resolves with SIGINT, SIGTERM, or the end of whoever reads our lines, for example `head`. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
    process.stdout.on("error", () => resolve());
  });
}
