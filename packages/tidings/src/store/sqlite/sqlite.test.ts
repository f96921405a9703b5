import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  StoreBusyError,
  StoreError,
  StoreInUseError,
  StoreTooNewError,
  UnsuitableFileSystemError,
} from "../../core/errors.ts";
import type { InboxItem } from "../../core/inbox.ts";
import type { Store } from "../../core/ports/store.ts";
import { storeConformance } from "../../testing/store-conformance.ts";
import { SqliteClient } from "./sqlite-client.ts";
import { sqlite, type SqliteOptions } from "./sqlite.ts";

let folder: string;
let opened: Store[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-sqlite-"));
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map(async (store) => store.close()));
  rmSync(folder, { recursive: true });
});

async function open(name = "tidings.db", options: SqliteOptions = {}): Promise<SqliteClient> {
  const store = await sqlite(join(folder, name), options).open();
  opened.push(store);
  if (!(store instanceof SqliteClient)) throw new TypeError("Expected a client of the thread");
  return store;
}

function itemOf(n: number, changes: Partial<InboxItem> = {}): InboxItem {
  return {
    declaration: "users",
    subscriptionKey: "subscription-key",
    lane: "users subscription-key",
    identity: `identity-${n}`,
    body: { raw: {}, params: {} },
    receivedAt: n,
    source: "webhook",
    tokensKey: undefined,
    ...changes,
  };
}

/** Breaks the rule of its column: milliseconds are whole. */
const UNSTORABLE: InboxItem = itemOf(1.5);

describe("the store's contract", () => {
  it.each(storeConformance)("$name", async (storeCase) => {
    const names = new Map<Store, string>();
    const openAs = async (name: string): Promise<Store> => {
      const store = await open(name);
      names.set(store, name);
      return store;
    };
    await storeCase.run({
      empty: async () => openAs(`${randomUUID()}.db`),
      async reopen(store) {
        await store.close();
        return openAs(names.get(store) ?? "");
      },
    });
  });
});

