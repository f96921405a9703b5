import { describe, expect, it } from "vitest";

import { startInProcess, type InProcessWorld } from "./in-process-world.ts";
import { verifies } from "./requirements.ts";
import { ADELE, errorOf, type Answered } from "./world.ts";

const SECOND_APP = { clientId: "dddddddd-1111-4111-8111-111111111111", clientSecret: "second" };
const FIRST_APP = { clientId: "cccccccc-1111-4111-8111-111111111111", clientSecret: "first" };
const TENANTS = ["a", "b"].map((letter) => ({
  id: `${letter.repeat(8)}-1111-4111-8111-111111111111`,
  domain: `${letter}.example`,
}));

/** Makes so many requests; answers the statuses. */
async function repeat(times: number, request: () => Promise<Answered>): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) statuses.push((await request()).status);
  return statuses;
}

/** How many requests in a row are let through before the first 429. */
async function countUntilThrottled(request: () => Promise<Answered>, most: number): Promise<number> {
  for (let count = 0; count < most; count += 1) if ((await request()).status === 429) return count;
  return most;
}

function list(world: Pick<InProcessWorld, "graph">): () => Promise<Answered> {
  return () => world.graph("GET", "subscriptions");
}

describe("throttling", () => {
  it(`${verifies("throttle-429")} answers 429 with a Retry-After, after which the request is let through`, async () => {
    await using world = await startInProcess();
    expect(await repeat(25, list(world))).toEqual(Array.from({ length: 25 }, () => 200));
    const answer = await list(world)();
    expect(answer.status).toBe(429);
    expect(errorOf(answer)).toEqual({ code: "TooManyRequests", message: "Please retry again later." });
    const seconds = Number(answer.headers.get("retry-after"));
    // 25 in 20 seconds is one in 0.8; the one that was refused counts too.
    expect(seconds).toBe(2);
    world.simulator.clock.advance(seconds * 1_000);
    expect((await list(world)()).status).toBe(200);
  });

  it(`${verifies("throttle-logs-on")} goes on while nobody waits, but for no longer than the window`, async () => {
    await using world = await startInProcess();
    await repeat(25, list(world));
    const waits: number[] = [];
    for (let count = 0; count < 40; count += 1) {
      waits.push(Number((await list(world)()).headers.get("retry-after")));
    }
    expect(waits[10]).toBeGreaterThan(waits[0] ?? 0);
    expect(waits.at(-1)).toBe(21);
    world.simulator.clock.advance(21_000);
    expect((await list(world)()).status).toBe(200);
  });

  it(`${verifies("throttle-subscriptions")} lets 25 lists, 500 reads and 500 writes of an app and tenant through`, async () => {
    await using world = await startInProcess();
    expect(await countUntilThrottled(list(world), 100)).toBe(25);
    expect(await countUntilThrottled(() => world.graph("GET", "subscriptions/1"), 600)).toBe(500);
    expect(await countUntilThrottled(() => world.graph("DELETE", "subscriptions/1"), 600)).toBe(500);
    expect(await countUntilThrottled(() => world.graph("POST", "subscriptions/1/reauthorize"), 1_100)).toBe(
      1_000,
    );
  });

  it(`${verifies("throttle-first-limit")} counts for the app and the tenant, and for the app in all tenants`, async () => {
    await using world = await startInProcess({ tenants: TENANTS, apps: [FIRST_APP, SECOND_APP], users: [] });
    const [first, second] = await Promise.all(
      TENANTS.map((tenant) => world.graphAs({ ...FIRST_APP, tenantId: tenant.id })),
    );
    const other = await world.graphAs({ ...SECOND_APP, tenantId: TENANTS[0]?.id ?? "" });
    if (!first || !second) throw new TypeError("Expected two tenants");
    expect(await countUntilThrottled(() => first("GET", "subscriptions"), 100)).toBe(25);
    // 40 for the app: 25, the one that was refused, and 14 more.
    expect(await countUntilThrottled(() => second("GET", "subscriptions"), 100)).toBe(14);
    expect(await countUntilThrottled(() => other("GET", "subscriptions"), 100)).toBe(25);
  });

  it.each([
    { form: "seconds", pattern: /^2$/ },
    { form: "fractional", pattern: /^1\.600$/ },
    { form: "http-date", pattern: /^Thu, 01 Jan 2026 00:00:02 GMT$/ },
  ] as const)("writes Retry-After as $form", async ({ form, pattern }) => {
    await using world = await startInProcess({ retryAfter: form });
    await repeat(25, list(world));
    expect((await list(world)()).headers.get("retry-after")).toMatch(pattern);
  });

  it("can leave Retry-After out, and can be off", async () => {
    await using silent = await startInProcess({ retryAfter: "missing" });
    await repeat(25, list(silent));
    const answer = await list(silent)();
    expect([answer.status, answer.headers.has("retry-after")]).toEqual([429, false]);
    await using off = await startInProcess({ throttle: "off" });
    expect(await countUntilThrottled(list(off), 100)).toBe(100);
  });

  it("begins anew after a reset", async () => {
    await using world = await startInProcess();
    await repeat(30, list(world));
    world.simulator.reset();
    expect(await countUntilThrottled(list(world), 100)).toBe(25);
  });

  it(`${verifies("throttle-outlook-concurrency")} lets 4 requests to a mailbox be under way at once`, async () => {
    await using world = await startInProcess();
    world.simulator.faults.start({ kind: "slow-requests", service: "graph", delay: "1s" });
    const answering = Promise.all(
      Array.from({ length: 6 }, () => world.graph("GET", `users/${ADELE}/messages`)),
    );
    await world.simulator.clock.run(10_000);
    const answers = await answering;
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200, 200, 200, 200, 429, 429,
    ]);
    const refused = answers.filter(({ status }) => status === 429);
    expect(errorOf(refused[0] ?? raise())).toEqual({
      code: "ApplicationThrottled",
      message: "Application is over its MailboxConcurrency limit.",
    });
  });

  it(`${verifies("throttle-directory-writes")} says which limit was reached, and whose`, async () => {
    await using world = await startInProcess();
    const write = (): Promise<Answered> => world.graph("PATCH", `users/${ADELE}`, { jobTitle: "Director" });
    expect(await countUntilThrottled(write, 3_100)).toBe(3_000);
    const refused = await write();
    expect(refused.headers.get("x-ms-throttle-information")).toBe("WriteLimitExceeded");
    expect(refused.headers.get("x-ms-throttle-scope")).toBe(
      `Tenant_Application/Write/${world.simulator.clientId}/${world.simulator.tenantId}`,
    );
    expect((await world.graph("GET", `users/${ADELE}`)).status).toBe(200);
  }, 30_000);

  it(`${verifies("throttle-directory-headers")} tells what a request to the directory cost, and when the limit is near`, async () => {
    await using world = await startInProcess();
    const first = await world.graph("GET", "users");
    expect(first.headers.get("x-ms-resource-unit")).toBe("2");
    expect(first.headers.has("x-ms-throttle-limit-percentage")).toBe(false);
    expect((await world.graph("GET", `users/${ADELE}`)).headers.get("x-ms-resource-unit")).toBe("1");
    await repeat(1_420, () => world.graph("GET", "users"));
    const near = await world.graph("GET", "users");
    expect(near.status).toBe(200);
    expect(Number(near.headers.get("x-ms-throttle-limit-percentage"))).toBeCloseTo(0.81, 1);
    expect((await world.graph("GET", "subscriptions")).headers.has("x-ms-resource-unit")).toBe(false);
  });

  it(`${verifies("throttle-directory-priority")} refuses what is of low priority first, and of high priority last`, async () => {
    await using world = await startInProcess();
    const withPriority = (priority: string) => () =>
      world.graph("GET", `users/${ADELE}`, undefined, { "x-ms-throttle-priority": priority });
    expect(await countUntilThrottled(withPriority("low"), 4_000)).toBe(3_150);
    expect((await withPriority("normal")()).status).toBe(200);
    await repeat(360, withPriority("normal"));
    expect((await withPriority("normal")()).status).toBe(429);
    expect((await withPriority("high")()).status).toBe(200);
  });

  it(`${verifies("throttle-teams")} counts requests to Teams by team, chat and channel too`, async () => {
    await using world = await startInProcess();
    const read = (path: string) => () => world.graph("GET", path);
    expect(await countUntilThrottled(read("teams/1/channels/2/messages"), 30)).toBe(1);
    expect(await countUntilThrottled(read("teams/1/channels/3/messages"), 30)).toBe(1);
    expect(await countUntilThrottled(read("chats/1/messages"), 30)).toBe(1);
    expect(await countUntilThrottled(read("teams/1"), 30)).toBe(4);
    expect(await countUntilThrottled(read("chats/1"), 30)).toBe(1);
    world.simulator.clock.advance(10_000);
    let count = 0;
    expect(
      await countUntilThrottled(() => world.graph("GET", `teams/1/channels/${count++}/messages`), 30),
    ).toBe(20);
  });
});

function raise(): never {
  throw new TypeError("Expected a refusal");
}
