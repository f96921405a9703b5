import { X509Certificate } from "node:crypto";

import { refuse, type Refusal } from "../http/reply.ts";

/** What becomes of a certificate whose own validity is over; Microsoft does not say. */
export type ExpiredCertificatePolicy = "accept" | "refuse";

const MIN_KEY_BITS = 2048;
const MAX_KEY_BITS = 4096;

/** The first byte of every certificate in DER; a PEM text begins with `-`. */
const DER_SEQUENCE = 0x30;

export interface CertificateCheck {
  /** base64 of DER, as the app sent it. */
  readonly certificate: string;
  readonly expired: ExpiredCertificatePolicy;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Why a certificate cannot encrypt resource data, or `undefined` when it can.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#certificates
 */
export function certificateRefusal({ certificate, expired, now }: CertificateCheck): Refusal | undefined {
  const der = readBase64(certificate);
  if (!der) {
    // guess: as .NET says it of a text with PEM markers or line breaks.
    return invalid(
      "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.",
    );
  }
  const parsed = readCertificate(der);
  // Recorded of a bare public key: https://github.com/microsoftgraph/microsoft-graph-docs/issues/9081
  if (!parsed) return invalid("Cannot find the requested object.");
  const bits = parsed.publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  // guess: the rules are documented, Graph's sentences are not.
  if (parsed.publicKey.asymmetricKeyType !== "rsa") return invalid("The key must be an RSA key.");
  if (bits < MIN_KEY_BITS || bits > MAX_KEY_BITS) {
    return invalid(`The key must have ${MIN_KEY_BITS} to ${MAX_KEY_BITS} bits; it has ${bits}.`);
  }
  if (expired === "refuse" && parsed.validToDate.getTime() <= now) {
    return invalid("The certificate has expired.");
  }
  return undefined;
}

/** Uppercase hexadecimal SHA-1 of the DER form. */
export function thumbprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint.replaceAll(":", "");
}

function readBase64(text: string): Buffer | undefined {
  return /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
    ? Buffer.from(text, "base64")
    : undefined;
}

function readCertificate(der: Buffer): X509Certificate | undefined {
  if (der[0] !== DER_SEQUENCE) return undefined;
  try {
    return new X509Certificate(der);
  } catch {
    // The constructor has one failure: this is no certificate.
    return undefined;
  }
}

function invalid(reason: string): Refusal {
  return refuse(400, "InvalidRequest", `Certificate validation error: ${reason}`);
}
