import type { Reconciler } from "../reconciler/reconciler.ts";
import { assertTenantId } from "./options.ts";

/** The tenants of an app that serves several. */
export class TenantsView {
  readonly #running: () => Reconciler;

  constructor(running: () => Reconciler) {
    this.#running = running;
  }

  /** GUIDs of those that were added, in lower case. @throws Error before `start()`; StoreError */
  async list(): Promise<string[]> {
    return this.#running().tenants.added();
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
    const { tenants, desired } = this.#running();
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
    const { tenants, desired } = this.#running();
    await tenants.remove(tenantId.toLowerCase());
    return desired.leave(tenantId.toLowerCase());
  }
}
