import { describe, expect, it } from "vitest";

import type { Fault } from "../src/index.ts";
import { ENDPOINT, startInProcess, type InProcessWorld } from "./in-process-world.ts";
import { ADELE, errorOf, HOUR_MS, MINUTE_MS, objects, read, startWorld, text } from "./world.ts";

async function changeAdele(world: Pick<InProcessWorld, "graph">, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: `Title ${time}` });
  }
}

async function startSubscribed(fault: Fault): Promise<InProcessWorld> {
  const world = await startInProcess({ deliver: { maxPerDelivery: 1, concurrency: 100 } });
  await world.subscribe();
  world.simulator.faults.start(fault);
  return world;
}

function idsOf(world: InProcessWorld): readonly string[] {
  return world.received.map(({ item }) => text(item, "id"));
}

describe("notifications", () => {
  it("can be lost, a share of them, and the ledger knows which", async () => {
    await using world = await startSubscribed({ kind: "lose-notifications", share: 0.3 });
    await changeAdele(world, 200);
    await world.simulator.clock.run(MINUTE_MS);
    const { lost, delivered, pending } = world.simulator.ledger.totals.notifications;
    expect([lost + delivered, pending]).toEqual([200, 0]);
    expect(lost).toBeGreaterThan(40);
    expect(lost).toBeLessThan(80);
    const untold = world.simulator.ledger.find("notifications", { untold: true }).entries;
    expect(untold).toHaveLength(lost);
    expect(idsOf(world).filter((id) => untold.some((entry) => entry.id === id))).toEqual([]);
    expect(world.simulator.ledger.find("changes", { untold: true }).entries.map(({ seq }) => seq)).toEqual(
      untold.map(({ changeSeq }) => changeSeq),
    );
  });

  it("can come more than once, and are all ended when the simulator has settled", async () => {
    await using world = await startSubscribed({ kind: "duplicate-notifications", copies: 2, delay: "1m" });
    await changeAdele(world, 10);
    const settled = world.simulator.settled();
    await world.simulator.clock.run(2 * MINUTE_MS);
    await settled;
    expect(idsOf(world)).toHaveLength(30);
    expect(new Set(idsOf(world)).size).toBe(10);
    expect(world.simulator.ledger.totals.notifications.delivered).toBe(10);
  });

  it("that come twice are given up only when neither arrives", async () => {
    await using world = await startSubscribed({ kind: "duplicate-notifications", delay: 0 });
    world.answerWith(() => new Response(null, { status: 503 }));
    await changeAdele(world, 1);
    await world.simulator.clock.run(8 * HOUR_MS);
    expect(world.simulator.ledger.totals.notifications).toMatchObject({ expired: 1, pending: 0 });
  });

  it("can come later, and in another order", async () => {
    await using delayed = await startSubscribed({ kind: "delay-notifications", delay: "10m" });
    const changedAt = delayed.simulator.clock.now();
    await changeAdele(delayed, 1);
    await delayed.simulator.clock.run(HOUR_MS);
    expect(delayed.received.map(({ at }) => at - changedAt)).toEqual([10 * MINUTE_MS + 5]);

    await using reordered = await startSubscribed({ kind: "reorder-notifications", within: "1m" });
    await changeAdele(reordered, 20);
    await reordered.simulator.clock.run(HOUR_MS);
    const owed = reordered.simulator.ledger.notifications.map(({ id }) => id);
    expect(idsOf(reordered)).not.toEqual(owed);
    expect(new Set(idsOf(reordered))).toEqual(new Set(owed));
  });

  it("of one subscription or endpoint can be hit alone", async () => {
    await using world = await startInProcess();
    const all = await world.subscribe();
    const one = await world.subscribe({ resource: `users/${ADELE}`, notificationUrl: `${ENDPOINT}/other` });
    world.simulator.faults.start({ kind: "lose-notifications", subscriptionId: text(all.body, "id") });
    world.simulator.faults.start({ kind: "delay-notifications", url: `${ENDPOINT}/other`, delay: "1m" });
    const changedAt = world.simulator.clock.now();
    await changeAdele(world, 1);
    await world.simulator.clock.run(HOUR_MS);
    expect(world.received.map(({ at, item }) => [at - changedAt, item["subscriptionId"]])).toEqual([
      [MINUTE_MS + 5, text(one.body, "id")],
    ]);
  });

  it("do not reach an endpoint that is cut off, until it is there again", async () => {
    await using world = await startSubscribed({ kind: "cut-off-endpoint", url: ENDPOINT, for: "5m" });
    await changeAdele(world, 1);
    const refused = await world.subscribe({ resource: `users/${ADELE}` });
    expect(refused.status).toBe(400);
    await world.simulator.clock.run(4 * MINUTE_MS);
    expect(idsOf(world)).toEqual([]);
    expect(world.simulator.ledger.attempts[0]).toMatchObject({
      outcome: { kind: "unreachable", error: "ENETUNREACH" },
    });
    await world.simulator.clock.run(10 * MINUTE_MS);
    expect(idsOf(world)).toHaveLength(1);
  });
});

