import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createKeyPair } from "./create-key-pair.ts";
import { parseKeyPair } from "./key-pair.ts";
import { pemBlocks } from "./pem.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const DAY_MS = 24 * 60 * 60_000;

describe("a key pair that is made", () => {
  it.each([2048, 3072, 4096] as const)("of %i bits is one that can be used", async (bits) => {
    const pem = await createKeyPair({ commonName: "tidings", bits, days: 30, now: NOW });
    expect(pemBlocks(pem).map(({ label }) => label)).toEqual(["CERTIFICATE", "PRIVATE KEY"]);
    const pair = parseKeyPair(pem);
    expect(pair.modulusBytes).toBe(bits / 8);
    expect(pair.notBefore).toBe(NOW - 5 * 60_000);
    expect(pair.notAfter).toBe(NOW + 30 * DAY_MS);
  });

  it("is signed by itself, is no authority, and lives a year", async () => {
    const certificate = new X509Certificate(await createKeyPair({ commonName: "tidings", now: NOW }));
    expect(certificate.subject).toBe("CN=tidings");
    expect(certificate.issuer).toBe("CN=tidings");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(certificate.validToDate.getTime()).toBe(NOW + 365 * DAY_MS);
  });

  it("is another each time, with a number of its own", async () => {
    const [one, other] = await Promise.all([1, 2].map(() => createKeyPair({ commonName: "a", now: NOW })));
    const [a, b] = [one, other].map((pem) => new X509Certificate(pem ?? ""));
    expect(a?.serialNumber).not.toBe(b?.serialNumber);
    expect(a?.publicKey.equals(b?.publicKey ?? createPrivateKey(one ?? ""))).toBe(false);
  });

  it.each(["a, O=Contoso", "CN=a+CN=b", "Zürich ✓", "#0403"])(
    "has the name %s and no other",
    async (commonName) => {
      const certificate = new X509Certificate(await createKeyPair({ commonName, now: NOW }));
      expect(certificate.toLegacyObject().subject).toEqual({ CN: commonName });
    },
  );

  it.each([
    { options: { commonName: "" }, says: "`commonName` to have 1 to 64 characters, got ``" },
    { options: { commonName: "a".repeat(65) }, says: "`commonName` to have 1 to 64 characters" },
    {
      options: { bits: Object(1024) },
      says: "`bits` to be 2048, 3072 or 4096, got `1024`",
    },
    { options: { days: 0 }, says: "`days` to be a whole number from 1 to 3650, got `0`" },
    { options: { days: 1.5 }, says: "got `1.5`" },
    { options: { days: 3_651 }, says: "got `3651`" },
  ])("is not made of $options", async ({ options, says }) => {
    const made = createKeyPair({ commonName: "a", now: NOW, ...options });
    await expect(made).rejects.toThrow(TypeError);
    await expect(made).rejects.toThrow(says);
  });
});
