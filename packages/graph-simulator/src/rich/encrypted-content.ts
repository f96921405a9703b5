import { constants, createCipheriv, createHmac, publicEncrypt, X509Certificate } from "node:crypto";

import type { JsonObject } from "../http/json.ts";
import type { Random } from "../random.ts";
import { thumbprintOf } from "./encryption-certificate.ts";

/**
 * Resource data as only the holder of the private key can read it. All but the certificate's two names is base64.
 *
 * @see https://learn.microsoft.com/graph/api/resources/changenotificationencryptedcontent
 */
export interface EncryptedContent {
  /** The resource as JSON, encrypted with the symmetric key. */
  readonly data: string;
  /** HMAC of the encrypted bytes, with the symmetric key. */
  readonly dataSignature: string;
  /** The symmetric key, encrypted with the certificate's public key. */
  readonly dataKey: string;
  readonly encryptionCertificateId: string;
  readonly encryptionCertificateThumbprint: string;
}

export interface EncryptionKey {
  /** base64 of DER. */
  readonly certificate: string;
  readonly certificateId: string;
}

const SYMMETRIC_KEY_BYTES = 32;
const IV_BYTES = 16;

/**
 * Encrypts resource data with a key of its own: AES-256-CBC whose IV is the beginning of the key, signed by HMAC-SHA256
 * with the same key, which travels under RSA-OAEP with SHA-1. The padding of RSA is the one thing no seed repeats.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#decrypt-resource-data-from-change-notifications
 */
export function encryptContent(resource: JsonObject, key: EncryptionKey, random: Random): EncryptedContent {
  const certificate = new X509Certificate(Buffer.from(key.certificate, "base64"));
  const symmetricKey = random.bytes(SYMMETRIC_KEY_BYTES);
  const cipher = createCipheriv("aes-256-cbc", symmetricKey, symmetricKey.subarray(0, IV_BYTES));
  const data = Buffer.concat([cipher.update(JSON.stringify(resource), "utf8"), cipher.final()]);
  const dataKey = publicEncrypt(
    { key: certificate.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
    symmetricKey,
  );
  return {
    data: data.toString("base64"),
    dataSignature: createHmac("sha256", symmetricKey).update(data).digest("base64"),
    dataKey: dataKey.toString("base64"),
    encryptionCertificateId: key.certificateId,
    encryptionCertificateThumbprint: thumbprintOf(certificate),
  };
}
