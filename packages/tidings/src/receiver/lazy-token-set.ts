import type { TokenSet } from "../core/inbox.ts";
import type { Hash } from "../core/ports/hash.ts";

/** The tokens of a delivery, hashed when an item that was believed needs them: a stranger's are not. */
export class LazyTokenSet {
  readonly #tokens: readonly string[];
  readonly #hash: Hash;
  #set: TokenSet | undefined;

  constructor(tokens: readonly string[], hash: Hash) {
    this.#tokens = tokens;
    this.#hash = hash;
  }

  /** Undefined when there are no tokens. */
  get(): TokenSet | undefined {
    if (this.#tokens.length === 0) return undefined;
    this.#set ??= { key: this.#hash(JSON.stringify(this.#tokens)), tokens: this.#tokens };
    return this.#set;
  }

  /** What was got; undefined when nothing asked. */
  get asked(): TokenSet | undefined {
    return this.#set;
  }
}
