import { expect, it } from "vitest";
import { simulate, type SimulationOptions } from "./simulate.ts";

/** Says how to see it again. */
function commandOf({ subscriptions, days, seed, processes = 1 }: SimulationOptions): string {
  return `npm run simulate -- --subscriptions ${subscriptions} --days ${days} --seed ${seed} --processes ${processes}`;
}

it.each<SimulationOptions>([
  { subscriptions: 1_000, days: 30, seed: 1 },
  { subscriptions: 200, days: 5, seed: 2, processes: 2 },
])(
  "$subscriptions subscriptions of $processes process are alive exactly once for $days days, seed $seed",
  { timeout: 300_000 },
  async (options) => {
    const { violations, counts } = await simulate(options);
    const found = { command: commandOf(options), count: violations.length, first: violations.slice(0, 20) };
    expect(found).toEqual({ ...found, count: 0, first: [] });
    // Else nothing was proved.
    expect(counts["killed"]).toBeGreaterThan(options.days);
    expect(counts["renewed"]).toBeGreaterThan(options.subscriptions);
  },
);

it("goes the same way again with the same seed, and another with another", { timeout: 60_000 }, async () => {
  const options = { subscriptions: 100, days: 2, tenants: 5 };
  const [first, second, other] = [
    await simulate({ ...options, seed: 1 }),
    await simulate({ ...options, seed: 1 }),
    await simulate({ ...options, seed: 2 }),
  ];
  expect(second.digest).toBe(first.digest);
  expect(other.digest).not.toBe(first.digest);
});
