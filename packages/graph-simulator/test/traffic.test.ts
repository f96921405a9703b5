import { describe, expect, it } from "vitest";

import type { TrafficKindName, TrafficMix } from "../src/index.ts";
import { ENDPOINT, startInProcess, type InProcessWorld } from "./in-process-world.ts";
import { ADELE, errorOf, HOUR_MS, inMinutes, MINUTE_MS, objects, startWorld, text } from "./world.ts";

const USERS = Array.from({ length: 20 }, (_, index) => ({
  displayName: `User ${index}`,
  userPrincipalName: `user${index}@contoso.onmicrosoft.com`,
}));

interface Kind {
  readonly kind: TrafficKindName;
  /** What is subscribed to, after a minute of traffic. */
  readonly resource: string | ((world: InProcessWorld) => Promise<string>);
  /** What is told of it. */
  readonly types: readonly string[];
}

const ALL = ["created", "updated", "deleted"];

async function firstIn(world: InProcessWorld, collection: string): Promise<string> {
  const { body } = await world.graph("GET", collection);
  return `${collection}/${text(objects(body, "value")[0] ?? {}, "id")}`;
}

const KINDS: readonly Kind[] = [
  { kind: "message", resource: `users/${ADELE}/messages`, types: ALL },
  { kind: "event", resource: `users/${ADELE}/events`, types: ALL },
  { kind: "contact", resource: `users/${ADELE}/contacts`, types: ALL },
  {
    kind: "todoTask",
    resource: async (world) => `${await firstIn(world, `users/${ADELE}/todo/lists`)}/tasks`,
    types: ALL,
  },
  { kind: "user", resource: "users", types: ["updated"] },
  { kind: "group", resource: "groups", types: ["updated"] },
  { kind: "driveItem", resource: `users/${ADELE}/drive/root`, types: ["updated"] },
  { kind: "list", resource: (world) => firstIn(world, "sites/root/lists"), types: ["updated"] },
  { kind: "chat", resource: "chats", types: ["created", "updated"] },
  { kind: "chatMessage", resource: "chats/getAllMessages", types: ALL },
  { kind: "conversationMember", resource: "chats/getAllMembers", types: ["created", "deleted"] },
  { kind: "team", resource: "teams", types: ALL },
  { kind: "channel", resource: "teams/getAllChannels", types: ALL },
  { kind: "presence", resource: "communications/presences", types: ["updated"] },
];

