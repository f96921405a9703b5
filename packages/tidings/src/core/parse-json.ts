const UTF_8 = new TextDecoder("utf-8", { fatal: true });

/** @returns undefined, which no JSON text means, for what is not JSON in UTF-8 */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF_8.decode(bytes));
  } catch {
    // Whatever else it is, nobody reads it.
    return undefined;
  }
}
