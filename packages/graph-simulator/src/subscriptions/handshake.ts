import type { Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { PostSender } from "../http/post.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Random } from "../random.ts";
import { judge, type HandshakeOutcome, type HandshakePurpose } from "./handshake-outcome.ts";

export interface HandshakeRequest {
  readonly subscriptionId: string;
  readonly purpose: HandshakePurpose;
  readonly url: string;
}

export interface HandshakerOptions {
  readonly poster: PostSender;
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly events: EventFeed;
  /** Real milliseconds an endpoint has to answer. */
  readonly timeoutMs: number;
}

/**
 * Proves endpoints: sends a validation token and wants exactly it back.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
 */
export class Handshaker {
  readonly #options: HandshakerOptions;

  constructor(options: HandshakerOptions) {
    this.#options = options;
  }

  /** Runs one handshake and notes it in the ledger. */
  async prove(request: HandshakeRequest): Promise<HandshakeOutcome> {
    const { poster, clock, random, ledger, events, timeoutMs } = this.#options;
    const token = validationToken(random.guid());
    const startedAt = clock.now();
    const startedElapsed = clock.elapsed();
    const answer = await poster.post({
      url: withValidationToken(request.url, token),
      contentType: "text/plain; charset=utf-8",
      body: "",
      timeoutMs,
    });
    const outcome = judge(answer, token);
    const durationMs = Math.round(clock.elapsed() - startedElapsed);
    const handshake = ledger.recordHandshake({ ...request, startedAt, durationMs, outcome });
    events.emit(outcome.kind === "proved" ? "handshake:answered" : "handshake:failed", { handshake });
    return outcome;
  }
}

/**
 * A token as Graph's look, with the characters that come back wrong from endpoints which decode it twice, not at all,
 * or without reading `+` as a space.
 */
export function validationToken(requestId: string): string {
  return `Validation: Testing client application reachability for subscription Request-Id: ${requestId} +%2B&a=b`;
}

/** Adds the token to whatever query the URL has, form-encoded: a space is `+`. */
export function withValidationToken(url: string, token: string): string {
  const [address = "", fragment] = url.split("#", 2);
  const separator = address.includes("?") ? "&" : "?";
  const query = new URLSearchParams({ validationToken: token }).toString();
  return `${address}${separator}${query}${fragment === undefined ? "" : `#${fragment}`}`;
}
