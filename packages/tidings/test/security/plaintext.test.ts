import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import { createRichWorld } from "../support/rich-world.ts";

const CANARY = "canary-9f27c1";

/** Files of a folder that hold a text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder).filter((file) => readFileSync(join(folder, file)).includes(text));
}

it("resource data rests on the disk as Graph encrypted it, whatever becomes of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidings-plaintext-"));
  try {
    const store = sqlite(join(folder, "tidings.db"), { allowEphemeral: true });
    await using world = await createRichWorld({ store, historyMs: 3_600_000 });
    await world.sendMail(`${CANARY} handled`);
    await vi.waitFor(() => expect(world.handled).toHaveLength(1), 10_000);
    world.fail.with = new Error("the handler's own words");
    await world.sendMail(`${CANARY} failed`);
    await vi.waitFor(() => expect(world.toldOf("change:failed")).toHaveLength(1), 10_000);
    // What is there proves that the disk was looked at.
    expect(filesWith(folder, "encryptedContent")).not.toEqual([]);
    expect(filesWith(folder, CANARY)).toEqual([]);
    await world.tidings.stop();
    expect(filesWith(folder, "encryptedContent")).not.toEqual([]);
    expect(filesWith(folder, CANARY)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
