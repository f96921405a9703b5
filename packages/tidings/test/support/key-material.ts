import {
  constants,
  createCipheriv,
  createHmac,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import type { EncryptedContent } from "../../src/core/encrypted-content.ts";
import { createKeyPair } from "../../src/crypto/create-key-pair.ts";
import { parseKeyPair, type KeyPair } from "../../src/crypto/key-pair.ts";

/** A key pair, as PEM and read. */
export interface TestKeyPair {
  readonly pem: string;
  readonly pair: KeyPair;
  readonly publicKey: KeyObject;
}

export async function makeKeyPair(bits: 2048 | 3072 | 4096 = 2048): Promise<TestKeyPair> {
  const pem = await createKeyPair({ commonName: "test", bits, now: Date.UTC(2026, 0, 1) });
  return { pem, pair: parseKeyPair(pem), publicKey: new X509Certificate(pem).publicKey };
}

/** What is made wrong before it is signed and encrypted. */
export interface EncryptionFaults {
  readonly symmetricKey?: Uint8Array;
  /** In place of the resource's JSON. */
  readonly plaintext?: Uint8Array;
  /** In place of all that is encrypted. */
  readonly data?: Uint8Array;
  readonly signature?: (data: Uint8Array, symmetricKey: Uint8Array) => Uint8Array;
  readonly wrap?: (symmetricKey: Uint8Array) => Uint8Array;
}

/** Encrypts as Graph does, by Node's own means and none of ours. */
export function encrypt(
  resource: unknown,
  { pair, publicKey }: TestKeyPair,
  faults: EncryptionFaults = {},
): EncryptedContent {
  const symmetricKey = faults.symmetricKey ?? randomBytes(32);
  const cipher = createCipheriv(
    "aes-256-cbc",
    Buffer.concat([symmetricKey, Buffer.alloc(32)]).subarray(0, 32),
    Buffer.concat([symmetricKey, Buffer.alloc(16)]).subarray(0, 16),
  );
  const plaintext = faults.plaintext ?? Buffer.from(JSON.stringify(resource));
  const data = faults.data ?? Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const { signature = signWith, wrap = (key) => wrapWith(publicKey, key) } = faults;
  return {
    data: toBase64(data),
    dataSignature: toBase64(signature(data, symmetricKey)),
    dataKey: toBase64(wrap(symmetricKey)),
    encryptionCertificateId: pair.id,
    encryptionCertificateThumbprint: pair.thumbprint,
  };
}

export function signWith(data: Uint8Array, symmetricKey: Uint8Array): Uint8Array {
  return createHmac("sha256", symmetricKey).update(data).digest();
}

/** RSA-OAEP, with SHA-1 unless a test wants it wrong. */
export function wrapWith(publicKey: KeyObject, symmetricKey: Uint8Array, oaepHash = "sha1"): Uint8Array {
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, symmetricKey);
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** The private key of an RSA pair that nobody has a certificate of. */
export function rsaKeyPem(modulusLength: number, type: "pkcs1" | "pkcs8" = "pkcs8"): string {
  return generateKeyPairSync("rsa", { modulusLength }).privateKey.export({ format: "pem", type }).toString();
}
