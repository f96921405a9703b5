import { parseItem } from "../core/delivery.ts";
import { parseEncryptedContent } from "../core/encrypted-content.ts";
import { ContentRefusedError, KeysUnavailableError } from "../core/errors.ts";
import type { InboxRow } from "../core/inbox.ts";
import type { JsonObject } from "../core/json.ts";
import type { Notification } from "../core/notification.ts";
import type { Decryptor } from "../core/ports/decryptor.ts";
import type { Store } from "../core/ports/store.ts";
import type { TokenVerifier } from "../core/ports/token-verifier.ts";
import type { Trust } from "../core/trust.ts";
import { judgeValidationToken } from "../core/validation-token.ts";

export interface ContentOpenerParts {
  readonly store: Pick<Store, "getTokens">;
  readonly verifier: TokenVerifier;
  readonly decryptor: Decryptor;
  /** Whose tokens these are. */
  readonly trust: Trust;
  /** Ids that this app has in a tenant: one of them is the tokens' audience. @throws CredentialError */
  readonly clientIdsOf: (tenantId: string) => Promise<readonly string[]>;
}

/** Deliveries the claims of whose tokens are remembered: what came together is opened at about the same time. */
const MAX_KNOWN_DELIVERIES = 1_000;

interface KnownClaims {
  readonly claims: readonly JsonObject[];
  /** Why nothing can be told of one of the tokens yet. */
  readonly unavailable: KeysUnavailableError | undefined;
}

/**
 * Opens what a notification includes of its resource: first a validation token proves that Graph sent it, for this app
 * and this tenant, then the content is decrypted. Fails closed.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#validate-the-authenticity-of-notifications
 */
export class ContentOpener {
  readonly #parts: ContentOpenerParts;
  /** Claims of tokens that the authority signed, by their delivery. The least recently used is the first. */
  readonly #known = new Map<string, Promise<KnownClaims>>();

  constructor(parts: ContentOpenerParts) {
    this.#parts = parts;
  }

  /**
   * @returns what the resource was; undefined for a notification that is to include none
   * @throws ContentRefusedError when it must never be handled; KeysUnavailableError, StoreError when it cannot be told now
   */
  async open({ body, tokensKey, receivedAt }: InboxRow): Promise<JsonObject | undefined> {
    if (body.isRich === undefined) return undefined;
    const item = parseItem(body.raw);
    if (item.kind !== "notification") throw new ContentRefusedError();
    await this.#prove(item, tokensKey, receivedAt);
    const { encryptedContent } = item.raw;
    // Nothing says that what was deleted is included, and there may be nothing left of it.
    if ((encryptedContent ?? null) === null && item.changeType === "deleted") return undefined;
    const content = parseEncryptedContent(encryptedContent);
    if (content === undefined) throw new ContentRefusedError();
    return this.#parts.decryptor.decrypt(content);
  }

  async #prove({ tenantId }: Notification, tokensKey: string | undefined, receivedAt: number): Promise<void> {
    if (tokensKey === undefined) throw new ContentRefusedError();
    const { trust } = this.#parts;
    const clientIds = await this.#clientIdsOf(tenantId);
    const isProof = (claims: JsonObject): boolean =>
      judgeValidationToken(claims, { clientIds, tenantId, receivedAt, trust });
    const { claims, unavailable } = await this.#claimsOf(tokensKey, receivedAt);
    if (claims.some(isProof)) return;
    throw unavailable ?? new ContentRefusedError();
  }

  async #clientIdsOf(tenantId: string): Promise<readonly string[]> {
    try {
      return await this.#parts.clientIdsOf(tenantId);
    } catch (cause) {
      throw new KeysUnavailableError("app id", "the credential does not say for which app it signs in", {
        cause,
      });
    }
  }

  async #claimsOf(tokensKey: string, receivedAt: number): Promise<KnownClaims> {
    const delivery = `${tokensKey} ${receivedAt}`;
    const known = this.#known.get(delivery) ?? this.#verify(tokensKey, receivedAt);
    this.#remember(delivery, known);
    try {
      const found = await known;
      // What could not be told of one token is asked again.
      if (found.unavailable !== undefined) this.#known.delete(delivery);
      return found;
    } catch (error) {
      this.#known.delete(delivery);
      throw error;
    }
  }

  async #verify(tokensKey: string, receivedAt: number): Promise<KnownClaims> {
    const claims: JsonObject[] = [];
    let unavailable: KeysUnavailableError | undefined;
    for (const token of await this.#parts.store.getTokens(tokensKey)) {
      try {
        const own = await this.#parts.verifier.verify(token, receivedAt);
        if (own !== undefined) claims.push(own);
      } catch (error) {
        if (!(error instanceof KeysUnavailableError)) throw error;
        unavailable = error;
      }
    }
    return { claims, unavailable };
  }

  #remember(delivery: string, known: Promise<KnownClaims>): void {
    this.#known.delete(delivery);
    this.#known.set(delivery, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN_DELIVERIES && oldest !== undefined) this.#known.delete(oldest);
  }
}
