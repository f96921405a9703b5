import { describe, expect, it } from "vitest";

import { verifies } from "../../test/requirements.ts";
import { Clock } from "../clock.ts";
import { pathSegments } from "../http/path.ts";
import { empty, type Reply } from "../http/reply.ts";
import { Throttle } from "./throttle.ts";

const MINUTE_MS = 60_000;

/** A request as the limits see it. */
interface Asked {
  readonly method?: string;
  /** Path and query below the API version. */
  readonly url: string;
  readonly app?: string;
  readonly tenant?: string;
  readonly body?: string;
}

interface Limits {
  readonly clock: Clock;
  ask(asked: Asked): Promise<Reply>;
  /** How many requests in a row are let through before the first 429. */
  countUntilThrottled(asked: (count: number) => Asked): Promise<number>;
}

function startLimits({ userCount = 3 }: { readonly userCount?: number } = {}): Limits {
  const clock = new Clock({ kind: "virtual", startAt: 0 });
  const throttle = new Throttle({
    clock,
    policy: "documented",
    retryAfter: "seconds",
    countUsers: () => userCount,
  });
  const ask: Limits["ask"] = ({ method = "GET", url, app = "app", tenant = "tenant", body = "" }) => {
    const [path = "", query = ""] = url.split("?");
    const request = {
      method,
      body,
      path: `/v1.0/${path}`,
      query: new URLSearchParams(query),
      headers: {},
      origin: "",
      root: "",
      at: 0,
      requestId: "",
      clientRequestId: "",
      caller: {
        applicationId: app,
        tenantId: tenant,
        objectId: "",
        permissions: [],
        tokenExpiresAt: Number.POSITIVE_INFINITY,
      },
    };
    return throttle.pass(request, pathSegments(path), () => Promise.resolve(empty(204)));
  };
  return {
    clock,
    ask,
    countUntilThrottled: async (asked) => {
      for (let count = 0; ; count += 1) if ((await ask(asked(count))).status === 429) return count;
    },
  };
}

describe("the documented limits", () => {
  it(`${verifies("throttle-global")} let an app make 130,000 requests in 10 seconds, whatever they are for`, async () => {
    const limits = startLimits();
    const counted = await limits.countUntilThrottled((count) => ({
      url: "search",
      tenant: `tenant ${count % 3}`,
    }));
    expect(counted).toBe(130_000);
    expect((await limits.ask({ url: "search", app: "another" })).status).toBe(204);
    limits.clock.advance(1_000);
    expect((await limits.ask({ url: "search" })).status).toBe(204);
  });

  it(`${verifies("throttle-outlook")} let 10,000 requests to a mailbox through, whatever there is for another`, async () => {
    const limits = startLimits();
    expect(await limits.countUntilThrottled(() => ({ url: "users/1/messages/2" }))).toBe(10_000);
    expect((await limits.ask({ url: "users/2/messages" })).status).toBe(204);
    expect((await limits.ask({ url: "users/1/events", app: "another" })).status).toBe(204);
    expect((await limits.ask({ url: "users/1/events" })).status).toBe(429);
  });

  it(`${verifies("throttle-outlook")} let 150 MB be uploaded to a mailbox in 5 minutes`, async () => {
    const limits = startLimits();
    const upload: Asked = { method: "POST", url: "users/1/messages", body: "x".repeat(3 * 2 ** 20) };
    expect(await limits.countUntilThrottled(() => upload)).toBe(50);
    expect((await limits.ask({ url: "users/1/messages" })).status).toBe(204);
    limits.clock.advance(5 * MINUTE_MS);
    expect((await limits.ask(upload)).status).toBe(204);
  });

  it.each([
    { url: "users", userCount: 49, counted: 1_750 },
    { url: "users?$select=id", userCount: 49, counted: 3_500 },
    { url: "users?$expand=manager", userCount: 49, counted: 1_166 },
    { url: "users/1", userCount: 49, counted: 3_500 },
    { url: "users", userCount: 50, counted: 2_500 },
    { url: "users", userCount: 500, counted: 2_500 },
    { url: "users", userCount: 501, counted: 4_000 },
    { url: "groups/1/members", userCount: 49, counted: 1_166 },
  ])(
    `${verifies("throttle-directory-units")} let $counted requests to $url through in a tenant of $userCount`,
    async ({ url, userCount, counted }) => {
      const limits = startLimits({ userCount });
      expect(await limits.countUntilThrottled(() => ({ url }))).toBe(counted);
    },
  );

  it(`${verifies("throttle-directory-writes")} let 3,000 writes to a directory through, and 18,000 of all apps`, async () => {
    const limits = startLimits();
    const write = (app: string): Asked => ({ method: "PATCH", url: "users/1", app });
    expect(await limits.countUntilThrottled(() => write("app 0"))).toBe(3_000);
    expect((await limits.ask({ url: "users/1", app: "app 0" })).status).toBe(204);
    // 3,001 are counted already: the one that was refused too.
    expect(await limits.countUntilThrottled((count) => write(`app ${1 + (count % 10)}`))).toBe(14_999);
  });

  it(`${verifies("throttle-others")} know presence, call records and alerts`, async () => {
    const limits = startLimits();
    expect(await limits.countUntilThrottled(() => ({ url: "communications/presences/1" }))).toBe(10_000);
    expect(await limits.countUntilThrottled(() => ({ url: "communications/callRecords/1" }))).toBe(40);
    expect(await limits.countUntilThrottled(() => ({ url: "communications/callRecords" }))).toBe(40);
    expect(
      await limits.countUntilThrottled((count) => ({ url: `communications/callRecords/${count + 2}` })),
    ).toBe(1_500 - 82);
    expect(await limits.countUntilThrottled(() => ({ url: "security/alerts" }))).toBe(150);
  });

  it(`${verifies("throttle-teams")} count for Teams by app, by app and tenant, and by thing`, async () => {
    const limits = startLimits();
    const counted = await limits.countUntilThrottled((count) => ({
      url: `chats/${count}/messages`,
      tenant: `tenant ${count % 20}`,
    }));
    expect(counted).toBe(200);
  });
});
