/**
 * The Graph client by itself: `import { createGraphClient } from "tidings/graph"`.
 *
 * @module
 */

import type { Fetch } from "../graph/exchange.ts";
import { GraphClient, type Graph, type GraphClientOptions } from "../graph/graph-client.ts";
import { createOutbound } from "../host/outbound/outbound.ts";
import { wakefulClock } from "./clock.ts";

export type { Graph, GraphCallOptions, GraphRequestOptions } from "../graph/graph-client.ts";
export type { BatchRequest, BatchResult } from "../graph/batch.ts";
export type { DeltaStep } from "../graph/delta.ts";

/** What a client of its own needs to know. */
export interface CreateGraphClientOptions extends Partial<
  Pick<GraphClientOptions, "limits" | "timeoutMs" | "maxAnswerBytes" | "signal" | "fetch">
> {
  /** Signs in: any class of `@azure/identity`, or a function that gives one for a tenant. */
  readonly credential: GraphClientOptions["credential"];
  /**
   * What tokens are asked for.
   * @default `.default` of the base URL's host, such as `https://graph.microsoft.com/.default`
   */
  readonly scope?: string | undefined;
  /**
   * Where requests go, version and all; tokens go to its host alone. https, or http on this machine.
   * @default "https://graph.microsoft.com/v1.0"
   */
  readonly baseUrl?: string | undefined;
}

/** @see https://learn.microsoft.com/graph/deployments#microsoft-graph-and-graph-explorer-service-root-endpoints */
const GRAPH_HOSTS: ReadonlySet<string> = new Set([
  "graph.microsoft.com",
  "graph.microsoft.us",
  "dod-graph.microsoft.us",
  "microsoftgraph.chinacloudapi.cn",
]);

/**
 * Makes a client of Microsoft Graph, or of any other OData API that takes tokens of Entra ID, such as Business Central.
 * It needs no `Tidings`. Graph's own limits are kept on Graph's hosts, unless `limits` says otherwise.
 *
 * @example
 * ```ts
 * const graph = createGraphClient({ credential: new DefaultAzureCredential() });
 * for await (const user of graph.pages("users?$select=id,displayName")) console.log(user);
 * ```
 * @throws TypeError when an option makes no sense, with the value shown
 */
export function createGraphClient(options: CreateGraphClientOptions): Graph {
  const { credential, baseUrl = "https://graph.microsoft.com/v1.0" } = options;
  if (typeof credential !== "function" && typeof credential?.getToken !== "function") {
    throw new TypeError(
      `Expected \`credential\`, such as \`new DefaultAzureCredential()\` of @azure/identity, got \`${typeof credential}\``,
    );
  }
  assertPositive("timeoutMs", options.timeoutMs);
  assertPositive("maxAnswerBytes", options.maxAnswerBytes);
  const { origin, hostname } = parseBaseUrl(baseUrl);
  const isGraph = GRAPH_HOSTS.has(hostname);
  return new GraphClient({
    ...options,
    baseUrl,
    scope: options.scope ?? `${origin}/.default`,
    limits: options.limits ?? (isGraph ? "graph" : "none"),
    fetch: options.fetch ?? wayTo(origin, { ...options, mayBePrivate: !isGraph }),
    clock: wakefulClock,
  });
}

/** Another API than Graph may well be in a network of its own. */
function wayTo(
  origin: string,
  {
    mayBePrivate,
    ...limits
  }: Pick<CreateGraphClientOptions, "timeoutMs" | "maxAnswerBytes"> & { readonly mayBePrivate: boolean },
): Fetch {
  return createOutbound({ destinations: [{ origin, takesTokens: true, mayBePrivate }], ...limits });
}

/** A token over plain http could be read by anybody on the way. */
function parseBaseUrl(baseUrl: string): URL {
  const url = URL.parse(baseUrl);
  const isLocal = url !== null && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLocal);
  if (url !== null && isSafe && url.search === "" && url.hash === "" && url.username === "") return url;
  throw new TypeError(
    `Expected \`baseUrl\` to be an https URL without query, got \`${url?.origin ?? baseUrl}\``,
  );
}

function assertPositive(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value > 0)) return;
  throw new TypeError(`Expected \`${name}\` to be a number > 0, got \`${value}\``);
}
