import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { MAX_DELIVERY_ITEMS } from "../../src/core/delivery.ts";
import { serveHandler } from "../support/served-app.ts";

it("a stranger's bodies of 10,000 items each cost a few lines, and honest changes no time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidings-strangers-"));
  const served = await serveHandler(folder, `log(change.id)`);
  try {
    await served.deliver(1);
    const body = JSON.stringify({ value: Array(MAX_DELIVERY_ITEMS).fill(0) });
    for (let n = 0; n < 40; n += 1) {
      const answer = await fetch(`${served.url}/notifications`, { method: "POST", body });
      expect(answer.status).toBe(202);
    }
    await served.deliver(2);
    const handled = (): string[] => readFileSync(join(folder, "log"), "utf8").trim().split("\n");
    await vi.waitFor(() => expect(handled()).toHaveLength(2), { timeout: 2_000 });
    expect(served.output().match(/"notifications refused"/g)?.length).toBeLessThan(5);
  } finally {
    await served.kill();
    rmSync(folder, { recursive: true });
  }
});
