import { refuse, type Refusal } from "../http/reply.ts";
import { certificateRefusal, type ExpiredCertificatePolicy } from "../rich/encryption-certificate.ts";

/** The two properties that say how resource data is encrypted. */
export interface CertificateProperties {
  readonly certificate: string | undefined;
  readonly certificateId: string | undefined;
  readonly expired: ExpiredCertificatePolicy;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** @see https://learn.microsoft.com/graph/api/resources/subscription#properties */
const MAX_CERTIFICATE_ID_LENGTH = 128;

/** Why the properties cannot be taken as they are, or `undefined` when they can. */
export function checkCertificate(properties: CertificateProperties): Refusal | undefined {
  const { certificate, certificateId, expired, now } = properties;
  if ((certificateId?.length ?? 0) > MAX_CERTIFICATE_ID_LENGTH) {
    // guess: the limit is documented, Graph's sentence is not.
    return refuse(
      400,
      "InvalidRequest",
      `encryptionCertificateId must not exceed ${MAX_CERTIFICATE_ID_LENGTH} characters.`,
    );
  }
  return certificate === undefined ? undefined : certificateRefusal({ certificate, expired, now });
}
