import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { serveHandler } from "../support/served-app.ts";

const STDOUT = new URL("../../src/sink/stdout/stdout.ts", import.meta.url).href;
const WRITE = `
  const { stdout } = await import(${JSON.stringify(STDOUT)});
  await stdout().batch([change], context);`;

it("`serve` ends when nobody reads its sink `stdout`; the next writes what that one could not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidings-stdout-"));
  try {
    const first = await serveHandler(folder, WRITE);
    await first.deliver(1);
    await vi.waitFor(() => expect(first.output()).toContain('"notification-1"'), 5_000);
    const exited = once(first.child, "exit");
    first.child.stdout?.destroy();
    await first.deliver(2);
    expect(await exited).toEqual([1, null]);
    const second = await serveHandler(folder, WRITE);
    await vi.waitFor(() => expect(second.output()).toContain('"notification-2"'), 5_000);
    expect(second.output()).not.toContain('"notification-1"');
    await second.kill();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
