import { describe, expect, it } from "vitest";
import type { Declaration } from "../../src/app/declaration.ts";
import type { Tidings } from "../../src/app/tidings.ts";
import { createDemand } from "./demand.ts";
import { disorderOf, perPeriod } from "./herd-figures.ts";
import { SimulatedWorld, type Renewal } from "./simulated-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Half of a day's life, when it is time to renew. */
const CYCLE_MS = 12 * HOUR_MS;
const OUTAGE_MS = 6 * HOUR_MS;

function declare(tidings: Tidings): Declaration {
  return tidings.on("users/{id}/messages", { lifetimeMs: 24 * HOUR_MS }, () => {});
}

it(
  "after an outage of 6 h the herd is spent in order of expiry and is none in the next cycle",
  {
    timeout: 120_000,
  },
  async () => {
    const { targets, population } = createDemand(1_500, 1);
    const mail = targets.filter(({ declaration }) => declaration === "messages");
    await using world = await SimulatedWorld.create(1, population, declare);
    const renewals: Renewal[] = [];
    world.onRenewed = (renewal) => renewals.push(renewal);
    world.fleet.start();
    // One after another: what is due within six hours has nothing else in common.
    const subscribed = (async () => {
      for (const { key, params, tenantId } of mail) {
        world.tell({ kind: "wanted", key });
        await world.fleet.ask(async ({ declared }) => declared.subscribe(params, { tenantId }));
        await world.time.sleep(CYCLE_MS / mail.length);
      }
    })();
    await world.live(2 * CYCLE_MS);
    await subscribed;
    world.graph.faults.start({ kind: "fail-requests", service: "graph", how: "reset", for: OUTAGE_MS });
    void world.hinder(OUTAGE_MS);
    await world.live(OUTAGE_MS);
    renewals.length = 0;
    await world.live(HOUR_MS);
    const herd = renewals.splice(0).slice(0, mail.length / 4);
    await world.live(14 * HOUR_MS);

    expect(world.end()).toEqual([]);
    const busiestHour = Math.max(...perPeriod(renewals, HOUR_MS)) / renewals.length;
    const busiestMinute = Math.max(...perPeriod(renewals, MINUTE_MS)) / renewals.length;
    expect(disorderOf(herd)).toBeLessThan(0.1);
    // A tenth of the cycle either way: what came in a minute comes in 2.4 h.
    expect(busiestHour).toBeLessThan(0.3);
    expect(busiestMinute).toBeLessThan(0.02);
  },
);

function renewal(at: number, expiredAt: number): Renewal {
  return { key: "a", at, expiredAt };
}

describe("the figures of a herd", () => {
  it("say how far it is out of order", () => {
    expect(disorderOf([])).toBe(0);
    expect(disorderOf([renewal(0, 1), renewal(1, 2), renewal(2, 3)])).toBe(0);
    expect(disorderOf([renewal(0, 3), renewal(1, 2), renewal(2, 1)])).toBe(1);
    expect(disorderOf([renewal(0, 2), renewal(1, 1), renewal(2, 3)])).toBeCloseTo(1 / 3);
  });

  it("say how many come when", () => {
    expect(perPeriod([], 10)).toEqual([]);
    expect(perPeriod([renewal(10, 0), renewal(19, 0), renewal(35, 0)], 10)).toEqual([2, 0, 1]);
  });
});
