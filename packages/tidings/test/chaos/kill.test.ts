import { describe, expect, it } from "vitest";
import { killAt, killAtRandom } from "./chaos-run.ts";
import type { KillPoint } from "./chaos-traffic.ts";

const KILL_COUNT = 40;

it(
  "after SIGKILL at any instant, what was answered 202 is handled, in order",
  { timeout: 120_000 },
  async () => {
    const { violations, ackedCount, recoveryMs } = await killAtRandom(KILL_COUNT);
    expect(violations).toEqual([]);
    expect(ackedCount).toBeGreaterThan(KILL_COUNT);
    expect(recoveryMs).toBeLessThan(10_000);
  },
);

/** What may be done again, by where the process died. One with an id is recognised when its sender comes again. */
const ALLOWED: readonly {
  readonly point: KillPoint;
  readonly hasId: boolean;
  readonly begun: readonly number[];
  readonly handled: readonly number[];
}[] = [
  { point: "before flush", hasId: true, begun: [1], handled: [1] },
  { point: "before flush", hasId: false, begun: [1], handled: [1] },
  { point: "after commit, before the reply", hasId: true, begun: [1], handled: [1] },
  { point: "after commit, before the reply", hasId: false, begun: [1, 2], handled: [1, 2] },
  { point: "while handling", hasId: true, begun: [2], handled: [1] },
  { point: "after the handler, before settling", hasId: true, begun: [2], handled: [2] },
  { point: "while settling", hasId: true, begun: [1, 2], handled: [1, 2] },
];

describe("SIGKILL at a point repeats no more than it must", () => {
  it.each(ALLOWED)("$point, with an id: $hasId", async ({ point, hasId, begun, handled }) => {
    const { violations, begunCount, handledCount } = await killAt(point, hasId);
    expect(violations).toEqual([]);
    expect(begun).toContain(begunCount);
    expect(handled).toContain(handledCount);
  });
});
