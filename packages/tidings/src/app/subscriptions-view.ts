import { resourceOf, type SubscriptionRow } from "../core/subscription.ts";
import type { Store } from "../core/ports/store.ts";

/** A subscription this app keeps, as it stands. */
export interface SubscriptionInfo {
  readonly key: string;
  /** Graph's id; undefined while Graph has none. */
  readonly id: string | undefined;
  readonly tenantId: string;
  readonly resource: string;
  /** Names of the declarations it serves. */
  readonly declarations: readonly string[];
  readonly changeTypes: readonly string[];
  /** Epoch milliseconds; undefined while Graph has none. */
  readonly expiresAt: number | undefined;
  /** Failures in a row of what is being tried; 0 when all is well. */
  readonly failures: number;
}

export class SubscriptionsView {
  readonly #running: () => { readonly store: Store };

  constructor(running: () => { readonly store: Store }) {
    this.#running = running;
  }

  /** @throws Error before `start()`; StoreError */
  async list(): Promise<SubscriptionInfo[]> {
    const rows = await this.#running().store.listSubscriptions();
    return rows.map((row) => toInfo(row));
  }
}

function toInfo(row: SubscriptionRow): SubscriptionInfo {
  return {
    key: row.key,
    id: row.graph?.id,
    tenantId: row.tenantId,
    resource: resourceOf(row),
    declarations: row.wants.map(({ declaration }) => declaration),
    changeTypes: row.graph?.changeTypes ?? [],
    expiresAt: row.graph?.expiresAt,
    failures: row.failures,
  };
}
