import type { CertificateState } from "../reconciler/key-watch.ts";
import type { RunningApp } from "./running-app.ts";
import type { SecretInfo, SecretRotation } from "./secrets.ts";

export type { CertificateRole, CertificateState } from "../reconciler/key-watch.ts";

/** The keys an app has, and how many of its subscriptions refer to each. */
export interface KeysInfo {
  /** The one that encrypts first. */
  readonly certificates: readonly CertificateState[];
  /** The one that signs first. */
  readonly secrets: readonly SecretInfo[];
  /** Subscriptions with resource data that are alive. */
  readonly richSubscriptions: number;
  /** Of which nobody can say by now what they refer to; while there are any, no key may go. */
  readonly unknownSubscriptions: number;
}

/** Certificates and secrets, and how they are replaced while the app runs. */
export class KeysView {
  readonly #running: () => RunningApp;

  constructor(running: () => RunningApp) {
    this.#running = running;
  }

  /** Counts what refers to each key, which takes a while with very many subscriptions. @throws Error before `start()`; StoreError */
  async list(): Promise<KeysInfo> {
    const { reconciler, secrets } = this.#running();
    const { use, certificates } = await reconciler.keys.look();
    return {
      certificates,
      secrets: secrets.list(use),
      richSubscriptions: use.richCount,
      unknownSubscriptions: use.unknownCount,
    };
  }

  /**
   * Asks the source of the certificates now instead of in a while. Subscriptions are moved to the first as soon as
   * Graph's limits allow.
   *
   * @returns id of the certificate that encrypts from now on; undefined for an app that has none
   * @throws KeysUnavailableError when the source fails: what was there is still used; Error before `start()`; StoreError
   */
  async reload(): Promise<string | undefined> {
    const { keyPairs, reconciler } = this.#running();
    await keyPairs?.reload();
    await reconciler.lookAtCertificate();
    reconciler.wake();
    return (await keyPairs?.current())?.id;
  }

  /**
   * Makes another secret, which signs from now on; former ones verify for as long as a subscription needs them. One
   * that the app was given, only who gives it can change.
   *
   * @param options `force` replaces every subscription that another secret than the first signed
   * @throws Error before `start()`; StoreError
   */
  async rotateSecret({
    force = false,
  }: { readonly force?: boolean | undefined } = {}): Promise<SecretRotation> {
    const { reconciler, secrets } = this.#running();
    const rotation = await secrets.rotate(force);
    if (force) await reconciler.desired.lookAtDrifted();
    return rotation;
  }
}