describe("a service", () => {
  it("can be out of order for a while", async () => {
    await using world = await startInProcess();
    world.simulator.faults.start({
      kind: "fail-requests",
      service: "graph",
      how: 503,
      retryAfter: "30s",
      for: "1m",
    });
    const answer = await world.graph("GET", "users");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "30"]);
    expect(errorOf(answer).code).toBe("ServiceUnavailable");
    await world.simulator.clock.run(MINUTE_MS);
    expect((await world.graph("GET", "users")).status).toBe(200);
  });

  it("can be the login service, which says it in its own words", async () => {
    await using world = await startInProcess();
    world.simulator.faults.start({ kind: "fail-requests", service: "login", how: 503 });
    const { url, tenantId } = world.simulator;
    const answer = await read(
      world.simulator.fetch(`${url}/${tenantId}/oauth2/v2.0/token`, { method: "POST" }),
    );
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ error: "temporarily_unavailable", error_codes: [90033] });
    expect((await world.graph("GET", "users")).status).toBe(200);
  });

  it("can refuse some requests and not others: by method, path and share", async () => {
    await using world = await startInProcess();
    world.simulator.faults.start({
      kind: "fail-requests",
      service: "graph",
      how: 429,
      method: "PATCH",
      path: "/v1.0/users",
      share: 0.5,
    });
    const statuses: number[] = [];
    for (let count = 0; count < 40; count += 1) {
      statuses.push((await world.graph("PATCH", `users/${ADELE}`, { city: "Bern" })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([204, 429]));
    expect((await world.graph("GET", "users")).status).toBe(200);
  });

  it("can fail a part of a batch alone", async () => {
    await using world = await startInProcess();
    for (const how of ["reset", 500] as const) {
      world.simulator.faults.start({
        kind: "fail-requests",
        service: "graph",
        how,
        path: `/v1.0/users/${how}`,
      });
    }
    const answer = await world.graph("POST", "$batch", {
      requests: ["reset", "500"].map((id) => ({ id, method: "GET", url: `/users/${id}` })),
    });
    const statuses = objects(answer.body, "responses").map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([504, 500]));
  });

  it("can cut the connection, in the process and over HTTP", async () => {
    await using inside = await startInProcess();
    inside.simulator.faults.start({ kind: "fail-requests", service: "graph", how: "reset" });
    await expect(inside.graph("GET", "users")).rejects.toMatchObject({
      message: "fetch failed",
      cause: { code: "ECONNRESET" },
    });
    await using world = await startWorld();
    world.simulator.faults.start({ kind: "fail-requests", service: "graph", how: "reset" });
    await expect(world.graph("GET", "users")).rejects.toThrow("fetch failed");
    world.simulator.faults.clear();
    expect((await world.graph("GET", "users")).status).toBe(200);
  });

  it("can leave a request without an answer, as long as the client waits", async () => {
    await using world = await startWorld();
    world.simulator.faults.start({ kind: "fail-requests", service: "graph", how: "timeout" });
    const signal = AbortSignal.timeout(50);
    await expect(fetch(`${world.simulator.url}/v1.0/users`, { signal })).rejects.toThrow("timeout");
    await using inside = await startInProcess();
    inside.simulator.faults.start({ kind: "fail-requests", service: "graph", how: "timeout" });
    const [unanswered] = await Promise.allSettled([
      inside.graph("GET", "users"),
      inside.simulator.clock.run(2 * MINUTE_MS),
    ]);
    expect(unanswered).toMatchObject({ status: "rejected", reason: { message: "fetch failed" } });
  });

  it("can be slow", async () => {
    await using world = await startInProcess();
    world.simulator.faults.start({ kind: "slow-requests", service: "graph", delay: "20s" });
    const startedAt = world.simulator.clock.now();
    const answeredAt = world.graph("GET", "users").then(() => world.simulator.clock.now());
    await world.simulator.clock.run(MINUTE_MS);
    expect((await answeredAt) - startedAt).toBe(20_000);
  });
});

