import {
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from "node:crypto";
import type { EncryptedContent } from "../core/encrypted-content.ts";
import { ContentRefusedError } from "../core/errors.ts";
import { isJsonObject, sanitizeJson, type JsonObject } from "../core/json.ts";
import type { Decryptor } from "../core/ports/decryptor.ts";
import type { KeyPair } from "./key-pair.ts";

const SYMMETRIC_KEY_BYTES = 32;
const IV_BYTES = 16;
const SIGNATURE_BYTES = 32;
const BLOCK_BYTES = 16;

/** More than any delivery may have. */
const MAX_DATA_BYTES = 4 * 2 ** 20;

/**
 * Decrypts as Microsoft describes it: the symmetric key by RSA-OAEP with SHA-1; then the signature, HMAC-SHA256 over the
 * encrypted bytes; then AES-256-CBC with PKCS #7, whose IV is the beginning of the key.
 *
 * Whatever is wrong, there is one error, thrown in one place, and a wrong key costs what a wrong signature does: who
 * sends it learns nothing of the private key.
 *
 * @param find gives the key pair of a certificate's id, or throws KeysUnavailableError
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#decrypt-resource-data-from-change-notifications
 */
export function createDecryptor(find: (certificateId: string) => Promise<KeyPair>): Decryptor {
  return {
    async decrypt(content) {
      const pair = await find(content.encryptionCertificateId);
      const resource = await open(content, pair);
      if (resource === undefined) throw new ContentRefusedError();
      return resource;
    },
  };
}

async function open(content: EncryptedContent, pair: KeyPair): Promise<JsonObject | undefined> {
  const { modulusBytes, thumbprint } = pair;
  if (content.encryptionCertificateThumbprint.toUpperCase() !== thumbprint) return undefined;
  const wrapped = decodeBase64(content.dataKey, { min: modulusBytes, max: modulusBytes });
  const signature = decodeBase64(content.dataSignature, { min: SIGNATURE_BYTES, max: SIGNATURE_BYTES });
  const data = decodeBase64(content.data, { min: BLOCK_BYTES, max: MAX_DATA_BYTES });
  if (wrapped === undefined || signature === undefined || data === undefined) return undefined;
  const key = await unwrapKey(wrapped, pair);
  try {
    // Signing and deciphering take a quarter of the time with one key object that they take with bytes.
    const secret = createSecretKey(key);
    if (!isSigned(data, signature, secret)) return undefined;
    return parseResource(decipher(data, secret, key.subarray(0, IV_BYTES)));
  } finally {
    key.fill(0);
  }
}

/** @returns a key drawn at random when it cannot be decrypted: then the signature is what is wrong, as with any other key */
async function unwrapKey(wrapped: Uint8Array, pair: KeyPair): Promise<Uint8Array> {
  const key = await pair.unwrap(wrapped).catch(() => undefined);
  return key?.byteLength === SYMMETRIC_KEY_BYTES ? key : randomBytes(SYMMETRIC_KEY_BYTES);
}

function isSigned(data: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  return timingSafeEqual(createHmac("sha256", key).update(data).digest(), signature);
}

/** @returns undefined when the padding is wrong, which only who has the symmetric key can make it */
function decipher(data: Uint8Array, key: KeyObject, iv: Uint8Array): Uint8Array | undefined {
  const cipher = createDecipheriv("aes-256-cbc", key, iv);
  try {
    return Buffer.concat([cipher.update(data), cipher.final()]);
  } catch {
    return undefined;
  }
}

function parseResource(bytes: Uint8Array | undefined): JsonObject | undefined {
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isJsonObject(value) && sanitizeJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Only the one canonical spelling is taken: decoding forgives others. */
function decodeBase64(
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): Uint8Array | undefined {
  if (text.length < base64Length(min) || text.length > base64Length(max)) return undefined;
  const bytes = Buffer.from(text, "base64");
  const isWanted = bytes.byteLength >= min && bytes.byteLength <= max;
  return isWanted && bytes.toString("base64") === text ? bytes : undefined;
}

function base64Length(byteCount: number): number {
  return Math.ceil(byteCount / 3) * 4;
}
