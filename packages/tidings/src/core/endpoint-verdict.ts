import type { EndpointFault, EndpointVerdict, TlsFault, UnreachableReason } from "./ports/endpoint-probe.ts";

/** How an endpoint answered a validation request. */
export interface HandshakeReply {
  readonly status: number;
  readonly contentType: string | null;
  /** Of a redirect. */
  readonly location: string | null;
  /** Undefined when it was longer than any token is, or was not read, the status being another than 200. */
  readonly body: string | undefined;
}

/**
 * Judges an answer as Graph does: it wants the status 200, the content type `text/plain`, and the decoded token as body.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
 */
export function judgeReply(url: string, token: string, reply: HandshakeReply): EndpointVerdict {
  const { status, contentType, body } = reply;
  if (status !== 200) {
    return wrong({ reason: "status", status }, `${placeOf(url)} answered ${status}${adviceOn(reply, url)}`);
  }
  if (!/^text\/plain\s*(?:;|$)/i.test(contentType ?? "")) {
    const sentence = `${placeOf(url)} answered with ${nameOfType(contentType)}, not \`text/plain\`: something else than Tidings answers there`;
    return wrong({ reason: "content-type" }, sentence);
  }
  return body === token
    ? { kind: "proved", sentence: `${placeOf(url)} answers its handshake` }
    : wrong({ reason: "body" }, `${placeOf(url)} answered with ${nameOfBody(body, token)}`);
}

/**
 * Judges that no answer came.
 *
 * @param code of Node's error, such as `ECONNREFUSED`; undefined when it had none
 */
export function judgeSilence(url: string, code: string | undefined): EndpointVerdict {
  const fault = tlsFaultOf(code);
  if (fault !== undefined) {
    return wrong(
      { reason: "tls", fault },
      `${placeOf(url)} cannot be trusted by Graph: ${TLS_SENTENCE[fault]}`,
    );
  }
  const reason = UNREACHABLE[code ?? ""] ?? "network";
  const what =
    reason === "network" ? `the connection failed (${code ?? "no reason given"})` : SILENCE[reason];
  return {
    kind: "unreachable",
    reason,
    sentence: `${placeOf(url)} does not answer this machine: ${what}. Graph may reach it all the same; if not, it makes no subscription`,
  };
}

function wrong(fault: EndpointFault, sentence: string): EndpointVerdict {
  return { kind: "wrong", ...fault, sentence };
}

/** A query may hold a secret, and so may what stands before an @. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function adviceOn({ status, location }: HandshakeReply, url: string): string {
  if (status >= 300 && status < 400) {
    const target = location === null ? null : URL.parse(location, url);
    const where = target === null ? "" : ` to ${target.origin}`;
    return `, a redirect${where}, and Graph wants 200: let this path through without a sign-in, and give the final address as \`publicUrl\``;
  }
  return STATUS_ADVICE[status] ?? ", and Graph wants 200";
}

const NO_APP = ": a proxy answers for Tidings, which does not listen where the proxy looks for it";
const SIGN_IN =
  ": something in front of Tidings wants a sign-in, which Graph does not have; let this path through";

const STATUS_ADVICE: Readonly<Record<number, string>> = {
  401: SIGN_IN,
  403: SIGN_IN,
  404: ": nothing is there; check `publicUrl` and `path`, and what a proxy cuts off",
  405: ": whatever is there takes no POST; check `publicUrl` and `path`",
  502: NO_APP,
  503: NO_APP,
  504: NO_APP,
};

/** Headers may hold anything; a media type is short and plain. */
function nameOfType(contentType: string | null): string {
  if (contentType === null) return "no content type";
  const [type = ""] = contentType.split(";", 1);
  return /^[\w.+-]{1,40}\/[\w.+-]{1,80}$/.test(type.trim())
    ? `\`${type.trim()}\``
    : "a content type that is none";
}

function nameOfBody(body: string | undefined, token: string): string {
  if (body === "") return "nothing: the body must be the token";
  if (body !== undefined && isEncoded(body, token))
    return "the token still encoded: decode it as form data, where + is a space";
  if (body?.trimStart().startsWith("<") === true)
    return "a page in place of the token: something else than Tidings answers there";
  return "something else than the token";
}

function isEncoded(body: string, token: string): boolean {
  const form = new URLSearchParams({ token }).toString().slice("token=".length);
  return [form, encodeURIComponent(token), decodeURIComponent(form)].includes(body);
}

const UNREACHABLE: Readonly<Record<string, UnreachableReason>> = {
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  ECONNREFUSED: "refused",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
};

const SILENCE: Readonly<Record<Exclude<UnreachableReason, "network">, string>> = {
  dns: "its name is not known here",
  refused: "nothing listens there, or a firewall refuses the connection",
  timeout: "nothing came within the 10 s that Graph waits",
};

/** The codes of Node's TLS errors: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const TLS_FAULT: Readonly<Record<string, TlsFault>> = {
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  DEPTH_ZERO_SELF_SIGNED_CERT: "self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "self-signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "wrong-host",
  HOSTNAME_MISMATCH: "wrong-host",
  CERT_UNTRUSTED: "unknown-issuer",
  UNABLE_TO_GET_ISSUER_CERT: "unknown-issuer",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknown-issuer",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknown-issuer",
  EPROTO: "protocol",
};

function tlsFaultOf(code: string | undefined): TlsFault | undefined {
  if (code === undefined) return undefined;
  return TLS_FAULT[code] ?? (/^ERR_(?:SSL|TLS)_/.test(code) ? "protocol" : undefined);
}

const TLS_SENTENCE: Readonly<Record<TlsFault, string>> = {
  expired: "its certificate has expired",
  "not-yet-valid": "its certificate is not valid yet; or the clock of this machine is wrong",
  "self-signed":
    "its certificate is signed by itself, or by an authority that only you know; it must be a public one",
  "wrong-host": "its certificate is for another host name",
  "unknown-issuer":
    "nobody vouches for its certificate; send the intermediate certificates with it, and take one of a public authority",
  protocol: "it does not speak TLS, or no version and cipher that is common",
};
