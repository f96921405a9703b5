import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import { serveHandler } from "../support/served-app.ts";

const hasCompiler = process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0;

const numbers = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

it.skipIf(!hasCompiler)(
  "a full disk is answered 503 within 100 ms, and no restart is needed when there is room (needs Linux and cc)",
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "tidings-full-"));
    const library = join(folder, "full-disk.so");
    const source = new URL("../support/native/full-disk.c", import.meta.url).pathname;
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
    const marker = join(folder, "full");
    const environment = { LD_PRELOAD: library, DISK_FULL_WHILE: marker };
    const served = await serveHandler(folder, `log(change.raw.id)`, { environment });
    const handled = (): Set<string> => new Set(readFileSync(join(folder, "log"), "utf8").trim().split("\n"));
    const ready = async (): Promise<number> => (await fetch(`${served.url}/readyz`)).status;
    try {
      await served.deliver(...numbers(0, 10));
      expect(await ready()).toBe(200);

      writeFileSync(marker, "");
      const refused = [];
      for (const n of numbers(10, 40)) refused.push(await served.post(n));
      expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 503));
      // One may meet a pause of the machine's own.
      expect(refused.filter(({ ms }) => ms > 100).length).toBeLessThanOrEqual(1);
      expect(await ready()).toBe(503);
      expect((await fetch(`${served.url}/healthz`)).status).toBe(200);

      rmSync(marker);
      const roomAt = performance.now();
      for (const n of numbers(10, 40)) expect(await served.deliver(n)).toMatchObject({ status: 202 });
      expect(performance.now() - roomAt).toBeLessThan(5_000);
      expect(await ready()).toBe(200);
      const all = numbers(0, 50).map((n) => `notification-${n}`);
      await vi.waitFor(() => expect(handled()).toEqual(new Set(all)), { timeout: 10_000 });

      const exited = once(served.child, "exit");
      served.child.kill("SIGTERM");
      expect(await exited).toEqual([0, null]);
      const store = await sqlite(join(folder, "tidings.db"), { allowEphemeral: true }).open();
      expect(await store.counts()).toEqual({ waiting: 0, dead: 0 });
      await store.close();
    } finally {
      await served.kill();
      rmSync(folder, { recursive: true });
    }
  },
);
