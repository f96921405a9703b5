import { readBoundedBody } from "../core/body.ts";
import { judgeReply, judgeSilence, type HandshakeReply } from "../core/endpoint-verdict.ts";
import type { EndpointProbe } from "../core/ports/endpoint-probe.ts";

/** As much of `fetch` as is needed here. */
type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

export interface EndpointProbeOptions {
  /** For the whole exchange, in milliseconds. @default 10,000 */
  readonly timeoutMs?: number | undefined;
  /** @default the platform's */
  readonly fetch?: Fetch | undefined;
}

/**
 * As long as Graph waits.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
 */
const ANSWER_MS = 10_000;

/** Our token has some 120 characters; an answer has no reason to be longer than it is when encoded twice. */
const MAX_BODY_BYTES = 4_096;

/** Asks as Graph does: a POST with nothing in it and a form-encoded token in the query. */
export function createEndpointProbe({
  timeoutMs = ANSWER_MS,
  fetch = globalThis.fetch,
}: EndpointProbeOptions = {}): EndpointProbe {
  return {
    async check(url, signal) {
      const token = validationToken();
      const target = withValidationToken(url, token);
      const late = AbortSignal.timeout(timeoutMs);
      let reply: HandshakeReply;
      try {
        reply = await post(target, {
          fetch,
          signal: signal === undefined ? late : AbortSignal.any([late, signal]),
        });
      } catch (error) {
        signal?.throwIfAborted();
        return judgeSilence(url, late.aborted ? "ETIMEDOUT" : codeOf(error));
      }
      return judgeReply(url, token, reply);
    },
  };
}

/** Like Graph's, with the characters that come back wrong from what decodes it twice, or not as a form. */
function validationToken(): string {
  return `Validation: Testing client application reachability for subscription Request-Id: ${crypto.randomUUID()} 1 + 1 = 100%`;
}

function withValidationToken(url: string, token: string): URL {
  const target = new URL(url);
  const query = new URLSearchParams({ validationToken: token }).toString();
  target.search = target.search === "" ? query : `${target.search}&${query}`;
  return target;
}

async function post(
  url: URL,
  { fetch, signal }: { readonly fetch: Fetch; readonly signal: AbortSignal },
): Promise<HandshakeReply> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: "",
    redirect: "manual",
    credentials: "omit",
    signal,
  });
  const { status, headers } = response;
  const isRead = status === 200;
  // The page of a refusal says nothing more, and may be long in coming.
  if (!isRead) await response.body?.cancel();
  return {
    status,
    contentType: headers.get("content-type"),
    location: headers.get("location"),
    body: isRead ? await readText(response) : undefined,
  };
}

/** @returns undefined when it is too long; the rest is not read */
async function readText({ body }: Response): Promise<string | undefined> {
  if (body === null) return "";
  const read = await readBoundedBody(body, MAX_BODY_BYTES, undefined);
  // The token must come back byte for byte, so a byte order mark is not passed over.
  return read.kind === "body" ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(read.bytes) : undefined;
}

/** `fetch` hides the system's error one or two levels deep. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return at.code;
  }
  return undefined;
}
