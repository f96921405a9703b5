/** Smaller ones cost little, whatever is in them, and are not looked at: nearly all that Graph sends. */
const MIN_BYTES = 256 * 1024;

/** Bytes for each value, at least. Notifications have more than 25: they are names and ids. */
const BYTES_PER_VALUE = 8;

const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * Whether a JSON text has more values than any of its size that Graph sends. Made of nothing else, 4 MiB would hold the
 * thread for 0.2 s and take hundreds of megabytes as values; looking at the bytes costs a few milliseconds.
 */
export function isTooDense(json: Uint8Array): boolean {
  if (json.byteLength < MIN_BYTES) return false;
  const limit = json.byteLength / BYTES_PER_VALUE;
  let count = 0;
  // Those within strings are counted with the others: a string that is made of them is not Graph's either.
  for (const byte of json) if (byte === COMMA || byte === BRACKET || byte === BRACE) count += 1;
  return count > limit;
}
