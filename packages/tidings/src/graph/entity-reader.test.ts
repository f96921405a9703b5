import { describe, expect, it, vi } from "vitest";

import { createODataClient } from "../../test/support/odata-client.ts";
import { pathsOf, serveOData } from "../../test/support/odata-server.ts";
import { systemClock } from "../app/clock.ts";
import { EntityReader } from "./entity-reader.ts";

const T = { tenantId: "t" };

describe("entities that many ask for at once", () => {
  it("come in one batch for each tenant", async () => {
    const server = await serveOData(({ path, headers }) => ({
      body: { path, by: headers["authorization"] },
    }));
    const reader = new EntityReader(createODataClient(server));
    const read = async (tenantId: string, id: string): Promise<unknown> => {
      // Handlers do not all ask in the same instant.
      await Promise.resolve();
      return reader.get(`users/${id}`, { tenantId });
    };
    await Promise.all([read("a", "1"), read("b", "2"), read("a", "3"), read("b", "4"), read("a", "5")]);
    expect(new Set(pathsOf(server).map((paths) => paths.join(" ")))).toEqual(
      new Set(["users/1 users/3 users/5", "users/2 users/4"]),
    );
  });

  it("come from a request of their own when nobody else asks", async () => {
    const server = await serveOData(({ path }) => ({ body: { path } }));
    expect(await new EntityReader(createODataClient(server)).get("users/1", T)).toEqual({ path: "users/1" });
    expect(pathsOf(server)).toEqual([["users/1"]]);
  });

  it("are asked for once, and everybody gets one of their own", async () => {
    const server = await serveOData(({ path }) => ({ body: { path, tags: [] } }));
    const reader = new EntityReader(createODataClient(server));
    const [a, b, c, other] = await Promise.all([
      reader.get("users/1", T),
      reader.get("users/1", T),
      reader.get("users/2", T),
      reader.get("users/1", { tenantId: "other" }),
    ]);
    expect(a).toEqual({ path: "users/1", tags: [] });
    expect(b).toEqual(a);
    expect(b).not.toBe(a);
    expect([c, other]).toMatchObject([{ path: "users/2" }, { path: "users/1" }]);
    expect(new Set(pathsOf(server).map((paths) => paths.join(" ")))).toEqual(
      new Set(["users/1 users/2", "users/1"]),
    );
  });

  it("are asked for again once the request has left: its answer may be older than the change", async () => {
    let version = 0;
    const answers: (() => void)[] = [];
    const server = await serveOData(async () => {
      const body = { version: (version += 1) };
      await new Promise<void>((resolve) => answers.push(resolve));
      return { body };
    });
    const reader = new EntityReader(createODataClient(server));
    const early = reader.get("users/1", T);
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    const late = reader.get("users/1", T);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    for (const answer of answers) answer();
    expect(await Promise.all([early, late])).toEqual([{ version: 1 }, { version: 2 }]);
  });

  it("fail for everybody who asked, and are asked for again by the next", async () => {
    let status = 500;
    const server = await serveOData(({ path }) => ({ status, body: { path } }));
    const reader = new EntityReader(createODataClient(server));
    const both = await Promise.allSettled([reader.get("users/1", T), reader.get("users/1", T)]);
    expect(both).toMatchObject([{ reason: { status: 500 } }, { reason: { status: 500 } }]);
    status = 200;
    expect(await reader.get("users/1", T)).toEqual({ path: "users/1" });
  });
});

describe("an entity", () => {
  it.each([404, 410])("that is gone is undefined, and others are there: %i", async (status) => {
    const server = await serveOData(({ path }) => (path === "users/1" ? { status } : { body: { path } }));
    const reader = new EntityReader(createODataClient(server));
    expect(await Promise.all([reader.get("users/1", T), reader.get("users/2", T)])).toEqual([
      undefined,
      { path: "users/2" },
    ]);
    expect(await reader.get("users/1", T)).toBeUndefined();
  });

  it("that is throttled waits alone", async () => {
    let refusals = 0;
    const server = await serveOData(({ path }) => {
      if (path !== "chats/1/messages/1" || refusals > 0) return { body: { path } };
      refusals += 1;
      return { status: 429, headers: { "Retry-After": "0.4" } };
    });
    const reader = new EntityReader(createODataClient(server));
    const startedAt = systemClock.now();
    const endedAt = async (path: string): Promise<number> => {
      expect(await reader.get(path, T)).toEqual({ path });
      return systemClock.now() - startedAt;
    };
    const [throttled, other] = await Promise.all([endedAt("chats/1/messages/1"), endedAt("users/1")]);
    expect(throttled).toBeGreaterThanOrEqual(400);
    expect(other).toBeLessThan(400);
    expect(pathsOf(server)).toEqual([["chats/1/messages/1", "users/1"], ["chats/1/messages/1"]]);
  });

  it("whose path leaves the API is refused", async () => {
    const reader = new EntityReader(createODataClient({ baseUrl: "http://127.0.0.1:1/v1.0" }));
    await expect(reader.get("../beta/users/1", T)).rejects.toThrow(TypeError);
  });
});
