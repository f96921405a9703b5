import type { CryptoKey } from "jose";
import { KeysUnavailableError } from "../core/errors.ts";
import { fetchKeyDocument, type KeyDocumentOptions } from "./key-document.ts";

/** How long documents are believed to have all keys. */
const RELOAD_MS = 24 * 60 * 60_000;

/** Documents are fetched this often at most, whatever is asked for. */
const RELOAD_MISSING_MS = 60_000;

/** How long a key that no document has any more is still taken: tokens live a day, and may wait here for longer. */
const KEPT_MS = 7 * 24 * 60 * 60_000;

/** A key as the documents had it. */
export interface KnownKey {
  readonly key: CryptoKey;
  /** Whose tokens it may sign, `{tenantid}` standing for any tenant; empty for everybody's. */
  readonly issuers: readonly string[];
  /** When it was last in a document, epoch milliseconds. */
  readonly seenAt: number;
}

/**
 * The keys of an authority, by the documents it publishes.
 *
 * A key that is not known is nobody's only when all documents were fetched since somebody had reason to ask. Until
 * then, and for as long as that fails, the answer is that it cannot be told. So nothing authentic is refused while keys
 * rotate, and a flood of made up ids costs one fetch a minute and delays nothing whose key is known.
 */
export class SigningKeys {
  readonly #urls: readonly string[];
  readonly #options: KeyDocumentOptions;
  readonly #keys = new Map<string, KnownKey>();
  #askedAt = -Infinity;
  /** When the last fetch began that brought all documents. */
  #completeAt = -Infinity;
  #asking: Promise<void> | undefined;
  #failure: unknown;

  constructor(urls: readonly string[], options: KeyDocumentOptions) {
    this.#urls = urls;
    this.#options = options;
  }

  /**
   * @param since epoch milliseconds: when what names the key came
   * @returns undefined when it is nobody's
   * @throws KeysUnavailableError when that cannot be told by now
   */
  async find(id: string, since: number): Promise<KnownKey | undefined> {
    const now = this.#options.clock.now();
    // A clock that was set back makes no document newer than what comes.
    if (now < this.#completeAt) this.#completeAt = -Infinity;
    const known = this.#keys.get(id);
    if (known !== undefined) {
      if (now - this.#completeAt >= RELOAD_MS) void this.#reload(now);
      return known;
    }
    const reason = Math.min(since, now);
    if (this.#completeAt < reason) await this.#reload(now);
    const found = this.#keys.get(id);
    if (found === undefined && this.#completeAt < reason) {
      throw new KeysUnavailableError("signing keys", `not fetched from ${this.#urls.join(", ")} by now`, {
        cause: this.#failure,
      });
    }
    return found;
  }

  /** Never rejects. Whoever comes meanwhile waits for the same answer. */
  async #reload(now: number): Promise<void> {
    const isDue = now - this.#askedAt >= RELOAD_MISSING_MS || now < this.#askedAt;
    if (isDue && this.#asking === undefined) {
      this.#askedAt = now;
      this.#asking = this.#fetch(now).finally(() => (this.#asking = undefined));
    }
    await this.#asking;
  }

  async #fetch(now: number): Promise<void> {
    const documents = await Promise.allSettled(this.#urls.map((url) => fetchKeyDocument(url, this.#options)));
    const failed = documents.find((document) => document.status === "rejected");
    const keys = documents.flatMap((document) => (document.status === "fulfilled" ? document.value : []));
    for (const [id, [first, ...others]] of Map.groupBy(keys, ({ id }) => id)) {
      // Without all documents, what one of them says of whose key it is may be missing.
      if (first === undefined || (failed !== undefined && this.#keys.has(id))) continue;
      const issuers = [first, ...others].map(({ issuer }) => issuer).filter((issuer) => issuer !== undefined);
      this.#keys.set(id, { key: first.key, issuers, seenAt: now });
    }
    this.#failure = failed?.reason;
    if (failed !== undefined) return;
    this.#completeAt = now;
    for (const [id, { seenAt }] of this.#keys) if (now - seenAt > KEPT_MS) this.#keys.delete(id);
  }
}
