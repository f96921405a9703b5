import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Keyring } from "../core/ports/keyring.ts";

const MIN_SECRET_LENGTH = 32;
const KEY_ID_LENGTH = 8;

/** A secret of 256 random bits, as 43 characters of base64url. */
export function generateSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * @param secrets the first signs, all verify
 * @throws TypeError when there is none or one is shorter than 32 characters
 */
export function createKeyring(secrets: readonly string[]): Keyring {
  const weak = secrets.find((secret) => secret.length < MIN_SECRET_LENGTH);
  if (weak !== undefined) {
    throw new TypeError(
      `Expected \`secret\` to have at least ${MIN_SECRET_LENGTH} characters, got one of ${weak.length}`,
    );
  }
  const keys = new Map(secrets.map((secret) => [keyIdOf(secret), new MacKey(secret)]));
  const [first] = keys;
  if (first === undefined) throw new TypeError("Expected `secret` to be one secret or more, got none");
  const [signingKeyId, signingKey] = first;
  return {
    signingKeyId,
    sign: (message) => signingKey.macOf(message),
    verify: (keyId, message, mac) => keys.get(keyId)?.verify(message, mac) === true,
  };
}

/** A keyring whose secrets change while it is in use. */
export class ChangingKeyring implements Keyring {
  #keyring: Keyring;

  /** @throws as {@link createKeyring} */
  constructor(secrets: readonly string[]) {
    this.#keyring = createKeyring(secrets);
  }

  /** @throws as {@link createKeyring} */
  use(secrets: readonly string[]): void {
    this.#keyring = createKeyring(secrets);
  }

  get signingKeyId(): string {
    return this.#keyring.signingKeyId;
  }

  sign(message: string): string {
    return this.#keyring.sign(message);
  }

  verify(keyId: string, message: string, mac: string): boolean {
    return this.#keyring.verify(keyId, message, mac);
  }
}

/** MACs that are remembered at most; one of a subscription has about 200 bytes. */
const MAX_VERIFIED = 10_000;

class MacKey {
  readonly #secret: string;
  /**
   * The MACs of messages that were proved: the same few subscriptions send every notification. What is given is still
   * compared in constant time, and nobody fills this who does not know the secret.
   */
  readonly #verified = new Map<string, string>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** 43 characters of base64url. */
  macOf(message: string): string {
    return createHmac("sha256", this.#secret).update(message).digest("base64url");
  }

  /** Only the one canonical spelling is equal: texts are compared, since decoding base64url forgives others. */
  verify(message: string, mac: string): boolean {
    const known = this.#verified.get(message);
    const expected = known ?? this.macOf(message);
    const isProved = isEqual(Buffer.from(mac), Buffer.from(expected));
    if (isProved && known === undefined) this.#remember(message, expected);
    return isProved;
  }

  #remember(message: string, mac: string): void {
    if (this.#verified.size >= MAX_VERIFIED) this.#verified.clear();
    this.#verified.set(message, mac);
  }
}

/** Constant time, but for the length. */
function isEqual(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Names a secret without telling it: Graph keeps the id for as long as the subscription lives. */
export function keyIdOf(secret: string): string {
  return createHash("sha256")
    .update("tidings key id\n")
    .update(secret)
    .digest("base64url")
    .slice(0, KEY_ID_LENGTH);
}
