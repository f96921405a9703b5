import { createHash, X509Certificate } from "node:crypto";
import { createKeyPair } from "../crypto/create-key-pair.ts";
import { writeBundle } from "./certificate-folder.ts";
import { print } from "./print.ts";
import { formatTime } from "./table.ts";

export interface CreateKeysOptions {
  /** Folder of the new file. */
  readonly out: string;
  readonly bits: 2048 | 3072 | 4096;
  readonly days: number;
  /** Of the certificate's owner, and so of the file. */
  readonly name: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A file with a certificate and its private key. */
export interface CreatedKeys {
  readonly path: string;
  readonly id: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  /** Epoch milliseconds. */
  readonly notAfter: number;
}

/** @throws CliError when it cannot be written, or is there already; TypeError for options that make no sense */
export async function createKeys({ out, bits, days, name, now }: CreateKeysOptions): Promise<CreatedKeys> {
  const pem = await createKeyPair({ commonName: name, bits, days, now });
  const { raw, validFromDate, validToDate } = new X509Certificate(pem);
  const id = createHash("sha256").update(raw).digest("base64url");
  const day = new Date(now).toISOString().slice(0, 10);
  const path = await writeBundle(out, `${fileName(name)}-${day}-${id.slice(0, 8)}.pem`, pem);
  return { path, id, notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
}

/** Makes a certificate and its private key, and says what to do with them. */
export async function runCreateKeys(options: CreateKeysOptions, isJson: boolean): Promise<void> {
  const created = await createKeys(options);
  await print(created, isJson, () =>
    [
      `${created.path}: certificate and private key, readable by you only`,
      `id     ${created.id}`,
      `valid  until ${formatTime(created.notAfter)}`,
      "",
      `Set TIDINGS_CERTIFICATES=${options.out} for \`tidings serve\`, or give its text as \`certificates\`.`,
      "Keep it as long as subscriptions refer to it: `tidings keys list` says when it may go.",
    ].join("\n"),
  );
}

function fileName(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, "-").replace(/^[.-]+/, "") || "tidings";
}
