import { afterCount, mayGo, parseFormerKey, type FormerKey, type KeyUse } from "../core/key-use.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import { Secret } from "../core/secret.ts";
import { ChangingKeyring, generateSecret, keyIdOf } from "../crypto/keyring.ts";

export interface SecretsParts {
  readonly store: Pick<Store, "keep" | "listNotes" | "putNote" | "deleteNote">;
  /** By the app's options; the first signs. */
  readonly given: readonly Secret[];
  readonly clock: Clock;
  /** Lets whoever else verifies know of the secrets; resolves when they do. */
  readonly tell: (secrets: readonly Secret[]) => Promise<void>;
}

/** `signs`: what is made from now on. `verifies`: what it signed is believed. `unknown`: it is not, and is replaced. */
export type SecretRole = "signs" | "verifies" | "unknown";

/** A secret, by the id of its key. Instants are epoch milliseconds. */
export interface SecretInfo {
  readonly keyId: string;
  readonly role: SecretRole;
  /** Where it comes from: the app's options, or the store, which made it. Undefined for one that is not known. */
  readonly source: "given" | "store" | undefined;
  /** How many subscriptions it signed. */
  readonly subscriptions: number;
  /** Whether what it signed is being replaced. */
  readonly isRetired: boolean;
  /** Since when none has been known to need it. */
  readonly unusedSince: number | undefined;
  /** Whether nothing can come any more that needs it. One of the store then goes by itself. */
  readonly isRemovable: boolean;
}

/** What a rotation did. */
export interface SecretRotation {
  /** Id of the key that signs from now on. */
  readonly keyId: string;
  /** False where the secret is given: only who gives it can change it. */
  readonly isMade: boolean;
  /** Whether what other secrets signed is being replaced. */
  readonly isForced: boolean;
}

/**
 * The secrets of an app. Those it is given come first; then those that were made for the store, the latest first. A
 * former one verifies for as long as a subscription needs it, since Graph lets no client state be changed.
 *
 * @see https://learn.microsoft.com/graph/api/subscription-update#request-body
 */
export class Secrets {
  readonly keyring: ChangingKeyring;
  readonly #parts: SecretsParts;
  /** Made for the store, the latest first. */
  #made: readonly Secret[];
  /** By key id. */
  readonly #former: Map<string, FormerKey>;

  private constructor(parts: SecretsParts, made: readonly Secret[], former: Map<string, FormerKey>) {
    this.#parts = parts;
    this.#made = made;
    this.#former = former;
    this.keyring = new ChangingKeyring(revealed(this.all));
  }

  /** @throws StoreError */
  static async open(parts: SecretsParts): Promise<Secrets> {
    const { store } = parts;
    // Verifies also where another is given: what is on its way was signed with it.
    const first = await store.keep("secret", generateSecret());
    const later = (await store.listNotes("secret")).map(({ value }) => value);
    const former = new Map(
      (await store.listNotes("former-signer")).map(({ key, value }) => [key, parseFormerKey(value)]),
    );
    const made = [...later.toReversed(), first].map((secret) => new Secret(secret));
    return new Secrets(parts, made, former);
  }

  /** Those that verify; the first signs. */
  get all(): readonly Secret[] {
    const [signs, ...others] = [...this.#parts.given, ...this.#made];
    const lasting = others.filter((secret) => this.#former.get(idOf(secret))?.isOver !== true);
    return [...(signs === undefined ? [] : [signs]), ...lasting];
  }

  get hasFormer(): boolean {
    return this.all.length > 1;
  }

  /** Whether what a key signed is to be made anew. */
  isRetired(keyId: string): boolean {
    return keyId !== this.keyring.signingKeyId && this.#former.get(keyId)?.isRetired === true;
  }

  /**
   * Makes another secret, which signs from now on, unless they are given. It is durable, and known to whoever verifies,
   * before anything is signed with it.
   *
   * @param isForced has what other secrets signed replaced
   * @throws StoreError
   */
  async rotate(isForced: boolean): Promise<SecretRotation> {
    const isMade = this.#parts.given.length === 0;
    if (isMade) await this.#make();
    if (isForced)
      for (const secret of this.all.slice(1)) await this.#write(idOf(secret), { isRetired: true });
    return { keyId: this.keyring.signingKeyId, isMade, isForced };
  }

  async #make(): Promise<void> {
    const { store, clock, tell } = this.#parts;
    const secret = new Secret(generateSecret());
    const at = new Date(clock.now()).toISOString();
    await store.putNote({ kind: "secret", key: `${at} ${idOf(secret)}`, value: secret.reveal() });
    this.#made = [secret, ...this.#made];
    await tell(this.all);
    this.keyring.use(revealed(this.all));
  }

  /** Takes up how many subscriptions refer to which: a former one of the store that none needs any more goes. */
  async settle(use: KeyUse): Promise<void> {
    const now = this.#parts.clock.now();
    const before = this.all.length;
    for (const secret of this.all.slice(1)) {
      const keyId = idOf(secret);
      const former = this.#former.get(keyId) ?? parseFormerKey(undefined);
      const isUsed = (use.signers.get(keyId) ?? 0) > 0 || use.unknownCount > 0;
      const after = afterCount(former, isUsed, now);
      if (mayGo(after, now) && this.#made.includes(secret))
        await this.#write(keyId, { ...after, isOver: true });
      else if (after !== former) await this.#write(keyId, after);
    }
    if (this.all.length === before) return;
    this.keyring.use(revealed(this.all));
    await this.#parts.tell(this.all);
  }

  async #write(keyId: string, changes: Partial<FormerKey>): Promise<void> {
    const former = { ...(this.#former.get(keyId) ?? parseFormerKey(undefined)), ...changes };
    await this.#parts.store.putNote({ kind: "former-signer", key: keyId, value: JSON.stringify(former) });
    this.#former.set(keyId, former);
  }

  list({ signers }: KeyUse): SecretInfo[] {
    const now = this.#parts.clock.now();
    const known = this.all.map((secret, place): SecretInfo => {
      const keyId = idOf(secret);
      const former = place === 0 ? NEVER : (this.#former.get(keyId) ?? NEVER);
      return {
        keyId,
        role: place === 0 ? "signs" : "verifies",
        source: this.#made.includes(secret) ? "store" : "given",
        subscriptions: signers.get(keyId) ?? 0,
        isRetired: place > 0 && former.isRetired === true,
        unusedSince: former.unusedSince ?? undefined,
        isRemovable: mayGo(former, now),
      };
    });
    const ids = new Set(known.map(({ keyId }) => keyId));
    const unknown = [...signers].filter(([keyId]) => !ids.has(keyId));
    return [...known, ...unknown.map(([keyId, subscriptions]) => ({ ...UNKNOWN, keyId, subscriptions }))];
  }
}

function revealed(secrets: readonly Secret[]): string[] {
  return secrets.map((secret) => secret.reveal());
}

function idOf(secret: Secret): string {
  return keyIdOf(secret.reveal());
}

const NEVER: FormerKey = { unusedSince: null };

const UNKNOWN = {
  role: "unknown",
  source: undefined,
  isRetired: false,
  unusedSince: undefined,
  isRemovable: false,
} as const;
