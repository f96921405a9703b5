import { describe, expect, it } from "vitest";

import { nextChallengeAt } from "../src/lifecycle/challenge-schedule.ts";
import type { LifecycleNotificationEntry, SimulatorOptions } from "../src/index.ts";
import { ENDPOINT, startInProcess, type InProcessWorld } from "./in-process-world.ts";
import { verifies } from "./requirements.ts";
import { ADELE, errorOf, HOUR_MS, inMinutes, MINUTE_MS, startWorld, text, type World } from "./world.ts";

const MESSAGES = `users/${ADELE}/messages`;

async function subscribeToMail(world: World, properties: Record<string, string> = {}): Promise<string> {
  const created = await world.subscribe({
    resource: MESSAGES,
    changeType: "created",
    expirationDateTime: inMinutes(world.simulator, 10_000),
    lifecycleNotificationUrl: `${world.receiver.url}/lifecycle`,
    ...properties,
  });
  expect(created.status).toBe(201);
  return text(created.body, "id");
}

async function sendMail(world: World): Promise<void> {
  const graph = await world.freshGraph();
  expect((await graph("POST", MESSAGES, { subject: "Hello" })).status).toBe(201);
}

describe("a lifecycle notification", () => {
  it(`${verifies("lifecycle-shape")} has nothing of a resource, and goes to the lifecycle URL`, async () => {
    await using world = await startWorld();
    const id = await subscribeToMail(world);
    const owed = world.simulator.lifecycle.missNotifications(id);
    await world.simulator.settled();
    expect(world.receiver.deliveries.map(({ target }) => target)).toEqual(["/lifecycle"]);
    expect(world.receiver.notifications).toEqual([
      {
        subscriptionId: id,
        subscriptionExpirationDateTime: expect.stringMatching(
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00$/,
        ),
        tenantId: world.simulator.tenantId,
        clientState: "open sesame",
        lifecycleEvent: "missed",
      },
    ]);
    expect(world.simulator.ledger.lifecycle).toEqual([
      { ...owed, state: "delivered", settledAt: expect.any(Number) },
    ]);
  });

  it.each([
    { tenantProperty: "organizationId", has: ["organizationId"] },
    { tenantProperty: "both", has: ["tenantId", "organizationId"] },
  ] as const)("names the tenant as $tenantProperty when told to", async ({ tenantProperty, has }) => {
    await using world = await startWorld({ lifecycle: { tenantProperty } });
    world.simulator.lifecycle.missNotifications(await subscribeToMail(world));
    await world.simulator.settled();
    const [item = {}] = world.receiver.notifications;
    expect(["tenantId", "organizationId"].filter((name) => name in item).toSorted()).toEqual(
      [...has].toSorted(),
    );
  });

  it(`${verifies("lifecycle-batched")} travels with others, each with an event of its own`, async () => {
    await using world = await startWorld({ deliver: { collectMs: 50 } });
    const first = await subscribeToMail(world);
    const second = await subscribeToMail(world, { resource: `users/${ADELE}/events` });
    world.simulator.lifecycle.requireReauthorization(first);
    world.simulator.lifecycle.removeSubscription(second);
    await world.simulator.settled();
    expect(world.receiver.deliveries).toHaveLength(1);
    expect(world.receiver.notifications).toMatchObject([
      { lifecycleEvent: "reauthorizationRequired", subscriptionId: first },
      { lifecycleEvent: "subscriptionRemoved", subscriptionId: second },
    ]);
  });

  it(`${verifies("lifecycle-url-only")} is not sent without a lifecycle URL`, async () => {
    await using world = await startWorld();
    const created = await world.subscribe({ resource: MESSAGES });
    const { lifecycle } = world.simulator;
    expect(lifecycle.requireReauthorization(text(created.body, "id"))).toBeUndefined();
    await world.simulator.settled();
    expect(world.receiver.deliveries).toEqual([]);
  });

  it("goes to the notification URL instead, as it once did, when told to", async () => {
    await using world = await startWorld({ lifecycle: { withoutUrl: "notificationUrl" } });
    const created = await world.subscribe({ resource: MESSAGES });
    world.simulator.lifecycle.removeSubscription(text(created.body, "id"));
    await world.simulator.settled();
    expect(world.receiver.deliveries.map(({ target }) => target)).toEqual(["/notifications"]);
  });

  it(`${verifies("lifecycle-url-fixed")} is not to be had by an update`, async () => {
    await using world = await startWorld();
    const created = await world.subscribe({ resource: MESSAGES });
    const id = text(created.body, "id");
    const updated = await world.graph("PATCH", `subscriptions/${id}`, {
      expirationDateTime: inMinutes(world.simulator, 90),
      lifecycleNotificationUrl: `${world.receiver.url}/lifecycle`,
    });
    expect(updated.body["lifecycleNotificationUrl"]).toBeNull();
    expect(world.simulator.lifecycle.missNotifications(id)).toBeUndefined();
  });

  it.each([
    { resource: MESSAGES, told: ["reauthorizationRequired", "missed", "subscriptionRemoved"] },
    { resource: "/chats/getAllMessages", told: ["reauthorizationRequired", "subscriptionRemoved"] },
    { resource: "users", told: ["reauthorizationRequired"] },
  ])(`${verifies("lifecycle-supported")} of $resource is one of $told`, async ({ resource, told }) => {
    await using world = await startWorld();
    const id = await subscribeToMail(world, {
      resource,
      changeType: "updated",
      expirationDateTime: inMinutes(world.simulator, 60),
    });
    const { lifecycle } = world.simulator;
    lifecycle.requireReauthorization(id);
    lifecycle.missNotifications(id);
    lifecycle.removeSubscription(id);
    await world.simulator.settled();
    expect(world.receiver.notifications.map((item) => item["lifecycleEvent"])).toEqual(told);
  });

  it("is brought about by the control API too, and refused of what is not there", async () => {
    await using world = await startWorld();
    const id = await subscribeToMail(world);
    const events = { challenge: "reauthorizationRequired", miss: "missed", remove: "subscriptionRemoved" };
    for (const [verb, lifecycleEvent] of Object.entries(events)) {
      const answer = await world.plain("POST", `/_simulator/subscriptions/${id}/${verb}`);
      expect(answer.body).toMatchObject({ notification: { lifecycleEvent, state: "pending" } });
    }
    await world.simulator.settled();
    const { body } = await world.plain("GET", "/_simulator/ledger?kind=lifecycle");
    expect(body["lifecycle"]).toEqual(world.simulator.ledger.lifecycle);
    expect((await world.plain("POST", `/_simulator/subscriptions/${id}/miss`)).status).toBe(404);
    expect(() => world.simulator.lifecycle.missNotifications(id)).toThrow(TypeError);
  });
});

