/** An HTTP answer, as plain data. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An HTTP request, as plain data. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, or the whole URL. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
  /**
   * How long ago it began to come, in milliseconds, as whoever read it knows: by a clock that does not jump. Without
   * it the time counts from `receive` on.
   */
  readonly ageMs?: (() => number) | undefined;
}

function empty(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers: { "content-length": "0", ...headers }, body: "" };
}

type RefusalName =
  | "badRequest"
  | "notFound"
  | "methodNotAllowed"
  | "tooLarge"
  | "unsupportedEncoding"
  | "unavailable";

/**
 * Every answer of the notification endpoint but the handshake's. They carry no body: what Graph, or anyone, could
 * learn from one is in its status alone.
 */
export const ANSWERS: Readonly<Record<RefusalName | "accepted", Answer>> = {
  /** Durable, or refused item by item: whoever sent it learns nothing about which. */
  accepted: empty(202),
  /** Nothing that Graph sends. */
  badRequest: empty(400),
  notFound: empty(404),
  methodNotAllowed: empty(405, { allow: "POST" }),
  /** Over `MAX_DELIVERY_BYTES` or `MAX_DELIVERY_ITEMS`; the rest of the body is not read. */
  tooLarge: empty(413, { connection: "close" }),
  unsupportedEncoding: empty(415),
  /** Not durable: Graph tries again, for four hours. */
  unavailable: empty(503, { "retry-after": "5" }),
};

/** The handshake's answer: the token as plain text that no browser takes for anything else. */
export function handshakeAnswer(token: string): Answer {
  return {
    status: 200,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
    body: token,
  };
}
