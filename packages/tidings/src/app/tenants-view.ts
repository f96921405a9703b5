import type { Store, TenantPurge } from "../core/ports/store.ts";
import type { Reconciler } from "../reconciler/reconciler.ts";
import { inSteps } from "./in-steps.ts";
import { assertTenantId } from "./options.ts";

/** What was thrown away, and which subscriptions are being ended. */
export interface PurgedTenant {
  readonly subscriptions: number;
  readonly waiting: number;
  readonly dead: number;
  readonly history: number;
}

interface TenantParts {
  readonly reconciler: Reconciler;
  readonly store: Store;
}

/** The tenants of an app that serves several. */
export class TenantsView {
  readonly #running: () => TenantParts;

  constructor(running: () => TenantParts) {
    this.#running = running;
  }

  /** GUIDs of those that were added, in lower case. @throws Error before `start()`; StoreError */
  async list(): Promise<string[]> {
    return this.#running().reconciler.tenants.added();
  }

  /**
   * Subscribes to everything that is declared without parameters in this tenant too, now and after every restart.
   * Durable when it resolves; Graph is asked soon after. Idempotent. Where tenants were added, they are meant
   * wherever none is named, in place of the one that the credential signs in to.
   *
   * @param tenantId GUID
   * @throws TypeError for what is no GUID; Error before `start()`; StoreError
   */
  async add(tenantId: string): Promise<void> {
    assertTenantId(tenantId);
    const { tenants, desired } = this.#running().reconciler;
    await tenants.add(tenantId.toLowerCase());
    await desired.welcome(tenantId.toLowerCase());
  }

  /**
   * Ends every subscription in this tenant, also those that `subscribe` made. Durable when it resolves; Graph is asked
   * soon after, for as long as the tenant lets the app in. Idempotent.
   *
   * @param tenantId GUID
   * @returns how many subscriptions there were
   * @throws TypeError for what is no GUID; Error before `start()`; StoreError
   */
  async remove(tenantId: string): Promise<number> {
    assertTenantId(tenantId);
    const { tenants, desired } = this.#running().reconciler;
    await tenants.remove(tenantId.toLowerCase());
    return desired.leave(tenantId.toLowerCase());
  }

  /**
   * Removes the tenant, and throws away all that is held of it: what waits, dead letters, history. Subscriptions are
   * forgotten when Graph has ended them. What a handler has in hand by then is handled. Idempotent, and to be called
   * again when it fails in the middle.
   *
   * @param tenantId GUID
   * @throws TypeError for what is no GUID; Error before `start()`; StoreError
   */
  async purge(tenantId: string): Promise<PurgedTenant> {
    // First, so that nothing is accepted any more.
    const subscriptions = await this.remove(tenantId);
    const { store } = this.#running();
    const purge = async (place: TenantPurge["place"]): Promise<number> =>
      inSteps(async (step) => store.purgeTenant({ tenantId: tenantId.toLowerCase(), place, ...step }));
    const waiting = await purge("inbox");
    return { subscriptions, waiting, dead: await purge("dead"), history: await purge("history") };
  }
}
