import { describe, expect, it } from "vitest";

import { startInProcess } from "./in-process-world.ts";
import { verifies } from "./requirements.ts";
import { ADELE, HOUR_MS, MINUTE_MS } from "./world.ts";

describe("latency", () => {
  it("is none when nobody asks for it, but for the collecting of neighbours", async () => {
    await using world = await startInProcess();
    await world.subscribe();
    const changedAt = world.simulator.clock.now();
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    await world.simulator.clock.run(MINUTE_MS);
    expect(world.received.map(({ at }) => at - changedAt)).toEqual([5]);
  });

  it(`${verifies("delivery-latency")} is the documented average and maximum of each resource`, async () => {
    await using world = await startInProcess({ deliver: { latency: "documented" } });
    await world.subscribe({ resource: `users/${ADELE}/messages`, changeType: "created" });
    const changedAt = world.simulator.clock.now();
    for (let count = 0; count < 400; count += 1) {
      await world.graph("POST", `users/${ADELE}/messages`, { subject: String(count) });
    }
    await world.simulator.clock.run(HOUR_MS);
    const delays = world.received.map(({ at }) => at - changedAt);
    expect(delays).toHaveLength(400);
    const average = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
    expect(average).toBeGreaterThan(0.8 * MINUTE_MS);
    expect(average).toBeLessThan(1.2 * MINUTE_MS);
    // The collecting window comes on top.
    expect(Math.max(...delays)).toBeLessThanOrEqual(3 * MINUTE_MS + 5);
    expect(Math.min(...delays)).toBeLessThan(5_000);
  });

  it("can be a table of one's own, and is the same for the same seed", async () => {
    const delaysOf = async (seed: number): Promise<readonly number[]> => {
      await using world = await startInProcess({
        seed,
        deliver: { latency: { user: { averageMs: 60_000, maximumMs: 120_000 } } },
      });
      await world.subscribe();
      for (let count = 0; count < 20; count += 1) {
        await world.graph("PATCH", `users/${ADELE}`, { jobTitle: String(count) });
      }
      await world.simulator.clock.run(HOUR_MS);
      return world.received.map(({ at }) => at);
    };
    const [first, again, other] = [await delaysOf(1), await delaysOf(1), await delaysOf(2)];
    expect(first).toHaveLength(20);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("does not shorten the time a notification is tried", async () => {
    await using world = await startInProcess({
      deliver: { latency: { user: { averageMs: 6 * HOUR_MS, maximumMs: 6 * HOUR_MS } } },
    });
    await world.subscribe();
    world.answerWith(() => new Response(null, { status: 503 }));
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    await world.simulator.clock.run(24 * HOUR_MS);
    const starts = world.simulator.ledger.attempts.map(({ startedAt }) => startedAt);
    const lastedMs = (starts.at(-1) ?? 0) - (starts[0] ?? 0);
    expect(lastedMs).toBeGreaterThan(3 * HOUR_MS);
    expect(world.simulator.ledger.totals.notifications.expired).toBe(1);
  });
});
