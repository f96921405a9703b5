import { markedAs, type MarkedSubscription } from "../core/audit.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { GraphApi, GraphScope } from "../core/ports/graph-api.ts";
import type { Keyring } from "../core/ports/keyring.ts";

export interface RemoteListsParts {
  readonly graph: Pick<GraphApi, "listSubscriptions">;
  readonly clock: Clock;
  readonly app: string;
  readonly keyring: Keyring;
}

/** What Graph has of this app, by subscription key. */
export type RemoteList = ReadonlyMap<string, readonly MarkedSubscription[]>;

interface Kept {
  /** When it was asked for, epoch milliseconds. */
  readonly at: number;
  readonly list: Promise<RemoteList>;
}

/** So that lists are not kept for nothing. */
const LIFE_MS = 10 * 60_000;
const MAX_LISTS = 200;

/**
 * What Graph says it has. It allows few lists, so rows that look for something share one: whoever wants to know what
 * was made before some moment is served by any list of after it, however old.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits#subscription-service-limits
 */
export class RemoteLists {
  readonly #parts: RemoteListsParts;
  readonly #kept = new Map<string, Kept>();

  constructor(parts: RemoteListsParts) {
    this.#parts = parts;
  }

  /** Those of a tenant, or of one of its users, as listed after `since`, epoch milliseconds. @throws as the client */
  async get(whose: Pick<GraphScope, "tenantId" | "userId">, since: number): Promise<RemoteList> {
    const key = `${whose.tenantId} ${whose.userId ?? ""}`;
    const kept = this.#kept.get(key);
    const now = this.#parts.clock.now();
    // One of a time to come was asked for before the clock jumped back: nobody can say what it was after.
    if (kept !== undefined && kept.at > since && kept.at <= now) return kept.list;
    const list = this.#ask(whose);
    // Last in the order of age.
    this.#kept.delete(key);
    this.#kept.set(key, { at: now, list });
    list.catch(() => {
      if (this.#kept.get(key)?.list === list) this.#kept.delete(key);
    });
    this.#forgetOld(now);
    return list;
  }

  async #ask({ tenantId, userId }: Pick<GraphScope, "tenantId" | "userId">): Promise<RemoteList> {
    const { graph, app, keyring } = this.#parts;
    const listed = await graph.listSubscriptions({ tenantId, userId });
    return Map.groupBy(markedAs(app, listed, keyring), ({ subscriptionKey }) => subscriptionKey);
  }

  #forgetOld(now: number): void {
    for (const [key, { at }] of this.#kept) {
      if (now - at < LIFE_MS && this.#kept.size <= MAX_LISTS) return;
      this.#kept.delete(key);
    }
  }
}
