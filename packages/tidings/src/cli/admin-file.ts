import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isJsonObject } from "../core/json.ts";

/** Where the admin API of a running service is, and what opens it. Whoever may read the file may use it. */
export interface AdminFile {
  readonly app: string;
  readonly url: string;
  readonly token: string;
}

const DEFAULT_STORE = "./data/tidings.db";
/** Of an app that brings its own store, which need not be a file. */
const STORELESS = "./data/tidings.admin.json";

/** The file of a service. @param storePath TIDINGS_STORE */
export function adminFileOf(storePath: string | undefined, hasStore: boolean): string {
  if (storePath !== undefined) return `${storePath}.admin.json`;
  return hasStore ? STORELESS : `${DEFAULT_STORE}.admin.json`;
}

/** Files that the service meant here can have: who asks does not know the app. */
export function adminFileCandidates(storePath: string | undefined): string[] {
  if (storePath !== undefined) return [adminFileOf(storePath, false)];
  return [adminFileOf(undefined, false), adminFileOf(undefined, true)];
}

/** Readable by its owner only from its first moment, and never half written. */
export async function writeAdminFile(path: string, file: AdminFile): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(file)}\n`, { mode: 0o600, flag: "wx" });
  // The mask of the process may have taken from the mode, never added to it.
  await chmod(draft, 0o600);
  await rename(draft, path);
}

/** @returns undefined when there is none, or none that can be read */
export async function readAdminFile(path: string): Promise<AdminFile | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  return parseAdminFile(text);
}

/** Removes the file if it is still this service's. */
export async function removeAdminFile(path: string, { url, token }: AdminFile): Promise<void> {
  const file = await readAdminFile(path);
  if (file?.url === url && file.token === token) await rm(path, { force: true });
}

function parseAdminFile(text: string): AdminFile | undefined {
  const value = parseJson(text);
  if (!isJsonObject(value)) return undefined;
  const { app, url, token } = value;
  const isWhole = typeof app === "string" && typeof url === "string" && typeof token === "string";
  return isWhole ? { app, url, token } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
