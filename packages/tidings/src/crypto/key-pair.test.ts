import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { makeKeyPair, rsaKeyPem, wrapWith, type TestKeyPair } from "../../test/support/key-material.ts";
import { parseKeyPair } from "./key-pair.ts";
import { pemBlocks, toPem } from "./pem.ts";

let made: TestKeyPair;
let certificate: string;
let key: string;

beforeAll(async () => {
  made = await makeKeyPair();
  [certificate = "", key = ""] = pemBlocks(made.pem).map(({ text }) => text);
});

const pkcs1 = (pem: string): string =>
  createPrivateKey(pem).export({ format: "pem", type: "pkcs1" }).toString();

/** Of 1,024 bits, made with `openssl req -x509 -newkey rsa:1024`; nobody uses it. */
const SHORT_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIB/DCCAWWgAwIBAgIUOWSeUdJ8hMCVQbDSIjxqssc0bF8wDQYJKoZIhvcNAQEL
BQAwEDEOMAwGA1UEAwwFc2hvcnQwHhcNMjYxMTIxMTIwNDU3WhcNMzYxMTE4MTIw
NDU3WjAQMQ4wDAYDVQQDDAVzaG9ydDCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkC
gYEApsOoFFvljY1zAKRRJX8tBV9W1nU94nHcPb5EIx00E2fcrXiATa4wGh9o1QMY
i9LKwWgI5GXnNPp5p/w3+tVQKIKp3OiK8NBoO3nqph6NP/lIG7OCiRJbFjGlFBiE
KvZBSU4cN+eTKSNfW2GVL+eayIXwgXyE4QH+XwFsfaL678cCAwEAAaNTMFEwHQYD
VR0OBBYEFCaUIDvhKKOZjaYpK8o2q7ELcJX+MB8GA1UdIwQYMBaAFCaUIDvhKKOZ
jaYpK8o2q7ELcJX+MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADgYEA
nIflLgipXrw81oacsknrWob7i5QT7TmklvGJjqCJTY2lcmb9SsM3FihwkIO3as+x
VWGJiDXBT4WDCcrK2sT4GEUL2eM0WpFsIUBhiCn4DSKQ4X+kppgStC8Utr/SrSS7
E/ntU40X4ynT29opFP2vgffxHJY/BAX7eQh1j4pjKxA=
-----END CERTIFICATE-----`;

/** Of an elliptic curve, made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256`; nobody uses it. */
const ELLIPTIC_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBcDCCARWgAwIBAgIUBsEcj1+9fXvRvlU7NjAn0SxASMswCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCZWMwHhcNMjYxMTIxMTIwNDU3WhcNMzYxMTE4MTIwNDU3WjAN
MQswCQYDVQQDDAJlYzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABC78NdpD9BUD
RiSCOMciWn4bMnU28Ksa7ZlMlFL7MKUP8CDVvoXlB8uWrpyFfdoRSYxGSc+SuIFr
0rDOmYTdd5yjUzBRMB0GA1UdDgQWBBRACYvJLZSzmoW8+H6P73ATQ5T2ODAfBgNV
HSMEGDAWgBRACYvJLZSzmoW8+H6P73ATQ5T2ODAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0kAMEYCIQDhlAj2gDjFcOhFox3idjI9Bfq1LDvm7TcJET2/MbLa
NQIhALIa9lCjhk68IKtXE9DEeXTWBn/nG306lea1zssvhKnF
-----END CERTIFICATE-----`;

describe("a key pair", () => {
  it("is known by its certificate", () => {
    const { raw } = new X509Certificate(certificate);
    const { pair } = made;
    expect(pair.id).toBe(createHash("sha256").update(raw).digest("base64url"));
    expect(pair.id).toMatch(/^[\w-]{43}$/);
    // https://learn.microsoft.com/graph/api/resources/changenotificationencryptedcontent
    expect(pair.thumbprint).toBe(createHash("sha1").update(raw).digest("hex").toUpperCase());
    // https://learn.microsoft.com/graph/change-notifications-with-resource-data#certificates
    expect(pair.certificate).toBe(raw.toString("base64"));
    expect(pair.notBefore).toBe(Date.UTC(2025, 11, 31, 23, 55));
    expect(pair.notAfter).toBe(Date.UTC(2027, 0, 1));
    expect(pair.modulusBytes).toBe(256);
  });

  it.each<[string, () => string]>([
    ["as it is", () => made.pem],
    ["the key first", () => `${key}\n${certificate}`],
    ["a key in the form of PKCS #1", () => certificate + pkcs1(key)],
    ["lines of Windows", () => made.pem.replaceAll("\n", "\r\n")],
    ["remarks between", () => `Bag Attributes: a\n${certificate}\nkey:\n${key}\nend`],
    ["a chain behind the certificate", () => `${certificate}\n${SHORT_CERTIFICATE}\n${key}`],
  ])("is read from a text with %s", async (_, text) => {
    const pair = parseKeyPair(text());
    expect(pair.id).toBe(made.pair.id);
    const secret = Buffer.from("a".repeat(32));
    expect(Buffer.from(await pair.unwrap(wrapWith(made.publicKey, secret)))).toEqual(secret);
  });

  it("keeps its private key to itself", () => {
    // The first lines have the modulus, which the certificate has as well.
    const [line = ""] = key.split("\n").slice(15, 16);
    expect(line.length).toBe(64);
    const shown = inspect(made.pair, { depth: 10, showHidden: true });
    expect(shown).toContain(made.pair.id);
    expect(shown).not.toContain(line.slice(0, 20));
    expect(shown).not.toContain("PRIVATE");
  });
});

describe("a text is refused", () => {
  it.each<[string, () => string, string]>([
    ["empty", () => "", "one without a certificate"],
    ["of something else", () => "certificate.pem", "one without a certificate"],
    ["of the key alone", () => key, "one without a certificate"],
    ["of the certificate alone", () => certificate, "one without a private key"],
    [
      "of a public key",
      () => made.publicKey.export({ format: "pem", type: "spki" }).toString(),
      "one without a certificate",
    ],
    ["cut short", () => made.pem.slice(0, -30), "one without a private key"],
    [
      "with a broken certificate",
      () => `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----${key}`,
      "one whose certificate cannot be read",
    ],
    [
      "with a broken key",
      () => `${certificate}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----`,
      "one whose private key cannot be read",
    ],
    ["with two keys", () => certificate + key + key, "one with 2 private keys"],
    [
      "with another's key",
      () => certificate + rsaKeyPem(2048),
      "one whose private key is not the certificate's",
    ],
    [
      "with a key that is damaged where only decrypting needs it",
      () => {
        const der = createPrivateKey(key).export({ format: "der", type: "pkcs8" });
        // The exponent, and what spares it: OpenSSL does with either.
        for (const at of [400, der.length - 20]) der.writeUInt8(der.readUInt8(at) ^ 1, at);
        return certificate + toPem("PRIVATE KEY", der);
      },
      "one whose private key is not the certificate's",
    ],
    [
      "with an encrypted key",
      () =>
        certificate +
        createPrivateKey(key)
          .export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "a" })
          .toString(),
      "one whose private key is encrypted",
    ],
    [
      "with an encrypted key of the old form",
      () =>
        certificate +
        createPrivateKey(key)
          .export({ format: "pem", type: "pkcs1", cipher: "aes-256-cbc", passphrase: "a" })
          .toString(),
      "one whose private key is encrypted",
    ],
    [
      "with a short key",
      () => SHORT_CERTIFICATE + rsaKeyPem(1024),
      "one whose key has 1024 bits, where Graph takes 2048 to 4096",
    ],
    ["with a key that is not RSA", () => ELLIPTIC_CERTIFICATE + key, "one whose key is not RSA but ec"],
    [
      "with the chain before the certificate",
      () => SHORT_CERTIFICATE + made.pem,
      "one whose key has 1024 bits, where Graph takes 2048 to 4096",
    ],
  ])("%s, with a sentence that repeats nothing of it", (_, text, what) => {
    expect(() => parseKeyPair(text())).toThrow(
      new TypeError(
        `Expected each of \`certificates\` to be a PEM text with a certificate and its private key, got ${what}`,
      ),
    );
  });

  it("when it is no text", () => {
    expect(() => parseKeyPair(Object(7))).toThrow("got object");
  });
});
