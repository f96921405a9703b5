import { GraphAnswerError, GraphUnreachableError } from "../core/errors.ts";

/** The platform's `fetch`, as far as it is needed here. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** What came back for one request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Its JSON; undefined when there is none, or when a refusal came with something else. */
  readonly body: unknown;
}

export interface ExchangeTerms {
  /** For the whole exchange, milliseconds. */
  readonly timeoutMs: number;
  /** Of the answer's body, unpacked. */
  readonly maxAnswerBytes: number;
  readonly signals: readonly (AbortSignal | undefined)[];
  /** @default the platform's */
  readonly fetch?: Fetch | undefined;
}

/**
 * Sends a request and reads its answer.
 *
 * @throws GraphUnreachableError, GraphAnswerError
 */
export async function exchange(
  url: URL,
  init: { readonly method: string; readonly headers: Headers; readonly body: string | null },
  { timeoutMs, maxAnswerBytes, signals, fetch: send = fetch }: ExchangeTerms,
): Promise<Answer> {
  const given = signals.filter((signal) => signal !== undefined);
  let response: Response;
  let text: string | undefined;
  try {
    response = await send(url, {
      ...init,
      // A redirect could lead the token elsewhere.
      redirect: "error",
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...given]),
    });
    text = await readText(response, maxAnswerBytes);
  } catch (cause) {
    throw new GraphUnreachableError(init.method, url.pathname, { cause });
  }
  if (text === undefined) throw new GraphAnswerError(init.method, url.pathname, "too-large");
  const { status, headers } = response;
  const body = parseJson(text);
  if (response.ok && body === NOT_JSON) throw new GraphAnswerError(init.method, url.pathname, "not-json");
  return { status, headers, body: body === NOT_JSON ? undefined : body };
}

/** @returns undefined when there is more than `maxBytes` of it; the rest is not read */
async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (length > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const NOT_JSON = Symbol("not JSON");

function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}
