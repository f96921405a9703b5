import { describe, expect, it } from "vitest";

import { createKeyring, generateSecret } from "./keyring.ts";

const ONE = "a".repeat(32);
const OTHER = "b".repeat(32);
const MESSAGE = "tidings client state v1\nsubscription\ntenant";

describe("a generated secret", () => {
  it("is 43 characters of base64url, another each time, and long enough", () => {
    const secrets = Array.from({ length: 100 }, () => generateSecret());
    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
    expect(() => createKeyring(secrets)).not.toThrow();
  });
});

describe("a keyring", () => {
  const keyring = createKeyring([ONE]);
  const mac = keyring.sign(MESSAGE);

  it("signs with HMAC-SHA256", () => {
    // Subscriptions live for weeks: what one version signed, the next must verify.
    expect(createKeyring(["0123456789abcdef0123456789abcdef"]).sign("message")).toBe(
      "zrgizlquH_CbfPIIUDerd7TchFArPEqmJmpmX3dTsJo",
    );
    expect(mac).toMatch(/^[\w-]{43}$/);
  });

  it("names its key without telling the secret, the same at every start", () => {
    expect(keyring.signingKeyId).toMatch(/^[\w-]{8}$/);
    expect(createKeyring([ONE]).signingKeyId).toBe(keyring.signingKeyId);
    expect(createKeyring([OTHER]).signingKeyId).not.toBe(keyring.signingKeyId);
  });

  it("verifies what it signed", () => {
    expect(keyring.verify(keyring.signingKeyId, MESSAGE, mac)).toBe(true);
  });

  it.each([
    { name: "another message", message: `${MESSAGE} `, given: mac },
    { name: "another key's MAC", message: MESSAGE, given: createKeyring([OTHER]).sign(MESSAGE) },
    { name: "an empty MAC", message: MESSAGE, given: "" },
    { name: "a MAC cut short", message: MESSAGE, given: mac.slice(0, -1) },
    { name: "a MAC with more behind it", message: MESSAGE, given: `${mac}A` },
    { name: "a MAC with padding", message: MESSAGE, given: `${mac}=` },
    { name: "a MAC with a space", message: MESSAGE, given: `${mac} ` },
    { name: "the MAC as hex", message: MESSAGE, given: Buffer.from(mac, "base64url").toString("hex") },
  ])("does not verify $name", ({ message, given }) => {
    expect(keyring.verify(keyring.signingKeyId, message, given)).toBe(false);
  });

  it("goes on to tell right from wrong about a message it has verified before", () => {
    const wrong = createKeyring([OTHER]).sign(MESSAGE);
    const verdicts = [mac, wrong, mac, wrong].map((given) =>
      keyring.verify(keyring.signingKeyId, MESSAGE, given),
    );
    expect(verdicts).toEqual([true, false, true, false]);
  });

  it("verifies more messages than it remembers", () => {
    const messages = Array.from({ length: 10_001 }, (_, n) => `message ${n}`);
    const own = createKeyring([ONE]);
    const macs = messages.map((message) => own.sign(message));
    for (const _ of [1, 2]) {
      expect(messages.every((message, n) => own.verify(own.signingKeyId, message, macs[n] ?? ""))).toBe(true);
    }
    expect(own.verify(own.signingKeyId, "message 0", macs[1] ?? "")).toBe(false);
  });

  it("does not verify a MAC in another spelling of the same bytes", () => {
    // 43 characters hold 258 bits, so the last character has two that decoding drops.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(mac.slice(-1));
    const sibling = mac.slice(0, -1) + alphabet.charAt(last ^ 1);
    expect(Buffer.from(sibling, "base64url")).toEqual(Buffer.from(mac, "base64url"));
    expect(keyring.verify(keyring.signingKeyId, MESSAGE, sibling)).toBe(false);
  });

  it.each(["", "unknown1", "__proto__"])("does not verify under the unknown key %j", (keyId) => {
    expect(keyring.verify(keyId, MESSAGE, mac)).toBe(false);
  });

  it("signs with the first of its secrets and verifies with all", () => {
    const rotated = createKeyring([OTHER, ONE]);
    expect(rotated.signingKeyId).toBe(createKeyring([OTHER]).signingKeyId);
    expect(rotated.sign(MESSAGE)).toBe(createKeyring([OTHER]).sign(MESSAGE));
    expect(rotated.verify(keyring.signingKeyId, MESSAGE, mac)).toBe(true);
    expect(rotated.verify(rotated.signingKeyId, MESSAGE, mac)).toBe(false);
  });

  it("may be given one secret twice", () => {
    expect(createKeyring([ONE, ONE]).sign(MESSAGE)).toBe(mac);
  });

  it.each([
    { secrets: [], says: "Expected `secret` to be one secret or more, got none" },
    { secrets: [""], says: "Expected `secret` to have at least 32 characters, got one of 0" },
    { secrets: ["a".repeat(31)], says: "Expected `secret` to have at least 32 characters, got one of 31" },
    { secrets: [ONE, "short"], says: "Expected `secret` to have at least 32 characters, got one of 5" },
  ])("refuses $secrets, and repeats no secret", ({ secrets, says }) => {
    expect(() => createKeyring(secrets)).toThrow(new TypeError(says));
  });
});
