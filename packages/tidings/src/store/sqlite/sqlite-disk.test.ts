/** What the store makes of its disk: how often it syncs, and what happens when the disk is full or fails. */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoreCounts } from "../../core/ports/store.ts";
import type { Attempt } from "../../../test/support/store-process.ts";
import { sqlite } from "./sqlite.ts";

const run = promisify(execFile);

const STORE_PROCESS = pathTo("../../../test/support/store-process.ts");
const FAILING_FSYNC = pathTo("../../../test/support/native/failing-fsync.c");
const SMALL_DISK = pathTo("../../../test/support/native/small-disk.c");
const MIB: number = 1024 * 1024;

const canTrace = succeeds("strace", ["-o", "/dev/null", "true"]);
const canPreload = process.platform === "linux" && succeeds("cc", ["--version"]);
const hasShell = succeeds("sh", ["-c", "ulimit -f 1000"]);

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-disk-"));
  path = join(folder, "tidings.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

interface Circumstances {
  /** A program to start the process through, with its arguments. */
  readonly through?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a scenario in a process of its own. @returns what it wrote */
async function inProcess(
  scenario: string,
  { through = [], environment }: Circumstances = {},
): Promise<string> {
  const [program, ...args] = [...through, process.execPath, STORE_PROCESS, path, scenario];
  const { stdout } = await run(program, args, { env: { ...process.env, ...environment } });
  return stdout;
}

async function countsInProcess(): Promise<StoreCounts> {
  return JSON.parse(await inProcess("counts")).outcome;
}

/** How often a scenario asks the disk to sync, besides opening a new file and closing it. */
async function syncsOf(scenario: string): Promise<number> {
  return (await countSyncs(scenario)) - (await countSyncs("nothing"));
}

async function countSyncs(scenario: string): Promise<number> {
  rmSync(path, { force: true });
  const trace = join(folder, "trace");
  await inProcess(scenario, { through: ["strace", "-f", "-e", "trace=fsync,fdatasync", "-o", trace] });
  return readFileSync(trace, "utf8").match(/\bf(?:data)?sync\(/g)?.length ?? 0;
}

/** A library that fails what the disk is asked, compiled; as what makes a process take it. */
async function preload(source: string): Promise<Record<string, string>> {
  const library = join(folder, "failing.so");
  await run("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
  return { LD_PRELOAD: library };
}

describe("a process of its own", () => {
  it("is refused a file that is open, in one sentence, and takes it when that is closed", async () => {
    const store = await sqlite(path).open();
    const answer = JSON.parse(await inProcess("nothing"));
    expect(answer).toMatchObject({ refused: "ERR_STORE_IN_USE" });
    expect(answer.message).toContain(`${path} is in use by another process. One process at a time`);
    await store.close();
    expect(JSON.parse(await inProcess("nothing"))).toEqual({ outcome: null });
  });

  it("may be started with flags that threads do not take", async () => {
    const url = new URL("sqlite.ts", import.meta.url).href;
    const script = `
      import { sqlite } from ${JSON.stringify(url)};
      const store = await sqlite(${JSON.stringify(path)}).open();
      console.log(JSON.stringify(await store.counts()));
      await store.close();`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script]);
    expect(JSON.parse(stdout)).toEqual({ waiting: 0, dead: 0 });
  });

  it.each([
    ["nothing was asked of it", ""],
    ["all it was asked is answered", "await store.counts();"],
  ])("ends by itself although the store is open, when %s", async (_, calls) => {
    const url = new URL("sqlite.ts", import.meta.url).href;
    const script = `
      import { sqlite } from ${JSON.stringify(url)};
      const store = await sqlite(${JSON.stringify(path)}).open();
      store.onAppended(() => {});
      ${calls}`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
      timeout: 5_000,
    });
    expect(stdout).toBe("");
  });
});

describe("syncs", () => {
  it.skipIf(!canTrace)("come before every answer (needs strace)", async () => {
    expect(await syncsOf("appendOneByOne")).toBeGreaterThanOrEqual(50);
  });

  it.skipIf(!canTrace)("are shared by appends that come together (needs strace)", async () => {
    expect(await syncsOf("appendAtOnce")).toBeLessThan(10);
  });

  it.skipIf(!canPreload)(
    "that are slow hold up no more than one commit (needs cc and LD_PRELOAD)",
    async () => {
      const environment = { ...(await preload(FAILING_FSYNC)), FSYNC_DELAY_MS: "50" };
      const { outcome: ms } = JSON.parse(await inProcess("appendSteadily", { environment }));
      // One sync for each of the 200 would take 10 s.
      expect(ms).toBeLessThan(2_000);
      expect(await countsInProcess()).toEqual({ waiting: 200, dead: 0 });
    },
  );
});

