import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EncryptedContent } from "../src/core/encrypted-content.ts";
import { createKeyPair } from "../src/crypto/create-key-pair.ts";
import { createDecryptor } from "../src/crypto/decryptor.ts";
import { parseKeyPair } from "../src/crypto/key-pair.ts";
import { pemBlocks } from "../src/crypto/pem.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-openssl-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const path = (name: string): string => join(folder, name);

function openssl(command: string, input: Uint8Array | string = ""): Buffer {
  return execFileSync("openssl", command.split(" "), { cwd: folder, input, stdio: ["pipe", "pipe", "pipe"] });
}

/** The commands of Microsoft's page and of its samples, none of them ours. */
function encryptByOpenssl(resource: string): EncryptedContent {
  const key = openssl("rand 32");
  const hex = key.toString("hex");
  const data = openssl(`enc -aes-256-cbc -K ${hex} -iv ${hex.slice(0, 32)}`, resource);
  const signature = openssl(`dgst -sha256 -mac HMAC -macopt hexkey:${hex} -binary`, data);
  const oaep = "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1 -pkeyopt rsa_mgf1_md:sha1";
  const dataKey = openssl(`pkeyutl -encrypt -certin -inkey cert.pem ${oaep}`, key);
  const der = openssl("x509 -in cert.pem -outform der");
  return {
    data: data.toString("base64"),
    dataSignature: signature.toString("base64"),
    dataKey: dataKey.toString("base64"),
    encryptionCertificateId: createHash("sha256").update(der).digest("base64url"),
    encryptionCertificateThumbprint: openssl("x509 -in cert.pem -noout -fingerprint -sha1")
      .toString()
      .replaceAll(/^.*=|[:\n]/g, ""),
  };
}

// https://learn.microsoft.com/graph/change-notifications-with-resource-data#decrypt-resource-data-from-change-notifications
describe.skipIf(!hasOpenssl)("what OpenSSL encrypts (needs openssl)", () => {
  it.each([2048, 3072, 4096])("is decrypted with a key pair of its own, of %i bits", async (bits) => {
    openssl(`req -x509 -newkey rsa:${bits} -nodes -days 365 -subj /CN=graph -keyout key.pem -out cert.pem`);
    const pem = readFileSync(path("key.pem"), "utf8") + readFileSync(path("cert.pem"), "utf8");
    const pair = parseKeyPair(pem);
    const decryptor = createDecryptor(async () => pair);
    const content = encryptByOpenssl('{"id":"1","subject":"Zürich ✓"}');
    expect(content).toMatchObject({
      encryptionCertificateId: pair.id,
      encryptionCertificateThumbprint: pair.thumbprint,
    });
    expect(await decryptor.decrypt(content)).toEqual({ id: "1", subject: "Zürich ✓" });
  });

  it("is decrypted with a key pair of ours", async () => {
    const pem = await createKeyPair({ commonName: "tidings", now: Date.now() });
    writeFileSync(path("cert.pem"), pem);
    const decryptor = createDecryptor(async () => parseKeyPair(pem));
    expect(await decryptor.decrypt(encryptByOpenssl('{"id":"1"}'))).toEqual({ id: "1" });
  });

  it.each(["rsa -traditional", "pkey"])(
    "is decrypted with the key as `openssl %s` writes it",
    async (form) => {
      openssl("req -x509 -newkey rsa:2048 -nodes -subj /CN=graph -keyout key.pem -out cert.pem");
      const pem = `${openssl(`${form} -in key.pem`).toString()}${readFileSync(path("cert.pem"), "utf8")}`;
      const decryptor = createDecryptor(async () => parseKeyPair(pem));
      expect(await decryptor.decrypt(encryptByOpenssl('{"id":"1"}'))).toEqual({ id: "1" });
    },
  );
});

describe.skipIf(!hasOpenssl)("a key pair of ours, to OpenSSL (needs openssl)", () => {
  it("is a certificate that holds, and its key", async () => {
    const pem = await createKeyPair({ commonName: "tidings", bits: 3072, days: 30, now: Date.now() });
    writeFileSync(path("own.pem"), pem);
    const text = openssl("x509 -in own.pem -noout -text").toString();
    expect(text).toContain("Version: 3");
    expect(text).toContain("Signature Algorithm: sha256WithRSAEncryption");
    expect(text).toMatch(/Issuer: CN ?= ?tidings/);
    expect(text).toContain("Public-Key: (3072 bit)");
    expect(text).toContain("Exponent: 65537");
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/Key Usage: critical\s+Key Encipherment, Data Encipherment/);
    expect(openssl("verify -CAfile own.pem own.pem").toString()).toContain("own.pem: OK");
    const modulus = openssl("x509 -in own.pem -noout -modulus").toString();
    expect(openssl("rsa -in own.pem -noout -modulus").toString()).toBe(modulus);
    expect(openssl("rsa -in own.pem -noout -check").toString()).toContain("RSA key ok");
    // What `encryptionCertificate` of a subscription is to be:
    // https://learn.microsoft.com/graph/change-notifications-with-resource-data#certificates
    const der = openssl("x509 -in own.pem -outform der");
    expect(parseKeyPair(pem).certificate).toBe(der.toString("base64"));
    expect(pemBlocks(pem)).toHaveLength(2);
  });
});
