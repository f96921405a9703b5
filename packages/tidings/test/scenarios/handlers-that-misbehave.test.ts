import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serveHandler, type ServedProcess } from "../support/served-app.ts";

let folder: string;
let served: ServedProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-served-"));
});

afterEach(async () => {
  await served?.kill();
  rmSync(folder, { recursive: true });
});

function logged(): string[] {
  const file = join(folder, "log");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

async function untilLogged(expected: readonly string[]): Promise<void> {
  await vi.waitFor(() => expect(new Set(logged())).toEqual(new Set(expected)), {
    timeout: 15_000,
    interval: 50,
  });
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const ids = (count: number): string[] => numbers(count).map((n) => `notification-${n}`);

describe("under `tidings serve`, a handler", () => {
  it("that blocks its event loop for 10 s makes no answer slow", { timeout: 40_000 }, async () => {
    served = await serveHandler(
      folder,
      `if (once("blocked")) { log("blocking"); const end = Date.now() + 10_000; while (Date.now() < end); log("unblocked"); }
       log(change.raw.id);`,
    );
    await served.deliver(1);
    await vi.waitFor(() => expect(logged()).toContain("blocking"));
    const slowest = { ms: 0 };
    let count = 1;
    while (!logged().includes("unblocked")) {
      count += 1;
      const { status, ms } = await served.deliver(count);
      expect(status).toBe(202);
      slowest.ms = Math.max(slowest.ms, ms);
    }
    expect(count).toBeGreaterThan(100);
    expect(slowest.ms).toBeLessThan(1_000);
    await untilLogged(["blocking", "unblocked", ...ids(count)]);
  });

  it("that calls process.exit loses nothing that was acknowledged", { timeout: 30_000 }, async () => {
    const body = `if (once("left")) process.exit(3); log(change.raw.id);`;
    served = await serveHandler(folder, body);
    const { status } = await served.deliver(...numbers(20));
    expect(status).toBe(202);
    if (served.child.exitCode === null) await once(served.child, "exit");
    expect(served.child.exitCode).toBe(3);
    served = await serveHandler(folder, body);
    await untilLogged(ids(20));
  });

  it.each([
    ["never settles at first", `if (once(change.raw.id)) await new Promise(() => {}); log(change.raw.id);`],
    [
      "rejects late, after its time",
      `if (once(change.raw.id)) { await new Promise((resolve) => setTimeout(resolve, 1_500)); throw new Error("late"); } log(change.raw.id);`,
    ],
    ["throws at first", `if (once(change.raw.id)) throw new Error("not yet"); log(change.raw.id);`],
    ["throws undefined at first", `if (once(change.raw.id)) throw undefined; log(change.raw.id);`],
  ])("that %s loses nothing that was acknowledged", { timeout: 30_000 }, async (_, body) => {
    served = await serveHandler(folder, body);
    const { status } = await served.deliver(1, 2, 3);
    expect(status).toBe(202);
    await untilLogged(ids(3));
  });
});
