import { TAMPERINGS } from "@tidings/graph-simulator";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createRichWorld, type RichWorld } from "../support/rich-world.ts";

/** What a client state, or the tenant it is for, stops before anything is written. */
const REFUSED_AT_ONCE: ReadonlySet<string> = new Set(["client-state", "tenant"]);
/** A certificate or a key that is not known may be by and by: what needs it waits, and nobody handles it. */
const WAITING: ReadonlySet<string> = new Set(["certificate-id", "token-unknown-key"]);

// S2, S4: as the simulated Graph sends it, over the whole way.
describe("what is tampered with on its way is not handled", () => {
  let world: RichWorld;
  beforeAll(async () => {
    world = await createRichWorld();
  });
  afterAll(async () => world[Symbol.asyncDispose]());

  it.each(TAMPERINGS)("%s", { timeout: 20_000 }, async (what) => {
    const count = async (): Promise<{ refused: number; dead: number; waiting: number }> => {
      const health = await world.tidings.health();
      const { waiting, dead } = health.state === "running" ? health.inbox : { waiting: 0, dead: 0 };
      return { refused: world.toldOf("items:refused").length, dead, waiting };
    };
    const before = await count();
    world.simulator.tampering.order({ what });
    await world.sendMail(`tampered with: ${what}`);
    const after = { ...before };
    if (REFUSED_AT_ONCE.has(what)) after.refused += 1;
    else if (WAITING.has(what)) after.waiting += 1;
    else after.dead += 1;
    await vi.waitFor(async () => expect(await count()).toEqual(after), 10_000);

    // The next one is handled, whatever became of it.
    await world.sendMail(`after ${what}`);
    await vi.waitFor(() => expect(world.handled.at(-1)?.subject).toBe(`after ${what}`), 10_000);
    expect(world.handled.map(({ subject }) => subject)).not.toContain(`tampered with: ${what}`);
  });

  it("and what waited for a key that nobody has is given up once its documents are newer", async () => {
    const dead = world.toldOf("change:dead").length;
    await world.pass(5 * 60_000);
    await vi.waitFor(() => expect(world.toldOf("change:dead")).toHaveLength(dead + 1), 10_000);
    expect(await world.tidings.health()).toMatchObject({ inbox: { waiting: 1 } });
  });

  it("and what waited for a certificate that nobody has, after a day", async () => {
    await world.pass(26 * 3_600_000);
    await vi.waitFor(
      async () => expect(await world.tidings.health()).toMatchObject({ inbox: { waiting: 0 } }),
      10_000,
    );
    expect(world.handled.every(({ subject }) => String(subject).startsWith("after "))).toBe(true);
  });
});
