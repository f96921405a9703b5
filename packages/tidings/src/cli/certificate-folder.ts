import { X509Certificate } from "node:crypto";
import { statSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CertificateSource } from "../core/ports/certificates.ts";
import { CliError } from "./errors.ts";

const PEM = /-----BEGIN /;

/** What TIDINGS_CERTIFICATES holds: PEM text itself, or where it is. */
export type CertificateLocation =
  | { readonly kind: "text"; readonly pem: string }
  | { readonly kind: "file" | "folder"; readonly path: string };

/** @throws CliError when there is nothing there */
export function locateCertificates(value: string): CertificateLocation {
  if (PEM.test(value)) return { kind: "text", pem: value };
  const found = statSync(value, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new CliError(
      `TIDINGS_CERTIFICATES names ${value}, which is not there`,
      "Name a PEM file or a folder of them, or put the PEM text itself there. `tidings keys create` makes one.",
    );
  }
  return { kind: found.isDirectory() ? "folder" : "file", path: value };
}

/** The certificates there, read again whenever they are asked for. */
export function certificatesAt(location: CertificateLocation): CertificateSource {
  switch (location.kind) {
    case "text":
      return location.pem;
    case "file":
      return async () => readFile(location.path, "utf8");
    case "folder":
      return async () => readFolder(location.path);
  }
}

/** The newest first, which is the one that encrypts. */
async function readFolder(path: string): Promise<string[]> {
  const names = (await readdir(path)).filter((name) => name.endsWith(".pem")).toSorted();
  const bundles = await Promise.all(
    names.map(async (name) => {
      const pem = await readFile(join(path, name), "utf8");
      return { pem, notBefore: readCertificate(pem, join(path, name)).validFromDate.getTime() };
    }),
  );
  return bundles.toSorted((a, b) => b.notBefore - a.notBefore).map(({ pem }) => pem);
}

function readCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    // OpenSSL's sentence could tell what is in the file.
    throw new TypeError(`Expected ${path} to hold a certificate and its private key, got a file without one`);
  }
}

/**
 * Writes a PEM text that only its owner can read, from its first moment.
 *
 * @throws CliError when there is such a file already, which is never written over
 */
export async function writeBundle(folder: string, name: string, pem: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, pem, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw code === "EEXIST"
      ? new CliError(`${path} is there already`, "It is never written over: give another --name or --out.", {
          cause,
        })
      : new CliError(`${path} cannot be written: ${code}`, "Give a folder that can be written by --out.", {
          cause,
        });
  }
  // The mask of the process may have taken from the mode, never added to it.
  await chmod(path, 0o600);
  return path;
}
