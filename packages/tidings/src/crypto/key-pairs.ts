import { KeysUnavailableError } from "../core/errors.ts";
import type { Certificates, CertificateSource } from "../core/ports/certificates.ts";
import type { Clock } from "../core/ports/clock.ts";
import { withDeadline } from "./deadline.ts";
import { parseKeyPair, type KeyPair } from "./key-pair.ts";

export interface KeyPairsOptions {
  readonly clock: Clock;
  /** Hears that a source failed. What was there before is still used. */
  readonly onSourceFailure?: ((error: unknown) => void) | undefined;
}

/** How long what a source gave is believed to be all that there is. */
const RELOAD_MS = 5 * 60_000;

/** How soon it is asked again for something that is not there. */
const RELOAD_MISSING_MS = 60_000;

const SOURCE_TIMEOUT_MS = 30_000;

const NONE = "the source of `certificates` gave none";

/**
 * The key pairs of an app. One that its source has no more still decrypts for as long as the process lives, since what
 * was encrypted for it may be on its way for hours.
 */
export class KeyPairs implements Certificates {
  readonly #source: Exclude<CertificateSource, string | readonly string[]> | undefined;
  readonly #clock: Clock;
  readonly #onSourceFailure: (error: unknown) => void;
  /** What the source has, in its order. */
  #current: readonly KeyPair[] = [];
  /** Every one there ever was, by id. */
  readonly #known = new Map<string, KeyPair>();
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;
  #failure: unknown;

  /** @throws TypeError when a PEM text that is given as it is cannot be used */
  constructor(source: CertificateSource, { clock, onSourceFailure = () => {} }: KeyPairsOptions) {
    this.#clock = clock;
    this.#onSourceFailure = onSourceFailure;
    if (typeof source === "function") this.#source = source;
    else this.#take(source);
  }

  async current(): Promise<KeyPair> {
    const [first] = await this.list();
    if (first === undefined) throw this.#unavailable(NONE);
    return first;
  }

  async list(): Promise<readonly KeyPair[]> {
    const isEmpty = this.#current.length === 0;
    await this.#reload(isEmpty ? RELOAD_MISSING_MS : RELOAD_MS);
    if (this.#current.length === 0) throw this.#unavailable(NONE);
    return this.#current;
  }

  /** Asks the source now. @throws KeysUnavailableError when it fails; what was there is still used */
  async reload(): Promise<void> {
    await this.#asking;
    await this.#reload(0);
    if (this.#failure !== undefined) throw this.#unavailable("the source of `certificates` failed");
  }

  /**
   * The one that something was encrypted for.
   *
   * @throws KeysUnavailableError when there is none: the source may have it later, as in a rolling deploy
   */
  async find(id: string): Promise<KeyPair> {
    if (!this.#known.has(id)) await this.#reload(RELOAD_MISSING_MS);
    const pair = this.#known.get(id);
    if (pair === undefined)
      throw this.#unavailable(`${JSON.stringify(id.slice(0, MAX_ID_LENGTH))} is not among \`certificates\``);
    return pair;
  }

  /** Asks the source unless it was asked since; whoever comes meanwhile waits for the same answer. */
  async #reload(afterMs: number): Promise<void> {
    if (this.#source === undefined) return;
    const now = this.#clock.now();
    // A clock that was set back must not keep the source from being asked.
    const isDue = now - this.#askedAt >= afterMs || now < this.#askedAt;
    if (isDue && this.#asking === undefined) {
      this.#askedAt = now;
      this.#asking = this.#ask(this.#source).finally(() => (this.#asking = undefined));
    }
    await this.#asking;
  }

  async #ask(source: () => Promise<string | readonly string[]>): Promise<void> {
    try {
      this.#take(await withDeadline(SOURCE_TIMEOUT_MS, this.#clock, async () => source()));
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
      this.#onSourceFailure(error);
    }
  }

  #take(pems: string | readonly string[]): void {
    const pairs = [pems].flat().map((pem) => parseKeyPair(pem));
    if (pairs.length === 0) {
      throw new TypeError("Expected `certificates` to be one PEM text or more, got none");
    }
    // One that is known stays: its copies of the private key are made already.
    this.#current = pairs.map((pair) => this.#known.get(pair.id) ?? pair);
    for (const pair of this.#current) this.#known.set(pair.id, pair);
  }

  #unavailable(where: string): KeysUnavailableError {
    return new KeysUnavailableError(
      "certificate",
      where,
      this.#failure === undefined ? undefined : { cause: this.#failure },
    );
  }
}

/** Graph keeps no longer one. It is shown as it came, so it may be anything. */
const MAX_ID_LENGTH = 128;
