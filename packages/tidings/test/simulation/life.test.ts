import { describe, expect, it } from "vitest";
import { Life, type StepKind } from "./life.ts";

/** What a process gets done and hears of, that does one thing after another. */
async function live(life: Life, kinds: readonly StepKind[]): Promise<string[]> {
  const told: string[] = [];
  const work = (async () => {
    for (const [index, kind] of kinds.entries()) {
      await life.pass(kind, async () => told.push(`done ${index}`));
      told.push(`heard ${index}`);
    }
    return "lived" as const;
  })();
  told.push(await life.outcomeOf(work));
  return told;
}

describe("a process that dies", () => {
  it.each([
    { steps: 1, told: ["died"] },
    { steps: 2, told: ["done 0", "died"] },
    { steps: 3, told: ["done 0", "heard 0", "died"] },
    { steps: 4, told: ["done 0", "heard 0", "done 1", "died"] },
    { steps: 5, told: ["done 0", "heard 0", "done 1", "heard 1", "lived"] },
  ])("at its step $steps has $told", async ({ steps, told }) => {
    const life = new Life();
    life.doom({ of: "any", steps });
    expect(await live(life, ["store", "graph"])).toEqual(told);
  });

  it("may do so at a step of one kind", async () => {
    const life = new Life();
    life.doom({ of: "graph", steps: 1 });
    expect(await live(life, ["store", "graph"])).toEqual(["done 0", "heard 0", "died"]);
  });

  it("does not hear of a failure either", async () => {
    const life = new Life();
    life.doom({ of: "any", steps: 2 });
    const work = life.pass("store", () => Promise.reject(new Error("no")));
    expect(await life.outcomeOf(work)).toBe("died");
  });
});
