import type { PostOutcome } from "../http/post.ts";
import { refuse, type Refusal } from "../http/reply.ts";
import { statusName } from "./extension-error.ts";

/** The subscription property whose URL is being proved. */
export type HandshakePurpose = "notificationUrl" | "lifecycleNotificationUrl";

/** How an endpoint answered a validation request. Only `proved` lets the subscription be. */
export type HandshakeOutcome =
  | { readonly kind: "proved" }
  | { readonly kind: "timed-out" }
  | { readonly kind: "unreachable"; readonly error: string }
  | { readonly kind: "tls-failed"; readonly error: string }
  | { readonly kind: "wrong-status"; readonly status: number }
  | { readonly kind: "wrong-content-type"; readonly contentType: string }
  | { readonly kind: "wrong-body" };

/** The codes Node.js gives to connections that fail in TLS: certificates that are not believed, no common version. */
const TLS_ERROR = /^(EPROTO|ERR_SSL_|ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** What an answer is worth. */
export function judge(answer: PostOutcome, token: string): HandshakeOutcome {
  if (answer.kind === "unreachable" && TLS_ERROR.test(answer.error)) {
    return { kind: "tls-failed", error: answer.error };
  }
  if (answer.kind !== "answered") return answer;
  if (answer.status !== 200) return { kind: "wrong-status", status: answer.status };
  if (!/^text\/plain\s*(;|$)/i.test(answer.contentType)) {
    return { kind: "wrong-content-type", contentType: answer.contentType };
  }
  return answer.body === token ? { kind: "proved" } : { kind: "wrong-body" };
}

/** The refusal an app gets when its endpoint did not prove itself, or `undefined` when it did. */
export function handshakeRefusal(outcome: HandshakeOutcome, code: string): Refusal | undefined {
  const message = refusalMessage(outcome);
  return message === undefined ? undefined : refuse(400, code, message);
}

function refusalMessage(outcome: HandshakeOutcome): string | undefined {
  const failed = "Subscription validation request failed.";
  const must = "Notification endpoint must respond with 200 OK to validation request.";
  switch (outcome.kind) {
    case "proved":
      return undefined;
    case "timed-out":
      return "Subscription validation request timed out.";
    case "unreachable":
      return `${failed} ${must}`;
    case "tls-failed":
      // https://github.com/microsoftgraph/microsoft-graph-docs/issues/1462
      return "The underlying connection was closed: An unexpected error occurred on a send.";
    case "wrong-status":
      return `${failed} HTTP status code is '${statusName(outcome.status)}'. ${must}`;
    case "wrong-content-type":
      // guess: the rule is documented, Graph's sentence for it is not.
      return `${failed} Response content type must be 'text/plain'.`;
    case "wrong-body":
      return `${failed} Response must exactly match validationToken query parameter.`;
  }
}
