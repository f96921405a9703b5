import { isJsonObject, type Json } from "./json.ts";

/**
 * A resource as Graph encrypts it.
 * @see https://learn.microsoft.com/graph/api/resources/changenotificationencryptedcontent
 */
export interface EncryptedContent {
  /** base64, AES-256-CBC. */
  readonly data: string;
  /** base64, HMAC-SHA256 of the encrypted bytes. */
  readonly dataSignature: string;
  /** base64, the symmetric key of both, RSA-OAEP. */
  readonly dataKey: string;
  /** As given when subscribing. */
  readonly encryptionCertificateId: string;
  /** Hex of the certificate's SHA-1. */
  readonly encryptionCertificateThumbprint: string;
}

/** @returns undefined unless all of it is there */
export function parseEncryptedContent(value: Json | undefined): EncryptedContent | undefined {
  if (!isJsonObject(value)) return undefined;
  const { data, dataSignature, dataKey, encryptionCertificateId, encryptionCertificateThumbprint } = value;
  return typeof data === "string" &&
    typeof dataSignature === "string" &&
    typeof dataKey === "string" &&
    typeof encryptionCertificateId === "string" &&
    typeof encryptionCertificateThumbprint === "string"
    ? { data, dataSignature, dataKey, encryptionCertificateId, encryptionCertificateThumbprint }
    : undefined;
}
