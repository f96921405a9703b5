/** Splits a body as it comes. What follows the last separator is no line yet: its end was cut off. */
export async function* linesIn(body: ReadableStream<Uint8Array>, separator: string): AsyncGenerator<string> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(separator);
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
