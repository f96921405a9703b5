/** A body, or word that it is longer than allowed. */
export type BoundedBody =
  | { readonly kind: "body"; readonly bytes: Uint8Array }
  | { readonly kind: "too-large" };

/** Collects the chunks of a body without ever holding more than it may have. */
export class BodyCollector {
  readonly #maxBytes: number;
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @param length the content-length header, if there was one */
  allows(length: string | null | undefined): boolean {
    return !(Number(length ?? 0) > this.#maxBytes);
  }

  /** @returns false when that is too much: the rest need not be read */
  add(chunk: Uint8Array): boolean {
    this.#length += chunk.byteLength;
    if (this.#length > this.#maxBytes) return false;
    this.#parts.push(chunk);
    return true;
  }

  end(): BoundedBody {
    return { kind: "body", bytes: concatenate(this.#parts, this.#length) };
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

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
