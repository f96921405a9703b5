/** Writes an answer to stdout: one JSON object on the last line, or as people read it. */
export function print(answer: object, isJson: boolean, toText: () => string): void {
  process.stdout.write(`${isJson ? JSON.stringify(answer) : toText()}\n`);
}

/** `1 change`, `2 changes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
