import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { ShapeError, type LedgerTotals, type Scenario } from "../src/index.ts";
import { startInProcess } from "./in-process-world.ts";
import { ADELE, errorOf, HOUR_MS, startWorld } from "./world.ts";

/** Some of everything, for three hours. */
const SCENARIO: Scenario = {
  steps: [
    { at: 0, do: "traffic", traffic: { ratePerSecond: 0.2, for: "3h", mix: { message: 1, user: 1 } } },
    { at: "10m", do: "start-fault", fault: { kind: "duplicate-notifications", share: 0.2, for: "30m" } },
    { at: "20m", do: "start-fault", fault: { kind: "lose-notifications", share: 0.1, for: "1h" } },
    { at: "40m", do: "start-fault", fault: { kind: "cut-off-endpoint", for: "20m" } },
    { at: "90m", do: "start-fault", fault: { kind: "reorder-notifications", within: "2m" } },
    { at: "2h", do: "jump", by: "30m" },
    { at: "150m", do: "request", method: "DELETE", path: `/v1.0/users/${ADELE}` },
    { at: "160m", do: "stop-faults" },
  ],
};

/** The ledger a run of some hours leaves behind: its size, and a digest of every byte of it. */
async function ledgerOf(seed: number): Promise<{ readonly totals: LedgerTotals; readonly digest: string }> {
  await using world = await startInProcess({ seed, deliver: { latency: "documented" } });
  await world.subscribe();
  await world.subscribe({ resource: `users/${ADELE}/messages`, changeType: "created,updated,deleted" });
  let count = 0;
  world.answerWith(async (_request, { sleep }) => {
    count += 1;
    await sleep(count % 7 === 0 ? 5_000 : 20);
    return new Response(null, { status: count % 5 === 0 ? 503 : 202 });
  });
  void world.simulator.runScenario(SCENARIO);
  await world.simulator.clock.run(12 * HOUR_MS);
  const { changes, notifications, attempts, handshakes, totals } = world.simulator.ledger;
  expect(totals.changes).toBeGreaterThan(1_000);
  expect(totals.notifications.lost).toBeGreaterThan(10);
  expect(totals.notifications.pending).toBe(0);
  const everything = JSON.stringify({ changes, notifications, attempts, handshakes });
  return { totals, digest: createHash("sha256").update(everything).digest("hex") };
}

describe("a scenario", () => {
  it("leads to the identical ledger with the same seed, and to another with another", async () => {
    const first = await ledgerOf(7);
    expect(await ledgerOf(7)).toEqual(first);
    expect((await ledgerOf(8)).digest).not.toBe(first.digest);
  });

  it("does each step at its moment, and says what came of it", async () => {
    await using world = await startInProcess();
    const startedAt = world.simulator.clock.now();
    const told: [number, string, string][] = [];
    world.simulator.events.on("scenario:step", ({ step, outcome }) =>
      told.push([world.simulator.clock.now() - startedAt, step, outcome]),
    );
    const done = world.simulator.runScenario({
      steps: [
        { at: "2s", do: "request", method: "get", path: "/v1.0/users/nobody" },
        {
          at: "1s",
          do: "request",
          method: "POST",
          path: "/_simulator/faults",
          body: { kind: "lose-notifications" },
        },
        { at: "3s", do: "jump", by: "1m" },
        { at: "70s", do: "stop-faults" },
      ],
    });
    await world.simulator.clock.run(HOUR_MS);
    await done;
    expect(told).toEqual([
      [1_000, "steps[1]", "POST /_simulator/faults: 201"],
      [
        2_000,
        "steps[0]",
        expect.stringMatching(/^GET \/v1\.0\/users\/nobody: 404 Request_ResourceNotFound: /),
      ],
      [63_000, "steps[2]", "jumped 60000 ms"],
      [70_000, "steps[3]", "faults stopped"],
    ]);
  });

  it("ends with a reset", async () => {
    await using world = await startInProcess();
    void world.simulator.runScenario(SCENARIO);
    await world.simulator.clock.run(HOUR_MS);
    world.simulator.reset();
    await world.simulator.clock.run(3 * HOUR_MS);
    expect(world.simulator.ledger.totals.changes).toBe(0);
    expect(world.simulator.faults.list()).toEqual([]);
  });

  it.each([
    [{}, "steps: expected an array, got nothing"],
    [{ steps: [{ at: "soon", do: "stop-faults" }] }, /^"steps\[0\]\.at: expected milliseconds or a duration/],
    [{ steps: [{ at: 0, do: "dance" }] }, /^"steps\[0\]\.do: expected one of start-fault, /],
    [{ steps: [{ at: 0, do: "jump" }] }, /^"steps\[0\]\.by: expected milliseconds/],
    [{ steps: [{ at: 0, do: "stop-faults", now: 1 }] }, /steps\[0\]\.now: expected no such property, got 1/],
    [{ steps: [{ at: 0, do: "start-fault", fault: { kind: "x" } }] }, /^"steps\[0\]\.fault\.kind: /],
    [
      { steps: [{ at: 0, do: "traffic", traffic: { ratePerSecond: 1, for: "1h", mix: { cat: 1 } } }] },
      /steps\[0\]\.traffic\.mix\.cat: expected no such property, got 1/,
    ],
    [{ steps: [], sed: 1 }, "sed: expected no such property, got 1"],
  ])("that makes no sense is refused with the place: %j", async (scenario, message) => {
    await using world = await startWorld();
    const answer = await world.plain("POST", "/_simulator/scenario", scenario);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(errorOf(answer).message)).toMatch(message);
  });

  it("is checked by the library call too, before anything is done", async () => {
    await using world = await startInProcess();
    expect(() => world.simulator.runScenario({ steps: [{ at: -1, do: "stop-faults" }] })).toThrow(ShapeError);
  });

  it("can be started by the control API", async () => {
    await using world = await startWorld();
    const step = world.next("scenario:step");
    const answer = await world.plain("POST", "/_simulator/scenario", {
      steps: [{ at: 0, do: "stop-faults" }],
    });
    expect(answer).toMatchObject({ status: 202, body: { steps: 1 } });
    expect(await step).toMatchObject({ step: "steps[0]", outcome: "faults stopped" });
  });
});