describe("challenges", () => {
  it(`${verifies("challenge-growing")} come more often as the end comes nearer`, () => {
    const deadline = 30 * HOUR_MS;
    const hoursLeft: number[] = [];
    let at: number | undefined = 0;
    for (at = nextChallengeAt(at, deadline); at !== undefined; at = nextChallengeAt(at, deadline)) {
      hoursLeft.push((deadline - at) / HOUR_MS);
    }
    expect(hoursLeft).toEqual([12, 6, 3, 2.75, 2.5, 2.25, 2, 1.75, 1.5, 1.25, 1, 0.75, 0.5, 0.25, 0]);
  });

  it(`${verifies("challenge-expiry")} come when a subscription is about to expire`, async () => {
    await using world = await startWorld();
    const id = await subscribeToMail(world, { expirationDateTime: inMinutes(world.simulator, 24 * 60) });
    world.simulator.clock.advance(11 * HOUR_MS);
    expect(world.simulator.ledger.lifecycle).toEqual([]);
    world.simulator.clock.advance(HOUR_MS);
    await world.simulator.settled();
    expect(world.receiver.notifications).toMatchObject([
      { lifecycleEvent: "reauthorizationRequired", subscriptionId: id },
    ]);
  });

  it(`${verifies("challenge-token")} come when the access token is about to expire, until a renewal with a new one`, async () => {
    await using world = await startWorld({ lifecycle: { challenges: "all" } });
    const { simulator } = world;
    const id = await subscribeToMail(world);
    for (const count of [1, 2, 3]) {
      simulator.clock.advance(15 * MINUTE_MS);
      expect(simulator.ledger.lifecycle).toHaveLength(count);
    }
    const graph = await world.freshGraph();
    const expirationDateTime = inMinutes(simulator, 10_000);
    expect((await graph("PATCH", `subscriptions/${id}`, { expirationDateTime })).status).toBe(200);
    simulator.clock.advance(14 * MINUTE_MS);
    expect(simulator.ledger.lifecycle).toHaveLength(3);
    simulator.clock.advance(MINUTE_MS);
    expect(simulator.ledger.lifecycle).toHaveLength(4);
  });

  it.each(["resource-data", "never"] as const)(
    "of tokens leave a subscription without resource data alone with %s",
    async (challenges) => {
      await using world = await startWorld({ lifecycle: { challenges } });
      await subscribeToMail(world);
      world.simulator.clock.advance(2 * HOUR_MS);
      expect(world.simulator.ledger.lifecycle).toEqual([]);
    },
  );
});

