import { expect, it, vi } from "vitest";
import { createWorld, toldOf } from "../support/world.ts";

const CHANGES_OF_EACH = 10;
const COPIES = 99;

it("a storm of 100 of each notification is handled once each, those that come after the work too", async () => {
  await using world = await createWorld();
  const handled = new Map<string | undefined, number>();
  await using app = await world.serve((tidings) =>
    tidings.on("users", { changeType: "updated" }, ({ resourceKey }) => {
      handled.set(resourceKey, (handled.get(resourceKey) ?? 0) + 1);
    }),
  );
  await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
  world.simulator.faults.start({ kind: "duplicate-notifications", copies: COPIES, delay: "2s" });

  const made = CHANGES_OF_EACH * world.userIds.length;
  await Promise.all(
    world.userIds.map(async (userId) => {
      for (let n = 1; n <= CHANGES_OF_EACH; n++)
        await world.tenant.request("PATCH", `users/${userId}`, { body: { jobTitle: `Title ${n}` } });
    }),
  );
  const counted = () =>
    toldOf(app, "delivery:stored").reduce<{ stored: number; duplicates: number }>(
      ({ stored, duplicates }, event) => ({
        stored: stored + Number(Reflect.get(Object(event), "storedCount")),
        duplicates: duplicates + Number(Reflect.get(Object(event), "duplicateCount")),
      }),
      { stored: 0, duplicates: 0 },
    );
  await vi.waitFor(() => expect(counted()).toEqual({ stored: made, duplicates: made * COPIES }), {
    timeout: 20_000,
  });
  await vi.waitFor(() => expect(toldOf(app, "change:handled")).toHaveLength(made));
  expect(toldOf(app, "items:refused")).toEqual([]);
  for (const userId of world.userIds) expect(handled.get(`users/${userId}`)).toBe(CHANGES_OF_EACH);
}, 40_000);
