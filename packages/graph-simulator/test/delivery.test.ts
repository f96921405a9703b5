import { describe, expect, it } from "vitest";

import { ENDPOINT, startInProcess } from "./in-process-world.ts";
import { itemsOf } from "./receiver.ts";
import { verifies } from "./requirements.ts";
import { ADELE, HOUR_MS, inMinutes, startWorld, text, type World } from "./world.ts";

async function changeAdele(world: World, times = 1): Promise<void> {
  for (let time = 1; time <= times; time += 1) {
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: `Title ${time}` });
  }
}

describe("delivery", () => {
  it(`${verifies("delivery-2xx")} a notification is delivered when the endpoint answers in the 2xx class`, async () => {
    await using world = await startWorld();
    await world.subscribe();
    await changeAdele(world);
    await world.simulator.settled();
    const [notification] = world.simulator.ledger.notifications;
    expect(notification).toMatchObject({ changeSeq: 1, state: "delivered", resource: `Users/${ADELE}` });
    expect(world.simulator.ledger.attempts).toEqual([
      expect.objectContaining({
        url: `${world.receiver.url}/notifications`,
        notificationIds: [notification?.id],
        attempt: 1,
        outcome: { kind: "answered", status: 202 },
      }),
    ]);
    expect(world.receiver.deliveries[0]?.headers["content-type"]).toMatch(/^application\/json/);
  });

  it(`${verifies("url-query-preserved")} the query string of the notification URL is part of every delivery`, async () => {
    await using world = await startWorld();
    await world.subscribe({ notificationUrl: `${world.receiver.url}/notifications?secret=a%20b` });
    await changeAdele(world);
    await world.simulator.settled();
    expect(world.receiver.deliveries[0]?.target).toBe("/notifications?secret=a%20b");
  });

  it(`${verifies("batched-delivery")} one delivery may carry notifications of several subscriptions`, async () => {
    await using world = await startWorld({ deliver: { collectMs: 50 } });
    const all = await world.subscribe();
    const one = await world.subscribe({ resource: `users/${ADELE}` });
    await changeAdele(world);
    await world.simulator.settled();
    expect(world.receiver.deliveries).toHaveLength(1);
    expect(world.receiver.notifications.map((item) => item["subscriptionId"])).toEqual([
      text(all.body, "id"),
      text(one.body, "id"),
    ]);
  });

  it(`${verifies("delivery-mixed")} one delivery may carry notifications of several tenants and apps`, async () => {
    const tenants = ["a", "b"].map((letter) => ({
      id: `${letter.repeat(8)}-1111-4111-8111-111111111111`,
      domain: `${letter}.example`,
    }));
    const apps = ["c", "d"].map((letter) => ({
      clientId: `${letter.repeat(8)}-1111-4111-8111-111111111111`,
      clientSecret: letter,
    }));
    const users = tenants.map(({ id, domain }) => ({
      displayName: "Somebody",
      userPrincipalName: `somebody@${domain}`,
      tenantId: id,
    }));
    await using world = await startInProcess({ tenants, apps, users });
    for (const tenant of tenants) {
      for (const app of apps) {
        const graph = await world.graphAs({ ...app, tenantId: tenant.id });
        await graph("POST", "subscriptions", {
          changeType: "updated",
          notificationUrl: `${ENDPOINT}/notifications`,
          resource: "users",
          expirationDateTime: inMinutes(world.simulator, 60),
        });
      }
    }
    for (const { userPrincipalName, tenantId } of users) {
      const graph = await world.graphAs({ clientId: apps[0]?.clientId ?? "", clientSecret: "c", tenantId });
      await graph("PATCH", `users/${userPrincipalName}`, { jobTitle: "Director" });
    }
    await world.simulator.clock.run(1_000);
    expect(world.deliveryCount()).toBe(1);
    const subscriptions = world.simulator.subscriptions.list();
    const carried = world.received.map(
      ({ item }) => `${text(item, "tenantId")} ${text(item, "subscriptionId")}`,
    );
    expect(carried).toEqual(subscriptions.map(({ tenantId, id }) => `${tenantId} ${id}`));
    expect(new Set(subscriptions.map(({ applicationId }) => applicationId)).size).toBe(2);
  });

  it("keeps the order of the changes, and carries no more than it may", async () => {
    await using world = await startWorld({ deliver: { collectMs: 20, maxPerDelivery: 3 } });
    await world.subscribe();
    await changeAdele(world, 20);
    await world.simulator.settled();
    const ids = world.simulator.ledger.notifications.map((notification) => notification.id);
    expect(ids).toHaveLength(20);
    expect(world.receiver.notifications.map((item) => item["id"])).toEqual(ids);
    const sizes = world.receiver.deliveries.map((delivery) => itemsOf(delivery).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(3);
  });

  it("has no more deliveries under way to an endpoint than it may", async () => {
    await using world = await startWorld({ deliver: { collectMs: 0, maxPerDelivery: 1, concurrency: 2 } });
    await world.subscribe();
    world.receiver.answerWith(() => "hang");
    await changeAdele(world, 5);
    await world.receiver.until(() => world.receiver.deliveries.length >= 2);
    await changeAdele(world, 5);
    expect(world.receiver.deliveries).toHaveLength(2);
  });

  it.each([500, 404, 307])(`${verifies("delivery-retry")} tries again after %i`, async (status) => {
    await using world = await startWorld();
    await world.subscribe();
    world.receiver.answerWith(() => ({ status, location: "/elsewhere" }));
    const failed = world.next("delivery:failed");
    await changeAdele(world);
    const { retryAt } = await failed;
    expect(retryAt).toBeGreaterThan(world.simulator.clock.now());
    expect(world.simulator.ledger.notifications[0]?.state).toBe("pending");

    world.receiver.answerWith(() => undefined);
    world.simulator.clock.advance(10_000);
    await world.simulator.settled();
    const [first, second] = world.receiver.notifications;
    expect(second).toEqual(first);
    expect(world.simulator.ledger.attempts.map(({ attempt, outcome }) => ({ attempt, outcome }))).toEqual([
      { attempt: 1, outcome: { kind: "answered", status } },
      { attempt: 2, outcome: { kind: "answered", status: 202 } },
    ]);
  });

  it(`${verifies("delivery-retry")} a failed delivery is tried again with exponential backoff for up to 4 hours`, async () => {
    await using world = await startWorld();
    await world.subscribe({
      expirationDateTime: new Date(world.simulator.clock.now() + 8 * HOUR_MS).toISOString(),
    });
    world.receiver.answerWith(() => ({ status: 503 }));
    const delays: number[] = [];
    world.simulator.events.on("delivery:failed", ({ attempt, retryAt }) => {
      if (retryAt === null) return;
      delays.push(Math.round((retryAt - attempt.startedAt) / 10_000) * 10);
      world.simulator.clock.advance(retryAt - world.simulator.clock.now());
    });
    const expired = world.next("notification:expired");
    await changeAdele(world);
    expect((await expired).notification).toMatchObject({ state: "expired", resource: `Users/${ADELE}` });
    await world.simulator.settled();
    expect(delays.slice(0, 6)).toEqual([10, 20, 40, 80, 160, 320]);
    const [first] = world.simulator.ledger.attempts;
    const last = world.simulator.ledger.attempts.at(-1);
    const lastedMs = (last?.startedAt ?? 0) - (first?.startedAt ?? 0);
    expect(lastedMs).toBeGreaterThan(3 * HOUR_MS);
    expect(lastedMs).toBeLessThanOrEqual(4 * HOUR_MS);
  });

  it(`${verifies("delivery-retry")} makes a last attempt when the clock jumps over the window`, async () => {
    await using world = await startWorld();
    await world.subscribe();
    world.receiver.answerWith(() => ({ status: 503 }));
    const failed = world.next("delivery:failed");
    await changeAdele(world);
    await failed;
    world.simulator.clock.advance(5 * HOUR_MS);
    await world.simulator.settled();
    expect(world.simulator.ledger.attempts).toHaveLength(2);
    expect(world.simulator.ledger.notifications[0]?.state).toBe("expired");
  });

  it(`${verifies("delivery-timeout")} an endpoint that does not answer the first attempt in time is tried again, with more time`, async () => {
    await using world = await startWorld({
      deliver: { collectMs: 1, firstTimeoutMs: 30, retryTimeoutMs: 90 },
    });
    await world.subscribe();
    world.receiver.answerWith(() => "hang");
    const first = world.next("delivery:failed");
    await changeAdele(world);
    expect((await first).attempt.outcome).toEqual({ kind: "timed-out" });
    const second = world.next("delivery:failed");
    world.simulator.clock.advance(10_000);
    const { attempt } = await second;
    expect(attempt).toMatchObject({ attempt: 2, outcome: { kind: "timed-out" } });
    expect(attempt.durationMs).toBeGreaterThanOrEqual(80);
  });

  it("lets later notifications pass one that waits for its retry", async () => {
    await using world = await startWorld();
    await world.subscribe();
    world.receiver.answerWith(() => ({ status: 503 }));
    const failed = world.next("delivery:failed");
    await changeAdele(world);
    await failed;
    world.receiver.answerWith(() => undefined);
    const delivered = world.next("delivery:succeeded");
    await changeAdele(world);
    await delivered;
    expect(world.simulator.ledger.notifications.map(({ state }) => state)).toEqual(["pending", "delivered"]);
  });

  it("reaches an endpoint that was away", async () => {
    await using world = await startWorld();
    await world.subscribe();
    await world.receiver[Symbol.asyncDispose]();
    const failed = world.next("delivery:failed");
    await changeAdele(world);
    expect((await failed).attempt.outcome).toEqual({ kind: "unreachable", error: "ECONNREFUSED" });
  });

  it("still delivers what a subscription was owed when it was deleted", async () => {
    await using world = await startWorld({ deliver: { collectMs: 50 } });
    const subscription = await world.subscribe();
    await changeAdele(world);
    await world.graph("DELETE", `subscriptions/${text(subscription.body, "id")}`);
    await world.simulator.settled();
    expect(world.receiver.notifications).toHaveLength(1);
  });

  it("says so to who waits when the simulator closes first", async () => {
    await using world = await startWorld();
    await world.subscribe();
    world.receiver.answerWith(() => "hang");
    await changeAdele(world);
    const settled = world.simulator.settled();
    await Promise.all([
      expect(settled).rejects.toThrow("closed with notifications pending"),
      world.simulator.close(),
    ]);
  });
});
