/** A body, or word that it is longer than allowed. */
export type BoundedBody =
  | { readonly kind: "body"; readonly bytes: Uint8Array }
  | { readonly kind: "too-large" };

/**
 * More chunks than this are no body of Graph's: on a line of the smallest packets 4 MiB come in 3,000. Each costs as
 * much as some hundred bytes do, so that one of a byte each would keep a processor busy for seconds.
 */
const MAX_CHUNKS = 10_000;

/**
 * Collects the chunks of a body without ever holding more than it may have, or twice that while it grows. Chunks are
 * copied into one piece: a body that comes byte by byte would else hold a hundred times its size in chunks.
 */
export class BodyCollector {
  readonly #maxBytes: number;
  /** Longer than what it holds; or the first chunk as it came, since most bodies are one. */
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #chunkCount = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @param length the content-length header, if there was one */
  allows(length: string | null | undefined): boolean {
    return !(Number(length ?? 0) > this.#maxBytes);
  }

  /** @returns false when that is too much: the rest need not be read */
  add(chunk: Uint8Array): boolean {
    const length = this.#length + chunk.byteLength;
    this.#chunkCount += 1;
    if (length > this.#maxBytes || this.#chunkCount > MAX_CHUNKS) return false;
    if (this.#length === 0) this.#bytes = chunk;
    else this.#append(chunk, length);
    this.#length = length;
    return true;
  }

  end(): BoundedBody {
    const isFull = this.#bytes.byteLength === this.#length;
    return { kind: "body", bytes: isFull ? this.#bytes : this.#bytes.subarray(0, this.#length) };
  }

  #append(chunk: Uint8Array, length: number): void {
    if (length > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.min(this.#maxBytes, Math.max(length, 2 * this.#bytes.byteLength)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
  }
}

/**
 * Collects a streamed body without ever holding more than `maxBytes` of it. What comes after is not read.
 *
 * @param announcedLength the content-length header, if there was one
 */
export async function readBoundedBody(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  announcedLength: string | null | undefined,
): Promise<BoundedBody> {
  const body = new BodyCollector(maxBytes);
  if (!body.allows(announcedLength)) return { kind: "too-large" };
  for await (const chunk of chunks) {
    if (!body.add(chunk)) return { kind: "too-large" };
  }
  return body.end();
}
