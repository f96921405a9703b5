import type { ErrorAnswer } from "./answers.ts";
import { toRefusal } from "./refusal.ts";

/**
 * A body of JSON objects, a line each, made as it is read. What fails before the first line is thrown, so that it can
 * be answered with its status; what fails later is the last line.
 */
export async function linesOf(
  items: AsyncGenerator<object, void, undefined>,
): Promise<ReadableStream<Uint8Array>> {
  const first = await items.next();
  return ReadableStream.from(encoded(items, first));
}

const encoder = new TextEncoder();

async function* encoded(
  items: AsyncGenerator<object, void, undefined>,
  first: IteratorResult<object, void>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await items.next()) yield lineOf(next.value);
  } catch (error) {
    const { code, message } = toRefusal(error);
    yield lineOf({ error: { code, message } } satisfies ErrorAnswer);
  } finally {
    // Whoever read may have gone: what makes the items is to end.
    await items.return();
  }
}

function lineOf(item: object): Uint8Array {
  return encoder.encode(`${JSON.stringify(item)}\n`);
}
