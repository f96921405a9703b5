import type { PlannedSubscription } from "../core/planned-subscription.ts";
import { canonicalResource } from "../core/resource-key.ts";
import { resourceOf, type Gap, type Parking, type SubscriptionRow } from "../core/subscription.ts";
import type { Applied } from "../core/applied.ts";
import { apply, type ApplyOptions, type PlanOptions } from "./apply.ts";
import type { EventFeed } from "./events.ts";
import { assertTenantId } from "./options.ts";
import type { Upkeep, UpkeepApplyOptions } from "../reconciler/upkeep.ts";
import type { RunningApp } from "./running-app.ts";

/**
 * `alive`; `missing` while Graph has none and one is being made; `failing` while something that keeps it alive does not
 * succeed; `parked` until a person has done something; `ending` when nobody wants it any more.
 */
export const SUBSCRIPTION_STATES = ["alive", "missing", "failing", "parked", "ending"] as const;

export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];

/** Which subscriptions: all given conditions hold. */
export interface SubscriptionFilter {
  readonly state?: SubscriptionState | undefined;
  /** GUID. */
  readonly tenantId?: string | undefined;
  /** As declared, expanded, with or without its query. */
  readonly resource?: string | undefined;
  /** Its key, or Graph's id. */
  readonly id?: string | undefined;
}

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

export interface SubscriptionsViewParts {
  /** @throws Error when the app does not run */
  readonly running: () => RunningApp;
  /** Opens the app if need be. @throws what opening throws */
  readonly opened: () => Promise<RunningApp>;
  /** Of an app with `inbox`, which it opens if need be; undefined for one with a store. */
  readonly upkeep: () => Promise<Upkeep | undefined>;
  readonly events: EventFeed;
}

export class SubscriptionsView {
  readonly #parts: SubscriptionsViewParts;

  constructor(parts: SubscriptionsViewParts) {
    this.#parts = parts;
  }

  /** All of them, or those of a filter, in the order of their keys. @throws Error before `start()`; StoreError */
  async list(filter: SubscriptionFilter = {}): Promise<SubscriptionInfo[]> {
    return Array.fromAsync(this.pages(filter), (page) => page).then((pages) => pages.flat());
  }

  /**
   * The same in parts, for apps that have very many.
   *
   * @param after the key of the last one seen
   * @throws TypeError for a tenant that is no GUID; Error before `start()`; StoreError
   */
  async *pages({
    after,
    ...filter
  }: SubscriptionFilter & { readonly after?: string | undefined } = {}): AsyncGenerator<
    readonly SubscriptionInfo[]
  > {
    assertTenantId(filter.tenantId);
    const { store } = this.#parts.running();
    const tenantId = filter.tenantId?.toLowerCase();
    const isMeant = matcherOf(filter);
    let last = after;
    for (;;) {
      const rows = await store.listSubscriptions({ after: last, tenantId, limit: PAGE_SIZE });
      yield rows.map((row) => toInfo(row)).filter(isMeant);
      if (rows.length < PAGE_SIZE) return;
      last = rows.at(-1)?.key;
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
    return this.#parts.running().reconciler.renewNow(id);
  }

  /**
   * What an app that runs would do about each subscription by now, and why: those that are stored first, then new ones.
   * Nothing is written, and Graph is not asked. Before `start()` it opens the store. For an app with `inbox` Graph's list
   * is all there is, and is asked for.
   *
   * @throws CredentialError when the app's own tenant is not known; what `start()` throws
   */
  async *plan(options: PlanOptions = {}): AsyncGenerator<PlannedSubscription> {
    const { prune = false } = options;
    const upkeep = await this.#parts.upkeep();
    if (upkeep !== undefined) return yield* upkeep.plan(upkeepOptions(options));
    assertNoTenants(options);
    const { reconciler } = await this.#parts.opened();
    yield* reconciler.preview(prune);
  }

  /**
   * Does what `plan` says, and what failed before again, and resolves when all of it is done or has failed; what
   * Graph's limits put off is waited for. Before `start()` it opens the store, handlers are not called, and nothing
   * goes on by itself afterwards. The endpoint must be answered by somebody: Graph asks it before it creates a
   * subscription, so listen, or route requests to `fetch`, before.
   *
   * For an app with `inbox` this is all that keeps subscriptions alive: call it every so often, with `everyMs`. What is
   * not declared any more is left to end, or removed with `prune`.
   *
   * @throws CredentialError when the app's own tenant is not known; what `start()` throws
   */
  async apply(options: ApplyOptions = {}): Promise<Applied> {
    const upkeep = await this.#parts.upkeep();
    if (upkeep !== undefined) return upkeep.apply(upkeepOptions(options));
    assertNoTenants(options);
    return apply(await this.#parts.opened(), this.#parts.events, options);
  }
}

const HOUR_MS = 3_600_000;
/** As far as Graph's list has been seen behind. */
const SETTLE_MS = 60_000;

function upkeepOptions({
  prune = false,
  tenantIds,
  everyMs = HOUR_MS,
  settleMs = SETTLE_MS,
  signal,
  onProgress = () => {},
}: ApplyOptions): UpkeepApplyOptions {
  for (const tenantId of tenantIds ?? []) assertTenantId(tenantId);
  const lower = tenantIds?.map((tenantId) => tenantId.toLowerCase());
  return { prune, tenantIds: lower, everyMs, settleMs, signal, onProgress };
}

/** With a store the app knows its tenants. */
function assertNoTenants({ tenantIds }: PlanOptions): void {
  if (tenantIds === undefined) return;
  throw new TypeError(
    `Expected no \`tenantIds\` for an app with a store, got \`${tenantIds.join()}\`: see \`tidings.tenants\``,
  );
}

function matcherOf({ state, resource, id }: SubscriptionFilter): (info: SubscriptionInfo) => boolean {
  const path = resource === undefined ? undefined : canonicalResource(resource);
  return (info) =>
    (state === undefined || info.state === state) &&
    (id === undefined || info.key === id || info.id === id) &&
    (path === undefined || canonicalResource(info.resource) === path || info.resource === resource);
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
