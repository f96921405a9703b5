/** Between two states of a line that is written over. */
const REWRITE_MS = 100;
/** Between two lines that stay. */
const LINE_MS = 5_000;

type Stream = Pick<NodeJS.WriteStream, "isTTY" | "write">;

/** Says how far something is: one line that counts up on a terminal, lines now and then anywhere else. */
export class ProgressLine {
  readonly #stream: Stream;
  /** On a terminal from the beginning; elsewhere, work that is done soon needs no lines about it. */
  #nextAt: number;
  #told = 0;
  #isOpen = false;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#nextAt = stream.isTTY ? 0 : performance.now() + LINE_MS;
  }

  tell(done: number, total: number): void {
    const { isTTY } = this.#stream;
    const now = performance.now();
    const isLast = isTTY && done === total;
    if (done === this.#told || (now < this.#nextAt && !isLast)) return;
    this.#told = done;
    this.#nextAt = now + (isTTY ? REWRITE_MS : LINE_MS);
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
