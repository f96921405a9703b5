/** A body, or word that it is longer than allowed. */
export type BoundedBody =
  | { readonly kind: "body"; readonly bytes: Uint8Array }
  | { readonly kind: "too-large" };

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
  if (Number(announcedLength ?? 0) > maxBytes) return { kind: "too-large" };
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > maxBytes) return { kind: "too-large" };
    parts.push(chunk);
  }
  return { kind: "body", bytes: concatenate(parts, length) };
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
