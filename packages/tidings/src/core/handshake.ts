/** A validation token longer than this is refused. Real ones have about 120 characters. */
export const MAX_VALIDATION_TOKEN_LENGTH = 2048;

export type HandshakeDecision =
  | { readonly kind: "not-a-handshake" }
  | { readonly kind: "answer"; readonly token: string }
  | { readonly kind: "refuse"; readonly reason: "empty" | "too-long" | "repeated" | "control-character" };

const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * Decides how to answer a possible validation request. The token is opaque and echoed exactly as decoded;
 * `URLSearchParams` decodes it as the form encoding that Graph uses (`+` is a space).
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
 */
export function decideHandshake(query: string): HandshakeDecision {
  if (query === "") return { kind: "not-a-handshake" };
  const [token, ...more] = new URLSearchParams(query).getAll("validationToken");
  if (token === undefined) return { kind: "not-a-handshake" };
  if (more.length > 0) return { kind: "refuse", reason: "repeated" };
  if (token === "") return { kind: "refuse", reason: "empty" };
  if (token.length > MAX_VALIDATION_TOKEN_LENGTH) return { kind: "refuse", reason: "too-long" };
  if (CONTROL_CHARACTER.test(token)) return { kind: "refuse", reason: "control-character" };
  return { kind: "answer", token };
}
