import { createPrivateKey, webcrypto, type KeyObject } from "node:crypto";
import type { CryptoKey } from "jose";

/** Decrypts a symmetric key with a private key. Rejects when it is not one that was encrypted for that. */
export type Unwrap = (wrapped: Uint8Array) => Promise<Uint8Array>;

/** What Graph encrypts symmetric keys with. */
const RSA_OAEP_SHA1 = { name: "RSA-OAEP", hash: "SHA-1" } as const;

/**
 * A key object is used by one thread at a time: Node locks it, and whoever asks for it meanwhile stands still. So each of
 * as many as run at once has a copy of its own: two for each of the four threads of Node's pool, so that none waits for
 * its next. More would only wait in the pool, before what others ask of it.
 */
const COPIES = 8;

/**
 * Keeps a private key where nothing can read it any more. Decrypting runs on Node's thread pool, beside the thread that
 * asks for it.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#decrypt-resource-data-from-change-notifications
 */
export function createUnwrap(privateKey: KeyObject): Unwrap {
  const copies = new Copies(copiesOf(privateKey));
  return async (wrapped) => {
    const key = await copies.take();
    try {
      return new Uint8Array(await webcrypto.subtle.decrypt(RSA_OAEP_SHA1.name, key, wrapped));
    } finally {
      copies.giveBack(key);
    }
  };
}

function copiesOf(privateKey: KeyObject): CryptoKey[] {
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  const copies = Array.from({ length: COPIES }, () =>
    createPrivateKey({ key: der, format: "der", type: "pkcs8" }).toCryptoKey(RSA_OAEP_SHA1, false, [
      "decrypt",
    ]),
  );
  der.fill(0);
  return copies;
}

/** Hands each copy to one at a time, in the order they asked. */
class Copies {
  readonly #idle: CryptoKey[];
  readonly #waiting: ((key: CryptoKey) => void)[] = [];

  constructor(copies: CryptoKey[]) {
    this.#idle = copies;
  }

  async take(): Promise<CryptoKey> {
    // The one that was given back first: another may not be out of the hands of its thread yet.
    const key = this.#idle.shift();
    return key ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  giveBack(key: CryptoKey): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(key);
    else next(key);
  }
}
