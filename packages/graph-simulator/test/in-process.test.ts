import { describe, expect, it } from "vitest";

import { ENDPOINT, startInProcess } from "./in-process-world.ts";
import { ADELE, HOUR_MS, text } from "./world.ts";

describe("within the process", () => {
  it("a whole life of a subscription needs no socket and no real time", async () => {
    await using world = await startInProcess();
    const startedAt = world.simulator.clock.now();
    expect(new Date(startedAt).toISOString()).toBe("2026-01-01T00:00:00.000Z");
    const created = await world.subscribe();
    expect(created.status).toBe(201);
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    await world.simulator.clock.run(HOUR_MS);
    expect(world.received.map(({ item }) => item["subscriptionId"])).toEqual([text(created.body, "id")]);
    await world.simulator.clock.run(24 * HOUR_MS);
    expect(world.simulator.subscriptions.list()).toEqual([]);
  });

  it("subscribing and changing something take a line each, and a refusal is told in Graph's words", async () => {
    await using world = await startInProcess();
    const { simulator } = world;
    const wanted = { resource: "users", changeType: "updated", notificationUrl: `${ENDPOINT}/mine` };
    const subscription = await simulator.subscribe({ ...wanted, clientState: "secret" });
    expect(simulator.subscriptions.get(text(subscription, "id"))).toMatchObject({
      applicationId: simulator.clientId,
      clientState: "secret",
      expiresAt: simulator.clock.now() + HOUR_MS,
    });
    await expect(simulator.subscribe(wanted)).rejects.toThrow(
      /^Graph refused POST \/subscriptions: 409 Conflict: Subscription Id /,
    );
    expect(await simulator.request("PATCH", `users/${ADELE}`, { jobTitle: "Director" })).toEqual({});
    expect(await simulator.request("GET", `users/${ADELE}?$select=jobTitle`)).toMatchObject({
      jobTitle: "Director",
    });
    await simulator.clock.run(1_000);
    expect(world.received.map(({ item }) => item["clientState"])).toEqual(["secret"]);
  });

  it("the control API answers too, and can let time pass", async () => {
    await using world = await startInProcess({ startAt: "2030-06-01T12:00:00Z" });
    const { simulator } = world;
    const clock = `${simulator.url}/_simulator/clock`;
    const passed = await simulator.fetch(clock, { method: "POST", body: '{"runMs":60000}' });
    expect(await passed.json()).toMatchObject({ dateTime: "2030-06-01T12:01:00Z" });
    const both = await simulator.fetch(clock, { method: "POST", body: '{"runMs":1,"advanceMs":1}' });
    expect(both.status).toBe(400);
    const answer = await simulator.fetch(`${simulator.url}/_simulator/endpoints`);
    expect(await answer.json()).toEqual({ endpoints: [] });
  });

  it("an endpoint that throws is unreachable, one that is taken away is called over HTTP", async () => {
    await using world = await startInProcess();
    await world.subscribe();
    world.answerWith(() => {
      throw new Error("out of order");
    });
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    await world.simulator.clock.run(1_000);
    expect(world.simulator.ledger.attempts[0]?.outcome).toEqual({
      kind: "unreachable",
      error: "out of order",
    });
    world.simulator.endpoints.delete(ENDPOINT);
    const refused = await world.subscribe({
      resource: `users/${ADELE}`,
      notificationUrl: "http://127.0.0.1:9/",
    });
    expect(refused.status).toBe(400);
  });

  it("the endpoint with the longest beginning is called, and only at a border of the path", async () => {
    await using world = await startInProcess();
    const called: string[] = [];
    for (const path of ["/a", "/a/b"]) {
      world.simulator.endpoints.set(`${ENDPOINT}${path}`, (request) => {
        called.push(path);
        const token = new URL(request.url).searchParams.get("validationToken");
        return new Response(token, { headers: { "content-type": "text/plain" } });
      });
    }
    for (const [index, path] of ["/a/b/c?x=1", "/a/bc", "/abc"].entries()) {
      const resource = ["users", `users/${ADELE}`, `users/${ADELE}/messages`][index] ?? "";
      expect((await world.subscribe({ notificationUrl: `${ENDPOINT}${path}`, resource })).status).toBe(201);
    }
    expect(called).toEqual(["/a/b", "/a"]);
    expect(() => world.simulator.endpoints.set("nowhere", () => new Response())).toThrow(
      "Expected an absolute URL",
    );
  });

  it("an endpoint that never answers is given up after real time, and holds nothing up", async () => {
    await using world = await startInProcess({
      deliver: { firstTimeoutMs: 20, retryTimeoutMs: 20, retryWindowMs: 0 },
    });
    await world.subscribe();
    world.answerWith(() => new Promise(() => undefined));
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    await world.simulator.clock.run(HOUR_MS);
    expect(world.simulator.ledger.attempts).toMatchObject([{ outcome: { kind: "timed-out" } }]);
  });

  it("a client that stops waiting is not waited for", async () => {
    await using world = await startInProcess();
    world.simulator.faults.start({ kind: "fail-requests", service: "graph", how: "timeout" });
    const signal = AbortSignal.timeout(10);
    await expect(world.simulator.fetch(`${world.simulator.url}/v1.0/users`, { signal })).rejects.toThrow(
      "timeout",
    );
    await world.simulator.close();
  });

  it.each(["soon", "2026-01-01T00:00:00"])("a clock does not start at '%s'", async (startAt) => {
    await expect(startInProcess({ startAt })).rejects.toThrow("Expected `startAt` to be a date and time");
  });
});
