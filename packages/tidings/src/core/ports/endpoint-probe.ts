/** What keeps Graph, too, from trusting the certificate, or from speaking TLS with the endpoint at all. */
export type TlsFault =
  | "expired"
  | "not-yet-valid"
  | "self-signed"
  | "wrong-host"
  | "unknown-issuer"
  | "protocol";

/** Why nothing came back. */
export type UnreachableReason = "dns" | "refused" | "timeout" | "network";

/**
 * Whether an endpoint answers its handshake as Graph wants it. `sentence` is for people: what is the matter, and what
 * to do. It has no query of a URL in it, nothing of a body and no secret.
 */
export type EndpointVerdict =
  | { readonly kind: "proved"; readonly sentence: string }
  /** A warning: this machine's network may only not allow what Graph can do. */
  | { readonly kind: "unreachable"; readonly reason: UnreachableReason; readonly sentence: string }
  /** Graph would refuse to make a subscription. */
  | ({ readonly kind: "wrong"; readonly sentence: string } & EndpointFault);

export type EndpointFault =
  | { readonly reason: "status"; readonly status: number }
  | { readonly reason: "content-type" | "body" }
  | { readonly reason: "tls"; readonly fault: TlsFault };

/** Asks our own public URL what Graph will ask it. */
export interface EndpointProbe {
  /**
   * @param url of notifications
   * @returns within 10 s
   * @throws TypeError when that is no URL; the signal's reason when it aborts. Any answer, and none, is a verdict
   */
  check(url: string, signal?: AbortSignal): Promise<EndpointVerdict>;
}