describe("the control API of faults", () => {
  it("starts, lists and stops them, and tells of each", async () => {
    await using world = await startWorld();
    const told: string[] = [];
    world.simulator.events.on("fault:started", ({ fault }) => told.push(`started ${fault.id}`));
    world.simulator.events.on("fault:ended", ({ fault }) => told.push(`ended ${fault.id}`));
    const started = await world.plain("POST", "/_simulator/faults", {
      kind: "lose-notifications",
      for: "1h",
    });
    expect(started).toMatchObject({ status: 201, body: { id: "fault-1", share: 1, forMs: HOUR_MS } });
    await world.plain("POST", "/_simulator/faults", { kind: "delay-notifications", delay: "10s" });
    expect(objects((await world.plain("GET", "/_simulator/faults")).body, "faults")).toHaveLength(2);
    expect((await world.plain("DELETE", "/_simulator/faults/fault-2")).status).toBe(204);
    expect((await world.plain("DELETE", "/_simulator/faults/fault-2")).status).toBe(404);
    world.simulator.clock.advance(HOUR_MS);
    expect(objects((await world.plain("GET", "/_simulator/faults")).body, "faults")).toEqual([]);
    await world.plain("POST", "/_simulator/faults", { kind: "lose-notifications" });
    expect((await world.plain("DELETE", "/_simulator/faults")).status).toBe(204);
    expect(told).toEqual([
      "started fault-1",
      "started fault-2",
      "ended fault-2",
      "ended fault-1",
      "started fault-3",
      "ended fault-3",
    ]);
  });

  it.each([
    [{ kind: "burn" }, /^fault\.kind: expected one of lose-notifications, .*, got "burn"$/],
    [{ kind: "lose-notifications", share: 2 }, /^fault\.share: expected a number from 0 to 1, got 2$/],
    [{ kind: "lose-notifications", shares: 1 }, /^fault\.shares: expected no such property, got 1$/],
    [{ kind: "delay-notifications" }, /^fault\.delay: expected milliseconds or a duration.*, got nothing$/],
    [{ kind: "slow-requests", service: "mail", delay: 1 }, /^fault\.service: expected one of graph, login/],
    [{ kind: "fail-requests", service: "graph", how: 418 }, /^fault\.how: expected one of 429, /],
  ])("refuses %j with the reason", async (fault, message) => {
    await using world = await startWorld();
    const answer = await world.plain("POST", "/_simulator/faults", fault);
    expect(answer.status).toBe(400);
    expect(errorOf(answer).message).toEqual(expect.stringMatching(message));
  });
});