describe("traffic", () => {
  it("makes so many changes a second, skewed over the users, and mixed of kinds", async () => {
    await using world = await startInProcess({ users: USERS });
    const run = world.simulator.traffic.start({ ratePerSecond: 1, for: "1h", mix: { message: 3, user: 1 } });
    await world.simulator.clock.run(HOUR_MS);
    const { made, failed, byKind, isOver, elapsedMs } = await run.over;
    expect([isOver, elapsedMs, failed]).toEqual([true, HOUR_MS, 0]);
    expect(made).toBeGreaterThan(3_600 * 0.95);
    expect(made).toBeLessThan(3_600 * 1.05);
    expect((byKind.message ?? 0) / made).toBeCloseTo(0.75, 1);

    const perMailbox = new Map<string, number>();
    const types = new Map<string, number>();
    for (const { resource, changeType } of world.simulator.ledger.changes) {
      if (!resource.includes("/Messages/")) continue;
      const userId = resource.split("/")[1] ?? "";
      perMailbox.set(userId, (perMailbox.get(userId) ?? 0) + 1);
      types.set(changeType, (types.get(changeType) ?? 0) + 1);
    }
    const counts = [...perMailbox.values()].toSorted((one, other) => other - one);
    expect(counts).toHaveLength(20);
    expect(counts[0]).toBeGreaterThan(5 * (counts.at(-1) ?? 0));
    expect([...types.keys()].toSorted()).toEqual(["created", "deleted", "updated"]);
  });

  it("makes the same changes with the same seed", async () => {
    const changesOf = async (seed: number): Promise<readonly string[]> => {
      await using world = await startInProcess();
      world.simulator.traffic.start({ ratePerSecond: 1, for: "5m", seed });
      await world.simulator.clock.run(HOUR_MS);
      return world.simulator.ledger.changes.map(
        ({ at, resource, changeType }) => `${at} ${changeType} ${resource}`,
      );
    };
    const first = await changesOf(1);
    expect(first.length).toBeGreaterThan(200);
    expect(await changesOf(1)).toEqual(first);
    expect(await changesOf(2)).not.toEqual(first);
  });

  it.each(KINDS)("changes $kind, and who has subscribed hears of it", async ({ kind, resource, types }) => {
    await using world = await startInProcess({ subscriptions: { quotas: { teamsPerAppAndResource: 9 } } });
    const run = world.simulator.traffic.start({ ratePerSecond: 1, for: "10m", mix: { [kind]: 1 } });
    await world.simulator.clock.run(MINUTE_MS);
    const subscribed = await world.subscribe({
      resource: typeof resource === "string" ? resource : await resource(world),
      changeType: types.join(","),
      expirationDateTime: inMinutes(world.simulator, 60),
      lifecycleNotificationUrl: `${ENDPOINT}/lifecycle`,
    });
    expect(subscribed.status).toBe(201);
    await world.simulator.clock.run(HOUR_MS / 2);
    const { made, failed, byKind } = await run.over;
    expect(made).toBeGreaterThan(500);
    expect([failed, byKind]).toEqual([0, { [kind]: made }]);
    expect(new Set(world.received.flatMap(({ item }) => item["changeType"] ?? []))).toEqual(new Set(types));
  });

  it("is of all kinds when nobody says which", async () => {
    await using world = await startInProcess();
    const run = world.simulator.traffic.start({ ratePerSecond: 10, for: "10m" });
    await world.simulator.clock.run(10 * MINUTE_MS);
    const { byKind, failed } = await run.over;
    expect(Object.keys(byKind).toSorted()).toEqual(KINDS.map(({ kind }) => kind).toSorted());
    expect(failed).toBe(0);
  });

  it("is no app: it has no limits, and no fault of the service stops it", async () => {
    await using world = await startInProcess();
    world.simulator.faults.start({ kind: "fail-requests", service: "graph", how: 503 });
    const run = world.simulator.traffic.start({ ratePerSecond: 500, for: "10s", mix: { user: 1 } });
    await world.simulator.clock.run(10_000);
    const { made, failed } = await run.over;
    expect(made).toBeGreaterThan(4_500);
    expect(failed).toBe(0);
  });

  it("can be stopped", async () => {
    await using world = await startInProcess();
    const run = world.simulator.traffic.start({ ratePerSecond: 10, for: "1h" });
    await world.simulator.clock.run(10_000);
    run.stop();
    const { made, elapsedMs } = await run.over;
    await world.simulator.clock.run(HOUR_MS);
    expect([world.simulator.ledger.totals.changes >= made, elapsedMs]).toEqual([true, 10_000]);
    expect(run.progress).toMatchObject({ made, isOver: true });
    expect(world.simulator.traffic.list()).toHaveLength(1);
  });

  it("can be steered by the control API, on a clock that runs", async () => {
    await using world = await startWorld();
    await world.subscribe();
    const started = await world.plain("POST", "/_simulator/traffic", {
      ratePerSecond: 200,
      for: "250ms",
      mix: { user: 1 } satisfies TrafficMix,
    });
    expect(started.status).toBe(201);
    const address = `/_simulator/traffic/${text(started.body, "id")}`;
    let progress = started.body;
    while (progress["isOver"] !== true) progress = (await world.plain("GET", address)).body;
    await world.simulator.settled();
    expect(world.receiver.notifications).toHaveLength(Number(progress["made"]));
    expect((await world.plain("DELETE", address)).status).toBe(200);
    expect((await world.plain("GET", "/_simulator/traffic/traffic-9")).status).toBe(404);
    const refused = await world.plain("POST", "/_simulator/traffic", { ratePerSecond: 0, for: "1s" });
    expect(errorOf(refused).message).toMatch(/^traffic\.ratePerSecond: expected a number from 0\.001/);
  });
});
