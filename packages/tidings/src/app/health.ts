import type { Answer, ReceivedRequest } from "../core/answer.ts";
import { ANSWERS } from "../core/answer.ts";
import type { EndpointHealth } from "../core/endpoint-watch.ts";
import { splitRequestUrl } from "../core/request-url.ts";

/** How an app is doing. */
export type TidingsHealth =
  | { readonly state: "declaring" | "starting" | "stopped" }
  /** An app with `inbox`. `isTaking`: whether it takes what arrives, as far as is known. */
  | {
      readonly state: "forwarding";
      readonly isTaking: boolean;
      readonly endpoint: EndpointHealth;
    }
  | {
      readonly state: "running";
      readonly inbox: { readonly waiting: number; readonly dead: number };
      /** Those that are wanted; of which Graph has none; and that wait for a person. */
      readonly subscriptions: { readonly total: number; readonly missing: number; readonly parked: number };
      readonly endpoint: EndpointHealth;
      /** The one that Graph is to encrypt for, and its end; absent for an app without. */
      readonly certificate?: { readonly id: string; readonly notAfter: number };
    };

const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

export function isProbe(url: string): boolean {
  return PROBES.has(splitRequestUrl(url).path);
}

/**
 * Answers what an orchestrator asks: `GET /healthz` (the process lives) and `GET /readyz` (deliveries are accepted).
 *
 * @returns undefined for any other request
 */
export function answerProbe({ method, url }: ReceivedRequest, isReady: () => boolean): Answer | undefined {
  if (!isProbe(url)) return undefined;
  if (method !== "GET" && method !== "HEAD")
    return { ...ANSWERS.methodNotAllowed, headers: { allow: "GET, HEAD" } };
  if (splitRequestUrl(url).path === "/healthz") return textAnswer(200, "ok");
  return isReady() ? textAnswer(200, "ready") : textAnswer(503, "not ready");
}

function textAnswer(status: number, body: string): Answer {
  return {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
    body,
  };
}
