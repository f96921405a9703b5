import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { Dispatcher } from "undici";
import { OutboundRefusedError } from "../../core/errors.ts";
import { guardedLookup } from "./guarded-lookup.ts";
import { isPublicAddress } from "./public-address.ts";

/** As much of `fetch` as is needed here. */
type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** A place that may be asked. */
export interface Destination {
  /** https; or http, on this machine. */
  readonly origin: string;
  /** Whether access tokens may go there. @default false */
  readonly takesTokens?: boolean;
  /** Whether its name may lead to an address that is not public. @default false; this machine's own names always may */
  readonly mayBePrivate?: boolean;
}

export interface OutboundOptions {
  readonly destinations: readonly Destination[];
  /** For a request and its answer, milliseconds. @default 120,000 */
  readonly timeoutMs?: number | undefined;
  /** Of an answer's body, as it comes over the line. @default 64 MiB */
  readonly maxAnswerBytes?: number | undefined;
  /** Finds the addresses of a name. @default the system's */
  readonly lookup?: LookupFunction | undefined;
}

/** Longer than any caller of ours waits, and more than any asks for: they have limits of their own. */
const TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const CONNECT_MS = 10_000;

/**
 * The one way out: a `fetch` that goes to the given places and nowhere else. It follows no redirect, and looks at the
 * addresses of a name as the connection is made, since what was looked up before can be another by then.
 *
 * `undici` is what Node's own `fetch` is made of. Its own is taken, since an agent and a `fetch` must be of one version.
 *
 * @returns a function that rejects with OutboundRefusedError for what it does not send
 * @throws TypeError for a destination that is no https URL
 */
export function createOutbound(options: OutboundOptions): Fetch {
  const { timeoutMs = TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = options;
  const places = new Map(options.destinations.map((place) => [originOf(place), place]));
  const privateHosts = new Set(
    [...places].filter(([, place]) => isFree(place)).map(([origin]) => new URL(origin).hostname),
  );
  const connect = {
    timeout: CONNECT_MS,
    lookup: guardedLookup(options.lookup ?? systemLookup, privateHosts),
  };
  const agentOptions = {
    connect,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: maxAnswerBytes,
  };
  let loaded: Promise<typeof import("undici")> | undefined;
  let agent: Dispatcher | undefined;
  return async (url, init) => {
    assertSendable(url, init, places.get(url.origin));
    const late = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, late]) : late;
    const { method = "GET" } = init;
    const headers = [...new Headers(init.headers)];
    const body = textOf(init.body);
    // With the first request: it takes 70 ms, and a process that was woken has to answer Graph first.
    const { Agent, fetch } = await (loaded ??= import("undici"));
    agent ??= new Agent(agentOptions);
    try {
      return await fetch(url, { method, headers, body, redirect: "error", dispatcher: agent, signal });
    } catch (error) {
      // Which is what matters, and would be hidden two levels deep.
      throw refusalIn(error) ?? error;
    }
  };
}

/** @throws OutboundRefusedError */
function assertSendable(url: URL, init: RequestInit, place: Destination | undefined): void {
  if (place === undefined) throw new OutboundRefusedError(url.host, "foreign-host");
  if (new Headers(init.headers).has("authorization") && place.takesTokens !== true) {
    throw new OutboundRefusedError(url.host, "token");
  }
  // Nothing is looked up for what is an address already.
  const host = unbracketed(url.hostname);
  if (isIP(host) !== 0 && !isFree(place) && !isPublicAddress(host)) {
    throw new OutboundRefusedError(url.host, "address");
  }
}

function originOf({ origin }: Destination): string {
  const url = URL.parse(origin);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isThisMachine(url))) return url.origin;
  throw new TypeError(
    `Expected an https URL, or an http one of this machine, got \`${url?.origin ?? typeof origin}\``,
  );
}

function isFree(place: Destination): boolean {
  return place.mayBePrivate === true || isThisMachine(new URL(place.origin));
}

function isThisMachine({ hostname }: URL): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** @throws TypeError for another body than a text: nothing here sends any */
function textOf(body: RequestInit["body"]): string | null {
  if (body === undefined || body === null || typeof body === "string") return body ?? null;
  throw new TypeError(`Expected a text as \`body\`, got \`${typeof body}\``);
}

function refusalIn(error: unknown): OutboundRefusedError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof OutboundRefusedError) return at;
  }
  return undefined;
}
