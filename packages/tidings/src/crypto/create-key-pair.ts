import { webcrypto } from "node:crypto";
import { MAX_MODULUS_BITS, MIN_MODULUS_BITS } from "./key-pair.ts";
import { toPem } from "./pem.ts";

export interface CreateKeyPairOptions {
  /** Whom the certificate names as its owner, 1 to 64 characters. Nobody checks it. */
  readonly commonName: string;
  /** Length of the RSA key. @default 2048 */
  readonly bits?: 2048 | 3072 | 4096 | undefined;
  /** How long the certificate is valid, 1 to 3,650. @default 365 */
  readonly days?: number | undefined;
  /** The present, epoch milliseconds. */
  readonly now: number;
}

const BITS: ReadonlySet<number> = new Set([MIN_MODULUS_BITS, 3072, MAX_MODULUS_BITS]);
const MAX_COMMON_NAME_LENGTH = 64;
const MAX_DAYS = 3_650;
const DAY_MS = 24 * 60 * 60_000;

/** How much later Graph's clock may be than ours, so that a certificate is valid as soon as it is made. */
const CLOCK_SKEW_MS = 5 * 60_000;

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;

/**
 * Makes an RSA key and a certificate for it that it signs itself, which is all that Graph asks for.
 *
 * @returns a PEM text with both, the certificate first: a secret
 * @throws TypeError when an option makes no sense
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#certificates
 */
export async function createKeyPair(options: CreateKeyPairOptions): Promise<string> {
  const { commonName, bits = MIN_MODULUS_BITS, days = 365, now } = options;
  assertOptions(commonName, bits, days);
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey({ ...ALGORITHM, modulusLength: bits }, true, [
    "sign",
    "verify",
  ]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      // As a value and not as a text, in which a comma would begin another attribute, and # a value in hex.
      name: new x509.Name([{ CN: [{ utf8String: commonName }] }]),
      keys,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(now - CLOCK_SKEW_MS),
      notAfter: new Date(now + days * DAY_MS),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.dataEncipherment,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const privateKey = new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const pem = toPem("CERTIFICATE", new Uint8Array(certificate.rawData)) + toPem("PRIVATE KEY", privateKey);
  privateKey.fill(0);
  return pem;
}

function assertOptions(commonName: string, bits: number, days: number): void {
  if (typeof commonName !== "string" || commonName === "" || commonName.length > MAX_COMMON_NAME_LENGTH) {
    throw new TypeError(
      `Expected \`commonName\` to have 1 to ${MAX_COMMON_NAME_LENGTH} characters, got \`${commonName}\``,
    );
  }
  if (!BITS.has(bits)) throw new TypeError(`Expected \`bits\` to be 2048, 3072 or 4096, got \`${bits}\``);
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS) {
    throw new TypeError(`Expected \`days\` to be a whole number from 1 to ${MAX_DAYS}, got \`${days}\``);
  }
}

/** Only when it is needed: it takes a tenth of a second to load, and wants `Reflect` extended before. */
async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}
