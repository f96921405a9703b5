import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  adminFileCandidates,
  adminFileOf,
  readAdminFile,
  removeAdminFile,
  writeAdminFile,
} from "./admin-file.ts";

const FILE = { app: "crm-sync", url: "http://127.0.0.1:3001", token: "secret" };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-admin-file-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("the place of the admin file", () => {
  it.each([
    ["/srv/a.db", false, "/srv/a.db.admin.json"],
    ["/srv/a.db", true, "/srv/a.db.admin.json"],
    [undefined, false, "./data/tidings.db.admin.json"],
    [undefined, true, "./data/tidings.admin.json"],
  ])("with TIDINGS_STORE %s, and an app that brings a store: %s", (storePath, hasStore, path) => {
    expect(adminFileOf(storePath, hasStore)).toBe(path);
    expect(adminFileCandidates(storePath)).toContain(path);
  });

  it("is one when TIDINGS_STORE says which, else one of two", () => {
    expect(adminFileCandidates("/srv/a.db")).toHaveLength(1);
    expect(adminFileCandidates(undefined)).toHaveLength(2);
  });
});

describe("the admin file", () => {
  it("is written whole, for its owner only, over whatever was there, and leaves nothing beside it", async () => {
    const path = join(folder, "new", "a.db.admin.json");
    await writeAdminFile(path, { ...FILE, token: "older" });
    await writeAdminFile(path, FILE);
    expect(await readAdminFile(path)).toEqual(FILE);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, "new"))).toEqual(["a.db.admin.json"]);
  });

  it.each(["", "{", "[]", '{"app":"a","url":"b"}'])("is none when it says %j", async (text) => {
    const path = join(folder, "a.db.admin.json");
    writeFileSync(path, text);
    expect(await readAdminFile(path)).toBeUndefined();
    expect(await readAdminFile(join(folder, "absent"))).toBeUndefined();
  });

  it("is removed by whom it speaks of only", async () => {
    const path = join(folder, "a.db.admin.json");
    await writeAdminFile(path, FILE);
    await removeAdminFile(path, { ...FILE, url: "http://127.0.0.1:3002" });
    await removeAdminFile(path, { ...FILE, token: "other" });
    expect(readFileSync(path, "utf8")).toContain("crm-sync");
    await removeAdminFile(path, FILE);
    expect(readdirSync(folder)).toEqual([]);
    await removeAdminFile(path, FILE);
  });
});
