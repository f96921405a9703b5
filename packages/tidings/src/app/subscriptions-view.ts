import type { Store } from "../core/ports/store.ts";
import { resourceOf, type Gap, type Parking, type SubscriptionRow } from "../core/subscription.ts";
import type { Reconciler } from "../reconciler/reconciler.ts";

/**
 * `alive`; `missing` while Graph has none and one is being made; `failing` while something that keeps it alive does not
 * succeed; `parked` until a person has done something; `ending` when nobody wants it any more.
 */
export type SubscriptionState = "alive" | "missing" | "failing" | "parked" | "ending";

/** A subscription this app keeps, as it stands. Instants are epoch milliseconds. */
export interface SubscriptionInfo {
  readonly key: string;
  readonly state: SubscriptionState;
  /** Graph's id; undefined while Graph has none. */
  readonly id: string | undefined;
  readonly tenantId: string;
  /** Who is signed in, for `me`. */
  readonly userId: string | undefined;
  readonly resource: string;
  /** Names of the declarations it serves. */
  readonly declarations: readonly string[];
  readonly changeTypes: readonly string[];
  /** Undefined while Graph has none. */
  readonly expiresAt: number | undefined;
  /** When Graph last sent something for it, to within half a minute; undefined before. */
  readonly heardAt: number | undefined;
  /** When it is looked at again. */
  readonly nextActionAt: number;
  /** Failures in a row of what is being tried; 0 when all is well. */
  readonly failures: number;
  /** What a person must see to. */
  readonly parked: Parking | undefined;
  /** Changes since then may never have been told. */
  readonly gap: Gap | undefined;
}

/** Rows read at once, so that a million need little memory. */
const PAGE_SIZE = 500;

export class SubscriptionsView {
  readonly #running: () => { readonly store: Store; readonly reconciler: Reconciler };

  constructor(running: () => { readonly store: Store; readonly reconciler: Reconciler }) {
    this.#running = running;
  }

  /** All of them, in the order of their keys. @throws Error before `start()`; StoreError */
  async list(): Promise<SubscriptionInfo[]> {
    return Array.fromAsync(this.pages(), (page) => page).then((pages) => pages.flat());
  }

  /** The same in parts, for apps that have very many. @throws Error before `start()`; StoreError */
  async *pages(): AsyncGenerator<readonly SubscriptionInfo[]> {
    const { store } = this.#running();
    let after: string | undefined;
    for (;;) {
      const rows = await store.listSubscriptions({ after, limit: PAGE_SIZE });
      yield rows.map((row) => toInfo(row));
      if (rows.length < PAGE_SIZE) return;
      after = rows.at(-1)?.key;
    }
  }

  /**
   * Has a subscription renewed as soon as Graph's limits allow, whatever went wrong before.
   *
   * @param id its key, or Graph's id
   * @returns false when there is none
   * @throws Error before `start()`; StoreError
   */
  async renew(id: string): Promise<boolean> {
    return this.#running().reconciler.renewNow(id);
  }
}

function stateOf({ wants, parked, failures, graph }: SubscriptionRow): SubscriptionState {
  if (wants.length === 0) return "ending";
  if (parked !== null) return "parked";
  if (failures > 0) return "failing";
  return graph === null ? "missing" : "alive";
}

function toInfo(row: SubscriptionRow): SubscriptionInfo {
  return {
    key: row.key,
    state: stateOf(row),
    id: row.graph?.id,
    tenantId: row.tenantId,
    userId: row.userId,
    resource: resourceOf(row),
    declarations: [...new Set(row.wants.map(({ declaration }) => declaration))],
    changeTypes: row.graph?.changeTypes ?? [],
    expiresAt: row.graph?.expiresAt,
    heardAt: row.heardAt ?? undefined,
    nextActionAt: row.nextActionAt,
    failures: row.failures,
    parked: row.parked ?? undefined,
    gap: row.gap ?? undefined,
  };
}
