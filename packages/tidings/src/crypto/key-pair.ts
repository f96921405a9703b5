import {
  constants,
  createHash,
  createPrivateKey,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import type { EncryptionCertificate } from "../core/ports/certificates.ts";
import { pemBlocks, type PemBlock } from "./pem.ts";
import { createUnwrap, type Unwrap } from "./unwrap.ts";

/** A certificate and what its private key can do. */
export interface KeyPair extends EncryptionCertificate {
  /** Uppercase hex of the SHA-1 of its DER. */
  readonly thumbprint: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  /** Length of the modulus, and so of everything that is encrypted with it. */
  readonly modulusBytes: number;
  readonly unwrap: Unwrap;
}

/** @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#certificates */
export const MIN_MODULUS_BITS = 2048;
export const MAX_MODULUS_BITS = 4096;

/**
 * Reads a PEM text with a certificate and its private key, in any order. Of several certificates the first counts: what
 * follows is the chain, which nobody asks for here.
 *
 * @throws TypeError that says what is wrong with it, never what is in it
 */
export function parseKeyPair(pem: string): KeyPair {
  if (typeof pem !== "string") throw refusal(typeof pem);
  const blocks = pemBlocks(pem);
  const certificate = readCertificate(blocks);
  const modulusBits = modulusBitsOf(certificate);
  const privateKey = readPrivateKey(blocks);
  if (!fits(certificate, privateKey)) {
    throw refusal("one whose private key is not the certificate's");
  }
  const der = certificate.raw;
  return {
    id: createHash("sha256").update(der).digest("base64url"),
    thumbprint: createHash("sha1").update(der).digest("hex").toUpperCase(),
    certificate: der.toString("base64"),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
    modulusBytes: modulusBits / 8,
    unwrap: createUnwrap(privateKey),
  };
}

function readCertificate(blocks: readonly PemBlock[]): X509Certificate {
  const block = blocks.find(({ label }) => label === "CERTIFICATE");
  if (block === undefined) throw refusal("one without a certificate");
  try {
    return new X509Certificate(block.text);
  } catch {
    // OpenSSL's sentence would say where in the text it stumbled.
    throw refusal("one whose certificate cannot be read");
  }
}

function modulusBitsOf(certificate: X509Certificate): number {
  let publicKey: KeyObject;
  try {
    ({ publicKey } = certificate);
  } catch {
    throw refusal("one whose certificate has a key that cannot be read");
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength: bits = 0 } = {} } = publicKey;
  if (type !== "rsa") throw refusal(`one whose key is not RSA but ${type}`);
  if (bits < MIN_MODULUS_BITS || bits > MAX_MODULUS_BITS || bits % 8 !== 0) {
    throw refusal(
      `one whose key has ${bits} bits, where Graph takes ${MIN_MODULUS_BITS} to ${MAX_MODULUS_BITS}`,
    );
  }
  return bits;
}

function readPrivateKey(blocks: readonly PemBlock[]): KeyObject {
  const [block, ...others] = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) throw refusal("one without a private key");
  if (others.length > 0) throw refusal(`one with ${others.length + 1} private keys`);
  if (block.label === "ENCRYPTED PRIVATE KEY" || block.text.includes("ENCRYPTED")) {
    throw refusal("one whose private key is encrypted");
  }
  try {
    return createPrivateKey(block.text);
  } catch {
    throw refusal("one whose private key cannot be read");
  }
}

/** By using it: a key may say that it is the certificate's and be damaged in what only decrypting needs. */
function fits({ publicKey }: X509Certificate, privateKey: KeyObject): boolean {
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };
  const sent = randomBytes(32);
  try {
    return sent.equals(
      privateDecrypt({ key: privateKey, ...oaep }, publicEncrypt({ key: publicKey, ...oaep }, sent)),
    );
  } catch {
    return false;
  }
}

function refusal(what: string): TypeError {
  return new TypeError(
    `Expected each of \`certificates\` to be a PEM text with a certificate and its private key, got ${what}`,
  );
}
