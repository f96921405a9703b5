/** Between two states of a line that is written over. */
const REWRITE_MS = 100;
/** Between two lines that stay. */
const LINE_MS = 5_000;

/** Says how far something is: one line that counts up on a terminal, lines now and then anywhere else. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #toldAt = -Infinity;
  #isOpen = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  tell(done: number, total: number): void {
    const now = performance.now();
    const { isTTY } = this.#stream;
    const everyMs = isTTY ? REWRITE_MS : LINE_MS;
    if (total === 0 || (now - this.#toldAt < everyMs && done < total)) return;
    // Work that is done within moments needs no lines about it.
    const isFirst = this.#toldAt === -Infinity;
    this.#toldAt = now;
    if (isFirst && !isTTY) return;
    const text = `${done.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} done`;
    this.#stream.write(isTTY ? `\r${text}` : `${text}\n`);
    this.#isOpen = isTTY;
  }

  /** Leaves the line, for what is written next. */
  end(): void {
    if (this.#isOpen) this.#stream.write("\n");
    this.#isOpen = false;
  }
}
