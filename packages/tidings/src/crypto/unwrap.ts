import { createPrivateKey, webcrypto, type KeyObject } from "node:crypto";

/** Decrypts a symmetric key with a private key. Rejects when it is not one that was encrypted for that. */
export type Unwrap = (wrapped: Uint8Array) => Promise<Uint8Array>;

/** What Graph encrypts symmetric keys with. */
const RSA_OAEP_SHA1 = { name: "RSA-OAEP", hash: "SHA-1" } as const;

/**
 * A key object is used by one thread at a time: Node locks it, so that one does no more than one core can, however many
 * threads there are. As many copies as these are used in turn, which keeps all threads of Node's pool at work.
 */
const COPIES = 16;

/**
 * Keeps a private key where nothing can read it any more. Decrypting runs on Node's thread pool, beside the thread that
 * asks for it.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#decrypt-resource-data-from-change-notifications
 */
export function createUnwrap(privateKey: KeyObject): Unwrap {
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  const copies = Array.from({ length: COPIES }, () =>
    createPrivateKey({ key: der, format: "der", type: "pkcs8" }).toCryptoKey(RSA_OAEP_SHA1, false, [
      "decrypt",
    ]),
  );
  der.fill(0);
  let turn = 0;
  return async (wrapped) => {
    turn = (turn + 1) % COPIES;
    const key = copies[turn];
    if (key === undefined) throw new RangeError(`no copy ${turn}`);
    return new Uint8Array(await webcrypto.subtle.decrypt(RSA_OAEP_SHA1.name, key, wrapped));
  };
}