describe("reauthorizing", () => {
  it(`${verifies("reauthorize-204")} answers 204 and leaves the expiry as it is`, async () => {
    await using world = await startWorld();
    const id = await subscribeToMail(world);
    const before = world.simulator.subscriptions.get(id);
    world.simulator.clock.advance(20 * MINUTE_MS);
    const told = world.next("subscription:reauthorized");
    const graph = await world.freshGraph();
    const answer = await graph("POST", `subscriptions/${id}/reauthorize`);
    expect(answer).toMatchObject({ status: 204, body: {} });
    const { subscription } = await told;
    expect(subscription.expiresAt).toBe(before?.expiresAt);
    expect(subscription.authorizedUntil).toBeGreaterThan((before?.authorizedUntil ?? 0) + 15 * MINUTE_MS);
    expect(
      (await graph("POST", "subscriptions/11111111-2222-4333-8444-555555555555/reauthorize")).status,
    ).toBe(404);
  });

  it(`${verifies("challenge-pause")} lets notifications flow again that a challenge had paused`, async () => {
    await using world = await startWorld();
    const id = await subscribeToMail(world);
    world.simulator.lifecycle.requireReauthorization(id, { pause: true });
    await sendMail(world);
    await world.receiver.until(() => world.receiver.notifications.length === 1);
    expect(world.simulator.ledger.notifications).toMatchObject([{ state: "pending" }]);
    await world.graph("POST", `subscriptions/${id}/reauthorize`);
    await world.simulator.settled();
    expect(world.receiver.notifications).toMatchObject([
      { lifecycleEvent: "reauthorizationRequired" },
      { changeType: "created" },
    ]);
  });

  it(`${verifies("challenge-pause")} comes too late for what was held for more than 4 hours`, async () => {
    await using world = await startWorld();
    const id = await subscribeToMail(world);
    world.simulator.lifecycle.requireReauthorization(id, { pause: true });
    await sendMail(world);
    const lost = world.next("notification:expired");
    world.simulator.clock.advance(4 * HOUR_MS + MINUTE_MS);
    expect((await lost).notification.subscriptionId).toBe(id);
    const graph = await world.freshGraph();
    await graph("POST", `subscriptions/${id}/reauthorize`);
    await world.simulator.settled();
    expect(world.receiver.notifications.filter((item) => item["changeType"])).toEqual([]);
  });

  it.each([
    { afterTokenExpiry: "continue", state: "delivered" },
    { afterTokenExpiry: "hold", state: "pending" },
    { afterTokenExpiry: "lose", state: "expired" },
  ] as const)("when the token is over, '$afterTokenExpiry' makes a notification $state", async (row) => {
    const { afterTokenExpiry, state } = row;
    await using world = await startWorld({ lifecycle: { afterTokenExpiry } });
    await subscribeToMail(world);
    world.simulator.clock.advance(HOUR_MS);
    await sendMail(world);
    if (state === "delivered") await world.simulator.settled();
    expect(world.simulator.ledger.notifications).toMatchObject([{ state }]);
  });

  it(`${verifies("reauthorize-apart")} within 10 minutes of an update is answered as done, and lost`, async () => {
    await using world = await startWorld();
    const id = await subscribeToMail(world);
    const path = `subscriptions/${id}`;
    const expirationDateTime = inMinutes(world.simulator, 9_000);
    await world.graph("PATCH", path, { expirationDateTime });
    const lost = world.next("subscription:update-lost");
    expect((await world.graph("POST", `${path}/reauthorize`)).status).toBe(204);
    expect((await lost).subscription.reauthorizedAt).toBeNull();
    expect(world.simulator.subscriptions.get(id)?.reauthorizedAt).toBeNull();

    world.simulator.clock.advance(10 * MINUTE_MS);
    expect((await world.graph("POST", `${path}/reauthorize`)).status).toBe(204);
    expect(world.simulator.subscriptions.get(id)?.reauthorizedAt).not.toBeNull();
    const answered = await world.graph("PATCH", path, {
      expirationDateTime: inMinutes(world.simulator, 8_000),
    });
    expect(answered.status).toBe(200);
    expect(world.simulator.subscriptions.get(id)?.expiresAt).toBe(Date.parse(expirationDateTime));
  });

  it.each([
    { updateAndReauthorize: "refuse", status: 409 },
    { updateAndReauthorize: "harmless", status: 204 },
  ] as const)("within 10 minutes is answered $status with '$updateAndReauthorize'", async (row) => {
    const { updateAndReauthorize, status } = row;
    await using world = await startWorld({ subscriptions: { updateAndReauthorize } });
    const id = await subscribeToMail(world);
    await world.graph("PATCH", `subscriptions/${id}`, { expirationDateTime: inMinutes(world.simulator, 90) });
    expect((await world.graph("POST", `subscriptions/${id}/reauthorize`)).status).toBe(status);
  });
});

