import { openSync, readFileSync, writeSync } from "node:fs";

interface Told {
  /** Ids of the notifications meant; several when one call of a handler stands for them. */
  readonly ids: readonly string[];
  /** Within which they are in order. */
  readonly lane: string;
}

/**
 * What happened, in the order it happened, told by all processes that took part: the one that sends deliveries
 * (`sent`, `acked`), and the one that takes them, in one life after another.
 */
export type HistoryEvent = Told &
  (
    | { readonly kind: "sent" }
    /** Answered 202. */
    | { readonly kind: "acked" }
    /** The store has them. */
    | { readonly kind: "stored"; readonly life: number }
    | { readonly kind: "began"; readonly life: number }
    | { readonly kind: "ended"; readonly life: number; readonly outcome: "ok" | "failed" }
    /** Given up, to be a dead letter. */
    | { readonly kind: "died"; readonly life: number }
    /** The store knows what became of them. */
    | { readonly kind: "settled"; readonly life: number; readonly outcome: "done" | "retry" | "dead" }
  );

/**
 * A history in a file, one line of JSON for each event, which is written when `record` returns. Several processes may
 * write to one: a line is appended as a whole.
 */
export class HistoryFile {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, "a");
  }

  record(event: HistoryEvent): void {
    writeSync(this.#descriptor, `${JSON.stringify(event)}\n`);
  }
}

export function readHistory(path: string): HistoryEvent[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line): HistoryEvent => JSON.parse(line));
}
