import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKeyPair } from "../crypto/create-key-pair.ts";
import { certificatesAt, locateCertificates, writeBundle } from "./certificate-folder.ts";
import { CliError } from "./errors.ts";

const DAY_MS = 86_400_000;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-certificates-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What TIDINGS_CERTIFICATES of this value gives. */
async function read(value: string): Promise<string | readonly string[]> {
  const source = certificatesAt(locateCertificates(value));
  return typeof source === "function" ? source() : source;
}

async function makeBundle(daysAgo: number): Promise<string> {
  return createKeyPair({ commonName: "test", now: Date.now() - daysAgo * DAY_MS });
}

describe("TIDINGS_CERTIFICATES", () => {
  it("is PEM text itself, or the file that has it", async () => {
    const pem = await makeBundle(0);
    writeFileSync(join(folder, "one.pem"), pem);
    expect(await read(pem)).toBe(pem);
    expect(await read(join(folder, "one.pem"))).toBe(pem);
  });

  it("is a folder, whose newest certificate is the first, whatever the names", async () => {
    const [old, newest, middle] = await Promise.all([20, 0, 10].map(makeBundle));
    writeFileSync(join(folder, "b.pem"), old ?? "");
    writeFileSync(join(folder, "c.pem"), newest ?? "");
    writeFileSync(join(folder, "a.pem"), middle ?? "");
    writeFileSync(join(folder, "notes.txt"), "not a certificate");
    expect(await read(folder)).toEqual([newest, middle, old]);
  });

  it("is read again when it is asked for again", async () => {
    const source = certificatesAt(locateCertificates(folder));
    if (typeof source !== "function") throw new Error("Expected a function");
    expect(await source()).toEqual([]);
    const pem = await makeBundle(0);
    writeFileSync(join(folder, "one.pem"), pem);
    expect(await source()).toEqual([pem]);
  });

  it("that names nothing is said so", () => {
    expect(() => locateCertificates(join(folder, "elsewhere"))).toThrow(CliError);
  });

  it("with a file that is no certificate names the file, and nothing of what is in it", async () => {
    writeFileSync(join(folder, "one.pem"), "my private notes");
    await expect(read(folder)).rejects.toThrow(/one\.pem to hold a certificate/);
    await expect(read(folder)).rejects.not.toThrow(/private notes/);
  });
});

describe("a file that is written", () => {
  it("is never written over", async () => {
    await writeBundle(folder, "one.pem", "1");
    await expect(writeBundle(folder, "one.pem", "2")).rejects.toThrow("is there already");
  });

  it("and its folder are its owner's alone", async () => {
    const path = await writeBundle(join(folder, "new"), "one.pem", "1");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "new")).mode & 0o777).toBe(0o700);
  });
});
