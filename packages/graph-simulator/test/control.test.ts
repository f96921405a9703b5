import { describe, expect, it } from "vitest";

import { ADELE, HOUR_MS, objects, startWorld, text } from "./world.ts";

describe("the control API", () => {
  it("says that it is there", async () => {
    await using world = await startWorld();
    expect((await world.plain("GET", "/_simulator/health")).body).toEqual({ status: "ok" });
  });

  it("shows the clock and lets it jump", async () => {
    await using world = await startWorld();
    const before = world.simulator.clock.now();
    const advanced = world.next("clock:advanced");
    const answer = await world.plain("POST", "/_simulator/clock", { advanceMs: HOUR_MS });
    expect(answer.body["now"]).toBeGreaterThanOrEqual(before + HOUR_MS);
    expect(world.simulator.clock.now()).toBeGreaterThanOrEqual(before + HOUR_MS);
    expect((await advanced).advanceMs).toBe(HOUR_MS);
    const shown = await world.plain("GET", "/_simulator/clock");
    expect(Date.parse(text(shown.body, "dateTime"))).toBe(shown.body["now"]);
  });

  it.each([{}, { advanceMs: -1 }, { advanceMs: "1" }])("refuses to advance the clock by %j", async (body) => {
    await using world = await startWorld();
    expect((await world.plain("POST", "/_simulator/clock", body)).status).toBe(400);
  });

  it("shows the ledger, whole or one kind of entry", async () => {
    await using world = await startWorld();
    const subscription = await world.subscribe();
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    await world.simulator.settled();
    const whole = await world.plain("GET", "/_simulator/ledger");
    for (const kind of ["changes", "notifications", "attempts", "handshakes"]) {
      expect(objects(whole.body, kind)).toHaveLength(1);
      const one = await world.plain("GET", `/_simulator/ledger?kind=${kind}`);
      expect(one.body).toEqual({ [kind]: whole.body[kind] });
    }
    expect(objects(whole.body, "notifications")[0]).toMatchObject({
      subscriptionId: text(subscription.body, "id"),
      state: "delivered",
    });
    expect((await world.plain("GET", "/_simulator/ledger?kind=secrets")).status).toBe(400);
  });

  it("shows the subscriptions with their client state", async () => {
    await using world = await startWorld();
    await world.subscribe();
    const answer = await world.plain("GET", "/_simulator/subscriptions");
    expect(objects(answer.body, "subscriptions")).toEqual([
      expect.objectContaining({ clientState: "open sesame", tenantId: world.simulator.tenantId }),
    ]);
  });

  it("resets everything but the clock", async () => {
    await using world = await startWorld();
    await world.subscribe();
    world.receiver.answerWith(() => ({ status: 503 }));
    const failed = world.next("delivery:failed");
    await world.graph("DELETE", `users/${ADELE}`);
    await failed;
    world.simulator.clock.advance(60_000);
    const before = world.simulator.clock.now();
    expect((await world.plain("POST", "/_simulator/reset")).status).toBe(200);

    await world.simulator.settled();
    expect(world.simulator.clock.now()).toBeGreaterThanOrEqual(before);
    expect(world.simulator.subscriptions.list()).toEqual([]);
    expect(world.simulator.ledger).toMatchObject({
      changes: [],
      notifications: [],
      attempts: [],
      handshakes: [],
    });
    expect((await world.graph("GET", `users/${ADELE}`)).status).toBe(200);
  });

  it("refuses what it does not know", async () => {
    await using world = await startWorld();
    expect((await world.plain("GET", "/_simulator/secrets")).status).toBe(400);
    expect((await world.plain("GET", "/_simulator/reset")).status).toBe(405);
  });
});
