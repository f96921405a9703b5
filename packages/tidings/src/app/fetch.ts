import { ANSWERS, type Answer, type ReceivedRequest } from "../core/answer.ts";
import { readBoundedBody } from "../core/body.ts";
import { MAX_DELIVERY_BYTES } from "../core/delivery.ts";

/** Translates a web-standard request for `receive`, and its answer back. */
export async function answerFetch(
  request: Request,
  receive: (request: ReceivedRequest) => Promise<Answer>,
): Promise<Response> {
  const { method, url, headers } = request;
  const startedAt = performance.now();
  const body = await readBoundedBody(
    request.body ?? nothing(),
    MAX_DELIVERY_BYTES,
    headers.get("content-length"),
  );
  const answer =
    body.kind === "too-large"
      ? ANSWERS.tooLarge
      : await receive({
          method,
          url,
          headers: Object.fromEntries(headers),
          body: body.bytes,
          ageMs: () => performance.now() - startedAt,
        });
  return new Response(answer.body === "" ? null : answer.body, {
    status: answer.status,
    headers: answer.headers,
  });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
