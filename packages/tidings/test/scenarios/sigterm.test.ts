import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { serveHandler } from "../support/served-app.ts";

/** What Cloud Run grants a process after SIGTERM. */
const GRANTED_MS = 10_000;
const SENDER_COUNT = 8;

it(
  "SIGTERM under load: ends with 0 within 10 s, and what was answered 202 is handled by the next process",
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "tidings-sigterm-"));
    const log = join(folder, "log");
    const handled = (): Set<string> =>
      new Set(existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
    // The first process has a handler that never ends, and more to do than it can before it ends.
    const served = await serveHandler(
      folder,
      `if (change.raw.id === "notification-0" && once("stuck")) await new Promise(() => {});
       await new Promise((resolve) => setTimeout(resolve, 20));
       log(change.raw.id);`,
      { timeoutMs: 60_000 },
    );
    const accepted: number[] = [];
    const refused: number[] = [];
    try {
      await served.deliver(0);
      accepted.push(0);
      const ended = once(served.child, "exit");
      const over = new AbortController();
      const senders = Array.from({ length: SENDER_COUNT }, async (_, sender) => {
        for (let n = sender + 1; !over.signal.aborted; n += SENDER_COUNT) {
          // What is cut off was not answered, and is Graph's to send again.
          const { status } = await served.post(n).catch(() => ({ status: 0 }));
          (status === 202 ? accepted : refused).push(n);
          if (status === 0) await sleep(10);
        }
      });
      await vi.waitFor(() => expect(accepted.length).toBeGreaterThan(200), { timeout: 10_000 });
      const toldAt = performance.now();
      served.child.kill("SIGTERM");
      expect(await ended).toEqual([0, null]);
      expect(performance.now() - toldAt).toBeLessThan(GRANTED_MS);
      over.abort();
      await Promise.all(senders);
      expect(refused.length).toBeGreaterThan(0);
    } finally {
      await served.kill();
    }

    const next = await serveHandler(folder, `log(change.raw.id)`);
    try {
      const owed = accepted.map((n) => `notification-${n}`);
      await vi.waitFor(() => expect(owed.filter((id) => !handled().has(id))).toEqual([]), {
        timeout: 15_000,
      });
    } finally {
      await next.kill();
      rmSync(folder, { recursive: true });
    }
  },
);