describe("the end of a subscription that Graph brings about", () => {
  it(`${verifies("subscription-removed")} is told, and only a new one brings notifications again`, async () => {
    await using world = await startWorld();
    const id = await subscribeToMail(world);
    const removed = world.next("subscription:removed");
    world.simulator.lifecycle.removeSubscription(id);
    expect((await removed).subscription.id).toBe(id);
    const gone = await world.graph("PATCH", `subscriptions/${id}`, {
      expirationDateTime: inMinutes(world.simulator, 60),
    });
    expect(errorOf(gone).code).toBe("ResourceNotFound");
    await sendMail(world);
    expect(world.simulator.ledger.notifications).toEqual([]);
    expect(await subscribeToMail(world)).not.toBe(id);
  });
});

describe("notifications that are not even sent", () => {
  async function startWithMail(options: SimulatorOptions = {}): Promise<InProcessWorld> {
    const world = await startInProcess(options);
    const created = await world.subscribe({
      resource: MESSAGES,
      changeType: "created",
      lifecycleNotificationUrl: `${ENDPOINT}/lifecycle`,
    });
    expect(created.status).toBe(201);
    return world;
  }
  const sendMails = async (world: InProcessWorld, times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      await world.simulator.request("POST", MESSAGES, { subject: `Mail ${time}` });
    }
  };
  const missedOf = (world: InProcessWorld): readonly LifecycleNotificationEntry[] =>
    world.simulator.ledger.lifecycle.filter(({ lifecycleEvent }) => lifecycleEvent === "missed");

  it(`${verifies("missed")} are told of when a fault loses them`, async () => {
    await using world = await startWithMail();
    world.simulator.faults.start({ kind: "lose-notifications" });
    await sendMails(world, 3);
    await world.simulator.clock.run(MINUTE_MS);
    expect(world.simulator.ledger.totals.notifications.lost).toBe(3);
    expect(missedOf(world)).toMatchObject([{ state: "delivered" }]);
    expect(world.received.map(({ item }) => item["lifecycleEvent"])).toEqual(["missed"]);
  });

  it("are told of in vain when the fault loses that as well", async () => {
    await using world = await startWithMail();
    world.simulator.faults.start({ kind: "lose-notifications", of: "all" });
    await sendMails(world, 2);
    await world.simulator.clock.run(MINUTE_MS);
    expect(missedOf(world)).toMatchObject([{ state: "lost" }, { state: "lost" }]);
    expect(world.simulator.ledger.find("lifecycle", { untold: true }).entries).toHaveLength(2);
    expect(world.simulator.ledger.totals).toMatchObject({
      notifications: { lost: 2 },
      lifecycle: { lost: 2 },
    });
    expect(world.received).toEqual([]);
  });

  it(`${verifies("missed")} are told of when their endpoint is in the state drop`, async () => {
    await using world = await startWithMail({ deliver: { concurrency: 100 } });
    let isSlow = true;
    world.answerWith(async (_request, { sleep }) => {
      if (isSlow) await sleep(11_000);
      return new Response(null, { status: 202 });
    });
    await sendMails(world, 1);
    await world.simulator.clock.run(11 * MINUTE_MS);
    isSlow = false;
    await sendMails(world, 20);
    await world.simulator.clock.run(HOUR_MS);
    const { dropped } = world.simulator.ledger.totals.notifications;
    expect(dropped).toBeGreaterThan(15);
    const missed = missedOf(world);
    expect(missed.length).toBeGreaterThan(0);
    expect(missed.some(({ state }) => state === "delivered")).toBe(true);
  });

  it("are told of only where Graph tells such things: not of users", async () => {
    await using world = await startInProcess();
    await world.subscribe({ lifecycleNotificationUrl: `${ENDPOINT}/lifecycle` });
    world.simulator.faults.start({ kind: "lose-notifications" });
    await world.simulator.request("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    expect(world.simulator.ledger.totals.notifications.lost).toBe(1);
    expect(missedOf(world)).toEqual([]);
  });
});

