/** A certificate that Graph encrypts resource data for. Its private key stays where it is. */
export interface EncryptionCertificate {
  /** Our label of it, which each notification carries: derived from the certificate, so that every process has the same. */
  readonly id: string;
  /** base64 of its DER: what Graph is given. */
  readonly certificate: string;
  /** Epoch milliseconds. */
  readonly notAfter: number;
}

/** The certificates an app has. */
export interface Certificates {
  /**
   * The first, which Graph is to encrypt for; all decrypt.
   * @throws KeysUnavailableError when they cannot be had now, or there is none
   */
  current(): Promise<EncryptionCertificate>;
  /** All of them, the first first. @throws KeysUnavailableError */
  list(): Promise<readonly EncryptionCertificate[]>;
}

/**
 * PEM texts, each with a certificate and its private key. Graph encrypts for the first, all decrypt. A function is asked
 * again now and then, so that keys in a vault can be replaced while the app runs.
 */
export type CertificateSource = string | readonly string[] | (() => Promise<string | readonly string[]>);
