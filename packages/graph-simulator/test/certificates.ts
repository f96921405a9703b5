import { createHash, webcrypto } from "node:crypto";

import type { X509Certificate } from "@peculiar/x509";

// The library wants this to be there before it is loaded, and static imports have no order to rely on.
await import("reflect-metadata");
const {
  BasicConstraintsExtension,
  cryptoProvider,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} = await import("@peculiar/x509");

cryptoProvider.set(webcrypto);

/** A self-signed certificate made for one run, and its key. */
export interface TestCertificate {
  /** base64 of DER: what `encryptionCertificate` wants. */
  readonly der: string;
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS#8. */
  readonly key: string;
  /** PEM, the bare public key. */
  readonly publicKey: string;
  /** Uppercase hexadecimal SHA-1 of the DER form. */
  readonly thumbprint: string;
}

export interface CertificateOptions {
  readonly modulusLength?: number;
  /** Makes the key one of an elliptic curve. */
  readonly isElliptic?: boolean;
  /** IP address the certificate is for. */
  readonly ip?: string;
  /** Host name the certificate is for. */
  readonly host?: string;
  readonly notAfter?: Date;
}

export async function makeCertificate(options: CertificateOptions = {}): Promise<TestCertificate> {
  const { modulusLength = 2048, ip, host } = options;
  const algorithm = options.isElliptic
    ? { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }
    : {
        name: "RSASSA-PKCS1-v1_5",
        hash: "SHA-256",
        publicExponent: new Uint8Array([1, 0, 1]),
        modulusLength,
      };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=graph-simulator-test",
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 2 * 365 * 24 * 60 * 60 * 1000),
    notAfter: options.notAfter ?? new Date(Date.now() + 24 * 60 * 60 * 1000),
    extensions: [
      new BasicConstraintsExtension(true),
      ...(ip === undefined ? [] : [new SubjectAlternativeNameExtension([{ type: "ip", value: ip }])]),
      ...(host === undefined ? [] : [new SubjectAlternativeNameExtension([{ type: "dns", value: host }])]),
    ],
  });
  const spki = await webcrypto.subtle.exportKey("spki", keys.publicKey);
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    der: derOf(certificate).toString("base64"),
    cert: certificate.toString("pem"),
    key: pem("PRIVATE KEY", pkcs8),
    publicKey: pem("PUBLIC KEY", spki),
    thumbprint: createHash("sha1").update(derOf(certificate)).digest("hex").toUpperCase(),
  };
}

function derOf(certificate: X509Certificate): Buffer {
  return Buffer.from(certificate.rawData);
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
