import type { Clock } from "../core/ports/clock.ts";
import type { GraphApi, GraphScope, RemoteSubscription } from "../core/ports/graph-api.ts";

/** How long one list serves. @see https://learn.microsoft.com/graph/throttling-limits#subscription-service-limits */
const LIFE_MS = 20_000;

type Whose = Pick<GraphScope, "tenantId" | "userId">;

/** What Graph says it has. It allows few lists, so rows that look for something share one. */
export class RemoteLists {
  readonly #graph: Pick<GraphApi, "listSubscriptions">;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { readonly at: number; readonly list: Promise<RemoteSubscription[]> }>();

  constructor(graph: Pick<GraphApi, "listSubscriptions">, clock: Clock) {
    this.#graph = graph;
    this.#clock = clock;
  }

  /** All subscriptions of a tenant, or of one of its users, as listed after `since`, epoch milliseconds. */
  async get({ tenantId, userId }: Whose, since: number): Promise<readonly RemoteSubscription[]> {
    const key = `${tenantId} ${userId ?? ""}`;
    const now = this.#clock.now();
    // A tenant's list may be long, so none is kept for nothing.
    for (const [other, { at }] of this.#kept) if (now - at >= LIFE_MS) this.#kept.delete(other);
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.at > since) return kept.list;
    const list = this.#graph.listSubscriptions({ tenantId, userId });
    this.#kept.set(key, { at: now, list });
    list.catch(() => this.#kept.delete(key));
    return list;
  }
}
