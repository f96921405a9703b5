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
  const keys = new Map(secrets.map((secret) => [keyIdOf(secret), secret]));
  const [signingKeyId] = keys.keys();
  const signingSecret = secrets[0];
  if (signingKeyId === undefined || signingSecret === undefined) {
    throw new TypeError("Expected `secret` to be one secret or more, got none");
  }
  return {
    signingKeyId,
    sign: (message) => macOf(signingSecret, message).toString("base64url"),
    verify: (keyId, message, mac) => {
      const secret = keys.get(keyId);
      return secret !== undefined && isEqual(macOf(secret, message), Buffer.from(mac, "base64url"), mac);
    },
  };
}

function macOf(secret: string, message: string): Buffer {
  return createHmac("sha256", secret).update(message).digest();
}

/** Constant time. `text` must be the one canonical spelling: base64url decoding forgives others. */
function isEqual(expected: Buffer, given: Buffer, text: string): boolean {
  return (
    given.length === expected.length &&
    timingSafeEqual(expected, given) &&
    given.toString("base64url") === text
  );
}

/** Names a secret without telling it: Graph keeps the id for as long as the subscription lives. */
function keyIdOf(secret: string): string {
  return createHash("sha256")
    .update("tidings key id\n")
    .update(secret)
    .digest("base64url")
    .slice(0, KEY_ID_LENGTH);
}