describe("opening", () => {
  it("makes the folder of its file", async () => {
    const store = await open(join("deep", "down", "tidings.db"));
    expect(await store.counts()).toEqual({ waiting: 0, dead: 0 });
  });

  it("refuses a file opened twice in one process", async () => {
    await open();
    await expect(open()).rejects.toBeInstanceOf(StoreInUseError);
  });

  it("refuses a file of a newer version and leaves it as it is", async () => {
    const path = join(folder, "tidings.db");
    await (await open()).close();
    changeFile(path, "pragma user_version = 999");
    const before = readFileSync(path);
    const opening = open();
    await expect(opening).rejects.toBeInstanceOf(StoreTooNewError);
    await expect(opening).rejects.toThrow(/schema version 999; this version of tidings knows up to \d+/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("refuses a file that is no database, and does not touch it", async () => {
    const letter = "this is a letter to my aunt, and long enough to be read as a header. ".repeat(20);
    writeFileSync(join(folder, "tidings.db"), letter);
    const opening = open();
    await expect(opening).rejects.toBeInstanceOf(StoreError);
    await expect(opening).rejects.toThrow(/tidings\.db cannot be opened/);
    await expect(opening).rejects.toMatchObject({ cause: { message: "file is not a database" } });
    expect(readFileSync(join(folder, "tidings.db"), "utf8")).toBe(letter);
  });

  it("refuses a path that is a folder, and one below a file", async () => {
    await expect(open(".")).rejects.toBeInstanceOf(StoreError);
    writeFileSync(join(folder, "file"), "");
    await expect(open("file/tidings.db")).rejects.toBeInstanceOf(StoreError);
  });

  it("writes ahead", async () => {
    await (await open()).close();
    const database = new DatabaseSync(join(folder, "tidings.db"));
    expect(database.prepare("pragma journal_mode").get()).toEqual({ journal_mode: "wal" });
    database.close();
  });

  it.skipIf(!existsSync("/dev/shm"))(
    "refuses memory, unless losing it is fine (needs /dev/shm)",
    async () => {
      const shared = mkdtempSync("/dev/shm/tidings-");
      const path = join(shared, "tidings.db");
      try {
        const opening = sqlite(path).open();
        await expect(opening).rejects.toBeInstanceOf(UnsuitableFileSystemError);
        await expect(opening).rejects.toThrow(
          `${path} would be on tmpfs, which is memory. Give it a disk of its own, or say \`allowEphemeral: true\` if losing it is fine.`,
        );
        expect(existsSync(path)).toBe(false);
        const store = await sqlite(path, { allowEphemeral: true }).open();
        expect(await store.append([itemOf(1)])).toEqual({ storedCount: 1, duplicateCount: 0 });
        await store.close();
      } finally {
        rmSync(shared, { recursive: true });
      }
    },
  );
});

describe("one commit for many calls", () => {
  it("rolls a failed append back whole", async () => {
    const store = await open();
    await expect(store.append([itemOf(1), UNSTORABLE])).rejects.toBeInstanceOf(StoreError);
    expect(await store.counts()).toEqual({ waiting: 0, dead: 0 });
    expect(await store.append([itemOf(1)])).toEqual({ storedCount: 1, duplicateCount: 0 });
  });

  it("lets a bad call fail alone", async () => {
    const store = await open();
    const outcomes = await Promise.allSettled([
      store.append([itemOf(1)]),
      store.append([itemOf(2), UNSTORABLE]),
      store.append([itemOf(3)]),
      store.keep("secret", "fresh"),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    const { rows } = await store.scan({ declaration: "users", after: 0, limit: 9 });
    expect(rows.map(({ identity }) => identity)).toEqual(["identity-1", "identity-3"]);
  });

  it("lets a call that cannot be sent fail alone, with a sentence", async () => {
    const store = await open();
    const mistake: { declaration: string } = Object.assign(
      { declaration: "" },
      { declaration: () => "users" },
    );
    const [before, purged, after] = await Promise.allSettled([
      store.append([itemOf(1)]),
      store.purgeDead({ ...mistake, limit: 9 }),
      store.append([itemOf(2)]),
    ]);
    expect([before.status, after.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(purged).toMatchObject({
      reason: new TypeError(
        'Expected what `purgeDead` is given to be plain data: () => "users" could not be cloned.',
      ),
    });
    expect(await store.counts()).toEqual({ waiting: 2, dead: 0 });
  });

  it("keeps the order of calls over many commits", async () => {
    const store = await open();
    const appends = Array.from({ length: 2_000 }, async (_, n) => store.append([itemOf(n)]));
    await Promise.all(appends);
    const { rows } = await store.scan({ declaration: "users", after: 0, limit: 2_000 });
    expect(rows.map(({ receivedAt }) => receivedAt)).toEqual(Array.from({ length: 2_000 }, (_, n) => n));
  });

  it("refuses at once what would wait too long, and has everything it accepted", async () => {
    const store = await open();
    const accepted = Array.from({ length: 200 }, async (_, n) =>
      store.append(Array.from({ length: 100 }, (__, m) => itemOf(n * 100 + m))),
    );
    const answered = { count: 0 };
    for (const append of accepted) void append.then(() => (answered.count += 1));
    await expect(store.append([itemOf(20_000)])).rejects.toThrow(StoreBusyError);
    await expect(store.append([itemOf(20_000)])).rejects.toThrow("20000 items wait for the disk already");
    expect(answered.count).toBe(0);
    await Promise.all(accepted);
    expect(await store.counts()).toEqual({ waiting: 20_000, dead: 0 });
    expect(await store.append([itemOf(20_000)])).toEqual({ storedCount: 1, duplicateCount: 0 });
  });

  it("takes an append that is too large by itself when nothing waits, and refuses what comes with it", async () => {
    const store = await open();
    const large = store.append(Array.from({ length: 20_001 }, (_, n) => itemOf(n)));
    await expect(store.append([itemOf(20_001)])).rejects.toThrow(StoreBusyError);
    expect(await large).toEqual({ storedCount: 20_001, duplicateCount: 0 });
    expect(await store.append([itemOf(20_001)])).toEqual({ storedCount: 1, duplicateCount: 0 });
  });

  it("refuses bodies of too many bytes, whatever their number", async () => {
    const store = await open();
    const large = { raw: { text: "x".repeat(40 * 1024 * 1024) }, params: {} };
    const first = store.append([itemOf(1, { body: large })]);
    await expect(store.append([itemOf(2, { body: large })])).rejects.toBeInstanceOf(StoreBusyError);
    await first;
    expect(await store.counts()).toEqual({ waiting: 1, dead: 0 });
  });
});

describe("what was seen", () => {
  it("is known however much there is of it, lately seen or not, and after a restart", async () => {
    const items = Array.from({ length: 25_000 }, (_, n) => itemOf(n));
    const lots = Array.from({ length: 5 }, (_, n) => items.slice(n * 5_000, (n + 1) * 5_000));
    const store = await open();
    for (const lot of lots) {
      expect(await store.append(lot)).toEqual({ storedCount: 5_000, duplicateCount: 0 });
      expect(await store.append(lot)).toEqual({ storedCount: 0, duplicateCount: 5_000 });
    }
    for (const lot of lots) {
      expect(await store.append(lot)).toEqual({ storedCount: 0, duplicateCount: 5_000 });
    }
    await store.close();
    const again = await open();
    for (const lot of lots) {
      expect(await again.append(lot)).toEqual({ storedCount: 0, duplicateCount: 5_000 });
    }
    expect(await again.append([itemOf(25_000)])).toEqual({ storedCount: 1, duplicateCount: 0 });
  });

  it("is not what was rolled back", async () => {
    const store = await open();
    for (const _ of [1, 2]) {
      await expect(store.append([itemOf(1), UNSTORABLE])).rejects.toBeInstanceOf(StoreError);
    }
    expect(await store.append([itemOf(1)])).toEqual({ storedCount: 1, duplicateCount: 0 });
  });
});

describe("closing", () => {
  it("answers what was asked before, which is then stored", async () => {
    const store = await open();
    const appends = Array.from({ length: 1_000 }, async (_, n) => store.append([itemOf(n)]));
    const [closed, ...outcomes] = await Promise.allSettled([store.close(), ...appends]);
    expect(closed.status).toBe("fulfilled");
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1_000);
    expect(await (await open()).counts()).toEqual({ waiting: 1_000, dead: 0 });
  });

  it("rejects every call after, of every client", async () => {
    const store = await open();
    const other = new SqliteClient(store.createPort());
    await other.counts();
    const waiting = Promise.allSettled([other.counts(), other.append([itemOf(1)])]);
    await store.close();
    // Answered one way or the other.
    expect(await waiting).toHaveLength(2);
    for (const client of [store, other]) {
      await expect(client.append([itemOf(2)])).rejects.toBeInstanceOf(StoreError);
      await expect(client.counts()).rejects.toThrow("The SQLite store is closed");
    }
  });

  it("can be asked by two clients at once", async () => {
    const store = await open();
    const other = new SqliteClient(store.createPort());
    await other.counts();
    await Promise.all([store.close(), other.close()]);
    expect(await (await open()).counts()).toEqual({ waiting: 0, dead: 0 });
  });
});

describe("a second client, in another thread", () => {
  it("writes to the same file, and both hear of every row", async () => {
    const store = await open();
    const port = store.createPort();
    const worker = new Worker(new URL("../../../test/support/store-client-thread.ts", import.meta.url), {
      workerData: port,
      transferList: [port],
      execArgv: [],
    });
    try {
      const heard: unknown[] = [];
      const toldHere = new Promise<void>((resolve) => store.onAppended(resolve));
      worker.on("message", (message) => heard.push(message));
      worker.postMessage("go", []);
      await expect.poll(() => heard).toEqual([{ storedCount: 10, duplicateCount: 0 }, "appended"]);
      await toldHere;
      expect((await store.scan({ declaration: "users", after: 0, limit: 99 })).rows).toHaveLength(10);
      await store.append([itemOf(1)]);
      await expect.poll(() => heard).toHaveLength(3);
    } finally {
      await worker.terminate();
    }
    expect(await store.counts()).toEqual({ waiting: 11, dead: 0 });
  });

  it("leaves the store open when its thread ends", async () => {
    const store = await open();
    const port = store.createPort();
    port.close();
    await once(port, "close");
    expect(await store.append([itemOf(1)])).toEqual({ storedCount: 1, duplicateCount: 0 });
  });
});

function changeFile(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}
