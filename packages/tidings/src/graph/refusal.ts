import { GraphRefusedError } from "../core/errors.ts";
import { isJsonObject } from "../core/json.ts";
import type { Answer } from "./exchange.ts";
import { parseRetryAfter } from "./retry-after.ts";

export function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/**
 * The error that an answer is.
 *
 * @param path below the root, without query
 * @param now epoch milliseconds
 * @see https://learn.microsoft.com/graph/errors#json-representation
 */
export function refusalOf(
  { status, headers, body }: Answer,
  method: string,
  path: string,
  now: number,
): GraphRefusedError {
  const error = isJsonObject(body) && isJsonObject(body["error"]) ? body["error"] : {};
  const { code, message } = error;
  return new GraphRefusedError({
    method,
    path,
    status,
    graphCode: typeof code === "string" ? code : undefined,
    graphMessage: typeof message === "string" ? message : undefined,
    requestId: headers.get("request-id") ?? innerRequestId(error["innerError"]),
    retryAfterMs: parseRetryAfter(headers.get("retry-after"), now),
  });
}

/** In a batch the headers of an item may lack it. */
function innerRequestId(innerError: unknown): string | undefined {
  const id = isJsonObject(innerError) ? innerError["request-id"] : undefined;
  return typeof id === "string" ? id : undefined;
}
