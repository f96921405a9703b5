import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoreError, StoreInUseError, StoreTooNewError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import { storeConformance } from "../../testing/store-conformance.ts";
import { sqlite } from "./sqlite.ts";

let folder: string;
let opened: Store[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-sqlite-"));
  opened = [];
});

afterEach(async () => {
  for (const store of opened) await store.close();
  rmSync(folder, { recursive: true });
});

async function open(name = "tidings.db"): Promise<Store> {
  const store = await sqlite(join(folder, name)).open();
  opened.push(store);
  return store;
}

describe("sqlite()", () => {
  it.each(storeConformance)("$name", async (storeCase) => {
    await storeCase.run({
      empty: async () => open(),
      async reopen(store) {
        await store.close();
        return open();
      },
    });
  });

  it("makes the folder of its file", async () => {
    const store = await open(join("deep", "down", "tidings.db"));
    expect(await store.counts()).toEqual({ waiting: 0, dead: 0 });
  });

  it("refuses a file that another process has open, in one sentence, and takes it when that process is gone", async () => {
    const path = join(folder, "tidings.db");
    const store = await open();
    await store.keep("secret", "s".repeat(32));
    const other = `
      import { sqlite } from ${JSON.stringify(new URL("sqlite.ts", import.meta.url).href)};
      try { await sqlite(${JSON.stringify(path)}).open(); console.log("opened"); }
      catch (error) { console.log(error.code + " " + error.message); }`;
    const answer = execFileSync(process.execPath, ["--input-type=module", "--eval", other], {
      encoding: "utf8",
    });
    expect(answer).toContain("ERR_STORE_IN_USE");
    expect(answer).toContain("is in use by another process");
    await store.close();
    expect(
      execFileSync(process.execPath, ["--input-type=module", "--eval", other], { encoding: "utf8" }),
    ).toContain("opened");
  });

  it("refuses a file opened twice in one process", async () => {
    await open();
    await expect(open()).rejects.toBeInstanceOf(StoreInUseError);
  });

  it("refuses a file of a newer version and leaves it as it is", async () => {
    const path = join(folder, "tidings.db");
    await (await open()).close();
    const database = new DatabaseSync(path);
    database.exec("pragma user_version = 999");
    database.close();
    const opening = open();
    await expect(opening).rejects.toBeInstanceOf(StoreTooNewError);
    await expect(opening).rejects.toThrow(/schema version 999; this version of tidings knows up to \d+/);
  });

  it("refuses a file that is no database, and does not touch it", async () => {
    writeFileSync(
      join(folder, "tidings.db"),
      "this is a letter to my aunt, and long enough to be read as a header",
    );
    await expect(open()).rejects.toBeInstanceOf(StoreError);
  });

  it("writes ahead and syncs fully", async () => {
    const path = join(folder, "tidings.db");
    await (await open()).close();
    const database = new DatabaseSync(path);
    expect(database.prepare("pragma journal_mode").get()).toEqual({ journal_mode: "wal" });
    database.close();
  });

  it("rolls a failed append back whole", async () => {
    const store = await open();
    const good = {
      kind: "notification" as const,
      declaration: "users",
      subscriptionKey: "k",
      lane: "l",
      identity: "i",
      body: { raw: {}, params: {} },
      receivedAt: 1,
      source: "webhook",
    };
    const bad = { ...good, identity: "j", receivedAt: 1.5 };
    await expect(store.append([good, bad])).rejects.toBeInstanceOf(StoreError);
    expect(await store.counts()).toEqual({ waiting: 0, dead: 0 });
    expect(await store.append([good])).toEqual({ storedCount: 1, duplicateCount: 0 });
  });
});