describe("a full disk", () => {
  it.skipIf(!hasShell)(
    "or one that takes no longer files, fails appends at once and loses nothing (needs sh and ulimit)",
    async () => {
      const through = ["sh", "-c", `ulimit -f 60000; exec "$@"`, "sh"];
      const environment = { PADDING: "200000" };
      const { outcome } = JSON.parse(await inProcess("fill", { through, environment }));
      const { acceptedCount, attempts }: { acceptedCount: number; attempts: Attempt[] } = outcome;
      expect(acceptedCount).toBeGreaterThan(10);
      expect(new Set(attempts.map(({ code }) => code))).toEqual(new Set(["ERR_STORE"]));
      expect(Math.max(...attempts.map(({ ms }) => ms))).toBeLessThan(100);

      expect(await countsInProcess()).toEqual({ waiting: acceptedCount, dead: 0 });
      const store = await sqlite(path).open();
      const { rows } = await store.scan({ declaration: "users", after: 0, limit: acceptedCount });
      expect(rows.map(({ identity }) => identity)).toEqual(
        Array.from({ length: acceptedCount }, (_, n) => `identity-${n}`),
      );
      await store.close();
    },
  );

  it.skipIf(!canPreload).each([
    { where: "when the log was never copied", diskMib: 50, roomMib: 20, padding: 1_000 },
    { where: "when there was no room to copy the log", diskMib: 60, roomMib: 12, padding: 50_000 },
  ])(
    "refuses what is new at once, $where, ends what was accepted, and recovers by itself (needs cc and LD_PRELOAD)",
    { timeout: 60_000 },
    async ({ diskMib, roomMib, padding }) => {
      const disk = join(folder, "disk");
      path = join(disk, "tidings.db");
      const room = join(disk, "room");
      mkdirSync(disk);
      writeFileSync(room, Buffer.alloc(roomMib * MIB));
      const environment = {
        ...(await preload(SMALL_DISK)),
        DISK: disk,
        DISK_BYTES: String(diskMib * MIB),
        ROOM: room,
        PADDING: String(padding),
      };
      const { outcome } = JSON.parse(await inProcess("settleWhileFull", { environment }));
      const { acceptedCount, attempts }: { acceptedCount: number; attempts: Attempt[] } = outcome;
      expect(acceptedCount).toBeGreaterThan(50);
      expect(new Set(attempts.map(({ code }) => code))).toEqual(new Set(["ERR_STORE"]));
      const third = Math.floor(acceptedCount / 3);
      expect(Math.max(...attempts.slice(1).map(({ ms }) => ms))).toBeLessThan(100);
      expect(outcome).toMatchObject({ codes: [null], redriven: "ERR_STORE" });
      expect(outcome.counts.waiting).toBe(third);
      expect(outcome.counts.dead).toBeGreaterThanOrEqual(third);
      expect(outcome.counts.dead).toBeLessThanOrEqual(third + 1);
      expect(outcome.fullMs).toBeLessThan(10_000);
      const store = await sqlite(path).open();
      expect(await store.counts()).toEqual({ ...outcome.counts, waiting: third + 1 });
      await store.close();
    },
  );

  it.skipIf(!canPreload)("is one without room for the ballast (needs cc and LD_PRELOAD)", async () => {
    const disk = join(folder, "disk");
    path = join(disk, "tidings.db");
    mkdirSync(disk);
    const environment = { ...(await preload(SMALL_DISK)), DISK: disk, DISK_BYTES: String(20 * MIB) };
    const { outcome } = JSON.parse(await inProcess("fill", { environment }));
    const { acceptedCount, attempts }: { acceptedCount: number; attempts: Attempt[] } = outcome;
    expect(acceptedCount).toBe(0);
    expect(new Set(attempts.map(({ code }) => code))).toEqual(new Set(["ERR_STORE"]));
    expect(readdirSync(disk)).not.toContain("tidings.db-ballast");
  });
});

describe("a disk that fails to sync", () => {
  it.skipIf(!canPreload)(
    "is never believed again by the process, and what was accepted is there for the next (needs cc and LD_PRELOAD)",
    async () => {
      const environment = { ...(await preload(FAILING_FSYNC)), FSYNC_FAILS_ONCE: join(folder, "fault") };
      const { outcome } = JSON.parse(await inProcess("failSync", { environment }));
      const { during, after, read }: { during: Attempt[]; after: Attempt; read: string } = outcome;
      expect(outcome).toMatchObject({ isFaultGone: true });
      expect(during.map(({ code }) => code)).toEqual(Array(3).fill("ERR_STORE_BROKEN"));
      expect(after.code).toBe("ERR_STORE_BROKEN");
      expect(read).toBe("ERR_STORE_BROKEN");

      const store = await sqlite(path).open();
      const { rows } = await store.scan({ declaration: "users", after: 0, limit: 99 });
      const identities = rows.map(({ identity }) => identity);
      expect(identities.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, n) => `identity-${n}`));
      // What failed may be there or not, but nothing came after it.
      expect(identities).not.toContain("identity-200");
      await store.close();
    },
  );

  it.skipIf(!canPreload)("is not opened (needs cc and LD_PRELOAD)", async () => {
    const fault = join(folder, "fault");
    writeFileSync(fault, "");
    const environment = { ...(await preload(FAILING_FSYNC)), FSYNC_FAILS_ONCE: fault };
    expect(JSON.parse(await inProcess("nothing", { environment }))).toMatchObject({ refused: "ERR_STORE" });
  });
});

function pathTo(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}
