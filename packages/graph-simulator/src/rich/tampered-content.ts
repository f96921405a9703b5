import {
  constants,
  createHmac,
  generateKeyPairSync,
  publicEncrypt,
  X509Certificate,
  type KeyObject,
} from "node:crypto";

import type { Random } from "../random.ts";
import type { EncryptedContent, EncryptionKey } from "./encrypted-content.ts";
import type { ContentTampering } from "./tampering.ts";

/** The key of a certificate that is nobody's; made when it is first needed. */
let foreignKey: KeyObject | undefined;

/** Encrypted content with one thing wrong, or `undefined` when nothing is left of it. */
export function tamperContent(
  content: EncryptedContent,
  what: ContentTampering,
  { key, random }: { readonly key: EncryptionKey; readonly random: Random },
): EncryptedContent | undefined {
  switch (what) {
    case "data":
      return { ...content, data: flipFirstByte(content.data) };
    case "data-signature": {
      const signature = createHmac("sha256", random.bytes(32)).update(Buffer.from(content.data, "base64"));
      return { ...content, dataSignature: signature.digest("base64") };
    }
    case "data-key": {
      const { publicKey } = new X509Certificate(Buffer.from(key.certificate, "base64"));
      return { ...content, dataKey: wrap(publicKey, random.bytes(32)) };
    }
    case "foreign-key":
      foreignKey ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
      return { ...content, dataKey: wrap(foreignKey, random.bytes(32)) };
    case "certificate-id":
      return { ...content, encryptionCertificateId: `not-${content.encryptionCertificateId}` };
    case "certificate-thumbprint":
      return {
        ...content,
        encryptionCertificateThumbprint: random.bytes(20).toString("hex").toUpperCase(),
      };
    case "content-stripped":
      return undefined;
  }
}

function wrap(publicKey: KeyObject, symmetricKey: Buffer): string {
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };
  return publicEncrypt({ key: publicKey, ...padding }, symmetricKey).toString("base64");
}

function flipFirstByte(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  return bytes.toString("base64");
}
