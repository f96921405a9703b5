import { hash, timingSafeEqual } from "node:crypto";
import { Refusal } from "./refusal.ts";

/** Lets a request pass or throws the {@link Refusal} it is answered with. */
export type Guard = (request: Request) => void;

const MIN_TOKEN_LENGTH = 32;
/** What an Authorization header may carry. @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const TOKEN = /^[\w.~+/-]+=*$/;

/** Names of this machine for itself. Anything else in a Host header is a page of the web that had its name resolved here. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Who may ask: whoever has the token, over a name of this machine, and with a body that no web page can send by
 * itself. A missing token and a wrong one get the same answer.
 *
 * @throws TypeError when the token is too short or cannot stand in a header; it is not repeated
 */
export function createGuard(token: string): Guard {
  assertToken(token);
  const expected = digest(token);
  return (request) => {
    if (!LOOPBACK.test(hostOf(request))) {
      throw new Refusal(403, "host-refused", "The admin API answers to names of this machine only");
    }
    if (!timingSafeEqual(digest(bearerOf(request)), expected)) {
      throw new Refusal(401, "unauthorized", "Expected `Authorization: Bearer` with the admin token", {
        "www-authenticate": "Bearer",
      });
    }
  };
}

export function assertToken(token: string): void {
  if (token.length < MIN_TOKEN_LENGTH || !TOKEN.test(token)) {
    throw new TypeError(
      `Expected an admin token of at least ${MIN_TOKEN_LENGTH} characters of A-Z a-z 0-9 - . _ ~ + /, got one of ${token.length}`,
    );
  }
}

/** Equal length always, so that comparing tells nothing of it. */
function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

function bearerOf({ headers }: Request): string {
  return /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? "";
}

function hostOf({ headers, url }: Request): string {
  return headers.get("host") ?? new URL(url).host;
}
