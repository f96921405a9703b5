import { describe, expect, it } from "vitest";

import { ENDPOINT, startInProcess, type InProcessWorld } from "./in-process-world.ts";
import { verifies } from "./requirements.ts";
import { ADELE, HOUR_MS, MINUTE_MS } from "./world.ts";

const SECOND_MS = 1_000;

/** Changes somebody each second, so many times. */
async function changeEachSecond(world: InProcessWorld, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await world.graph("PATCH", `users/${ADELE}`, { jobTitle: `Title ${time}` });
    await world.simulator.clock.run(SECOND_MS);
  }
}

/** An endpoint that takes so long for each delivery, with places enough that none waits for another. */
async function startWithSlowEndpoint(delayMs: number, ofEvery = 1): Promise<InProcessWorld> {
  const world = await startInProcess({ deliver: { concurrency: 100 } });
  await world.subscribe();
  let count = 0;
  world.answerWith(async (_request, { sleep }) => {
    count += 1;
    if (count % ofEvery === 0) await sleep(delayMs);
    return new Response(null, { status: 202 });
  });
  return world;
}

function stateOf(world: InProcessWorld): Promise<unknown> {
  return world.simulator
    .fetch(`${world.simulator.url}/_simulator/endpoints`)
    .then((response) => response.json());
}

describe("an endpoint", () => {
  it(`${verifies("delivery-timeout")} has 3 seconds for a first attempt and 10 for a retry`, async () => {
    await using world = await startWithSlowEndpoint(4 * SECOND_MS);
    const timeouts: number[] = [];
    world.simulator.events.on("delivery:failed", ({ attempt }) => timeouts.push(attempt.durationMs));
    await changeEachSecond(world, 1);
    await world.simulator.clock.run(MINUTE_MS);
    expect(timeouts).toEqual([3 * SECOND_MS]);
    expect(world.simulator.ledger.attempts[1]).toMatchObject({
      attempt: 2,
      durationMs: 4 * SECOND_MS,
      outcome: { kind: "answered", status: 202 },
    });
  });

  it(`${verifies("endpoint-slow")} that is slow too often gets new notifications ten minutes late`, async () => {
    // Every ninth response: 11%.
    await using world = await startWithSlowEndpoint(3_500, 9);
    await changeEachSecond(world, 90);
    expect(world.simulator.ledger.totals.notifications.pending).toBeLessThanOrEqual(3);
    await world.simulator.clock.run(10 * MINUTE_MS);
    expect(await stateOf(world)).toMatchObject({ endpoints: [{ host: "app.example", state: "slow" }] });

    const changedAt = world.simulator.clock.now();
    const before = world.received.length;
    await changeEachSecond(world, 1);
    await world.simulator.clock.run(10 * MINUTE_MS);
    expect(world.received.slice(before).map(({ at }) => at - changedAt)).toEqual([10 * MINUTE_MS + 5]);
  });

  it("that is slow less often stays as it is", async () => {
    await using world = await startWithSlowEndpoint(3_500, 11);
    await changeEachSecond(world, 110);
    await world.simulator.clock.run(10 * MINUTE_MS);
    expect(await stateOf(world)).toMatchObject({ endpoints: [{ state: "normal" }] });
  });

  it(`${verifies("endpoint-slow-ends")} is slow no more once it answers well for ten minutes`, async () => {
    await using world = await startWithSlowEndpoint(3_500);
    await changeEachSecond(world, 2);
    const states: string[] = [];
    world.simulator.events.on("endpoint:changed", ({ endpoint }) => states.push(endpoint.state));
    await world.simulator.clock.run(10 * MINUTE_MS);
    world.answerWith(() => new Response(null, { status: 202 }));
    await changeEachSecond(world, 20);
    await world.simulator.clock.run(30 * MINUTE_MS);
    expect(states).toEqual(["slow", "normal"]);
    expect(world.simulator.ledger.totals.notifications).toMatchObject({ delivered: 22, pending: 0 });
  });

  it(`${verifies("endpoint-drop")} that runs out of all its time loses what is new, for good`, async () => {
    await using world = await startWithSlowEndpoint(HOUR_MS);
    await changeEachSecond(world, 1);
    await world.simulator.clock.run(11 * MINUTE_MS);
    expect(await stateOf(world)).toMatchObject({ endpoints: [{ state: "drop" }] });
    const withheld: string[] = [];
    world.simulator.events.on("notification:withheld", ({ notification }) => withheld.push(notification.id));
    await changeEachSecond(world, 9);
    const dropped = world.simulator.ledger.find("notifications", { states: ["dropped"] });
    expect(dropped.entries.map(({ id }) => id)).toEqual(withheld);
    expect(withheld).toHaveLength(9);
    world.answerWith(() => new Response(null, { status: 202 }));
    await world.simulator.clock.run(8 * HOUR_MS);
    expect(world.simulator.ledger.find("notifications", { untold: true }).entries).toEqual(dropped.entries);
  });

  it(`${verifies("endpoint-drop-ends")} is found well again by the samples it is sent`, async () => {
    await using world = await startWithSlowEndpoint(HOUR_MS);
    await changeEachSecond(world, 1);
    await world.simulator.clock.run(11 * MINUTE_MS);
    world.answerWith(() => new Response(null, { status: 202 }));
    const before = world.received.length;
    await changeEachSecond(world, 100);
    await world.simulator.clock.run(20 * MINUTE_MS);
    expect(world.received.length - before).toBe(10 + 1);
    expect(await stateOf(world)).toMatchObject({ endpoints: [{ state: "normal" }] });
    await changeEachSecond(world, 10);
    expect(world.received.length - before).toBe(10 + 1 + 10);
  });

  it("is treated like its neighbours on the same host, and not like others", async () => {
    await using world = await startWithSlowEndpoint(HOUR_MS);
    world.simulator.endpoints.set("https://other.example", (request) => {
      const token = new URL(request.url).searchParams.get("validationToken");
      return new Response(token, { status: 200, headers: { "content-type": "text/plain" } });
    });
    await world.subscribe({ resource: `users/${ADELE}`, notificationUrl: `${ENDPOINT}/neighbour` });
    await world.subscribe({ resource: `users/${ADELE}`, notificationUrl: "https://other.example/" });
    await changeEachSecond(world, 1);
    await world.simulator.clock.run(11 * MINUTE_MS);
    await changeEachSecond(world, 1);
    const dropped = world.simulator.ledger.find("notifications", { states: ["dropped"] });
    expect(dropped.entries.map(({ notificationUrl }) => notificationUrl)).toEqual([
      `${ENDPOINT}/notifications`,
      `${ENDPOINT}/neighbour`,
    ]);
  });

  it("can be as slow as it likes when states are off", async () => {
    await using world = await startInProcess({ deliver: { endpointStates: "off" } });
    await world.subscribe();
    world.answerWith(async (_request, { sleep }) => {
      await sleep(HOUR_MS);
      return new Response(null, { status: 202 });
    });
    await changeEachSecond(world, 1);
    await world.simulator.clock.run(20 * MINUTE_MS);
    world.answerWith(() => new Response(null, { status: 202 }));
    await changeEachSecond(world, 3);
    await world.simulator.clock.run(MINUTE_MS);
    expect(world.simulator.ledger.totals.notifications.dropped).toBe(0);
    expect(world.received.length).toBeGreaterThanOrEqual(3);
  });
});
