import { describe, expect, it } from "vitest";
import { runTarget } from "./run-target.ts";
import { targets } from "./targets.ts";

/** `npm run fuzz` tries many more. */
const CASES: Readonly<Record<string, number>> = { decrypt: 4_000, pem: 1_500, receiver: 8_000, token: 8_000 };

describe("S17: strangers", () => {
  it.each(targets)("neither crash, hang nor fool `$name`", { timeout: 60_000 }, async (target) => {
    const { failures, outcomes } = await runTarget(target, { cases: CASES[target.name] ?? 2_000, seed: 1 });
    expect(failures).toEqual([]);
    // What is genuine was among it.
    expect(Object.keys(outcomes).length).toBeGreaterThan(1);
  });

  it("would be found: a target that fails is told with the seed that makes it fail again", async () => {
    const broken = {
      name: "broken",
      prepare: async () => ({
        async run(random: { next(): number }) {
          if (random.next() < 0.01) throw new Error("crash");
          return "fine";
        },
      }),
    };
    const { failures } = await runTarget(broken, { cases: 1_000, seed: 1 });
    expect(failures.length).toBeGreaterThan(0);
    const [failure] = failures;
    expect((await runTarget(broken, { cases: 1, seed: failure?.seed ?? 0 })).failures).toEqual([failure]);
  });

  it("would be found: a target that hangs", async () => {
    const busy = {
      name: "busy",
      prepare: async () => ({
        async run() {
          const until = process.threadCpuUsage().user + 150_000;
          while (process.threadCpuUsage().user < until);
          return "late";
        },
      }),
    };
    const { failures, slowestMs } = await runTarget(busy, { cases: 1, seed: 1 });
    expect(failures).toEqual([{ seed: 1, message: expect.stringMatching(/^took \d+ ms of the processor$/) }]);
    expect(slowestMs).toBeGreaterThan(100);
  });
});
