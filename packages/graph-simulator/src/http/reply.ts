import type { JsonObject } from "./json.ts";

/** Response headers, names in lower case. */
export type ReplyHeaders = Readonly<Record<string, string>>;

/**
 * A refusal, written as Graph writes its errors: `{"error":{"code","message","innerError"}}`.
 *
 * @see https://learn.microsoft.com/graph/errors
 */
export interface Refusal {
  readonly kind: "refused";
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: ReplyHeaders;
}

/** What a handler answers with; the server adds the headers every response has. */
export type Reply =
  | { readonly kind: "json"; readonly status: number; readonly body: object; readonly headers?: ReplyHeaders }
  | { readonly kind: "empty"; readonly status: number; readonly headers?: ReplyHeaders }
  | {
      readonly kind: "text";
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
      readonly headers?: ReplyHeaders;
    }
  | Refusal;

export function json(status: number, body: object, headers: ReplyHeaders = {}): Reply {
  return { kind: "json", status, body, headers };
}

export function empty(status: number): Reply {
  return { kind: "empty", status };
}

export function textReply(status: number, contentType: string, body: string): Reply {
  return { kind: "text", status, contentType, body };
}

/** The same reply with more headers. */
export function withHeaders(reply: Reply, headers: ReplyHeaders): Reply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

export function refuse(status: number, code: string, message: string, headers: ReplyHeaders = {}): Refusal {
  return { kind: "refused", status, code, message, headers };
}

/** What identifies one request in its error body. */
export interface RequestIdentity {
  readonly requestId: string;
  readonly clientRequestId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The error body of a refusal. */
export function errorBody(refusal: Refusal, request: RequestIdentity): JsonObject {
  return {
    error: {
      code: refusal.code,
      message: refusal.message,
      innerError: {
        date: new Date(request.at).toISOString().slice(0, 19),
        "request-id": request.requestId,
        "client-request-id": request.clientRequestId,
      },
    },
  };
}
