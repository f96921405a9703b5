import type { ErrorAnswer } from "./answers.ts";
import { toRefusal } from "./refusal.ts";

/**
 * A body of JSON objects, a line each, made as it is read. What fails before the first line is thrown, so that it can
 * be answered with its status; what fails later is the last line.
 */
export async function linesOf(
  items: AsyncGenerator<object, void, undefined>,
): Promise<ReadableStream<Uint8Array>> {
  let first: IteratorResult<object, void> | undefined = await items.next();
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = first ?? (await items.next());
        first = undefined;
        if (next.done === true) controller.close();
        else controller.enqueue(lineOf(next.value));
      } catch (error) {
        const { code, message } = toRefusal(error);
        controller.enqueue(lineOf({ error: { code, message } } satisfies ErrorAnswer));
        controller.close();
      }
    },
    // Whoever read has gone: what makes the items is to end.
    async cancel() {
      await items.return();
    },
  });
}

const encoder = new TextEncoder();

function lineOf(item: object): Uint8Array {
  return encoder.encode(`${JSON.stringify(item)}\n`);
}