describe("notifications that are given up", () => {
  it(`${verifies("missed")} are told of once, until that is told`, async () => {
    await using world = await startWorld();
    const { simulator, receiver } = world;
    const id = await subscribeToMail(world);
    receiver.answerWith(({ target }) => (target.startsWith("/lifecycle") ? "hang" : { status: 503 }));
    let failures = 0;
    const failed = new Promise<void>((resolve) => {
      simulator.events.on("delivery:failed", ({ attempt }) => {
        failures += attempt.notificationIds.length;
        if (failures === 2) resolve();
      });
    });
    await sendMail(world);
    await sendMail(world);
    await failed;
    let losses = 0;
    const lost = new Promise<void>((resolve) => {
      simulator.events.on("notification:expired", () => {
        losses += 1;
        if (losses === 2) resolve();
      });
    });
    simulator.clock.advance(5 * HOUR_MS);
    await lost;
    const told = simulator.ledger.lifecycle.filter((entry) => entry.lifecycleEvent === "missed");
    expect(told).toMatchObject([{ subscriptionId: id, state: "pending" }]);
    await receiver.until(() => receiver.deliveries.some(({ target }) => target === "/lifecycle"));
    receiver.release();
    await simulator.settled();
    expect(receiver.notifications.filter((item) => item["lifecycleEvent"] === "missed")).toHaveLength(1);
  });
});
