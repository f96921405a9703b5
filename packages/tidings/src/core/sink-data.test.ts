import { describe, expect, it } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import type { Change } from "./change.ts";
import { GraphUnreachableError } from "./errors.ts";
import { assertEnrich, DEFAULT_ENRICH_MS, sinkDataOf } from "./sink-data.ts";

const clock = new FakeClock();

function changeWith(overrides: Partial<Change>): Change {
  return {
    id: "1",
    idempotencyKey: "key",
    changeType: "updated",
    resource: "Users/1",
    resourceKey: "users/1",
    resourceType: "#Microsoft.Graph.User",
    params: {},
    tenantId: "tenant",
    subscriptionId: "subscription",
    subscriptionKey: "subscription-key",
    etag: undefined,
    data: undefined,
    raw: {},
    receivedAt: 0,
    source: "webhook",
    attempt: 1,
    redriven: false,
    mergedCount: 1,
    changeTypes: ["updated"],
    fetch: async () => ({ id: "1" }),
    ...overrides,
  };
}

describe("what a sink tells of the changed thing", () => {
  it.each<{ name: string; change: Partial<Change>; enrich: boolean; told: unknown }>([
    { name: "is nothing, when nobody asked", change: {}, enrich: false, told: { kind: "none" } },
    {
      name: "is what the notification includes, asked or not",
      change: { data: { id: "then" } },
      enrich: true,
      told: { kind: "notification", data: { id: "then" } },
    },
    { name: "is what Graph has now", change: {}, enrich: true, told: { kind: "fetch", data: { id: "1" } } },
    {
      name: "is that it is gone, when Graph has it no more",
      change: { fetch: async () => undefined },
      enrich: true,
      told: { kind: "gone" },
    },
    {
      name: "is that it is gone, without asking, when it was deleted",
      change: { changeType: "deleted", fetch: async () => Promise.reject(new Error("asked")) },
      enrich: true,
      told: { kind: "gone" },
    },
    {
      name: "is that Graph failed",
      change: { fetch: async () => Promise.reject(new GraphUnreachableError("GET", "/users/1", {})) },
      enrich: true,
      told: { kind: "failed", error: "ERR_GRAPH_UNREACHABLE" },
    },
  ])("$name", async ({ change, enrich, told }) => {
    expect(await sinkDataOf(changeWith(change), enrich, clock)).toEqual(told);
  });

  it.each([
    [true, DEFAULT_ENRICH_MS],
    [{ withinMs: 200 }, 200],
  ])("is that Graph failed, when it does not answer within %o", async (enrich, ms) => {
    const telling = sinkDataOf(changeWith({ fetch: async () => new Promise(() => {}) }), enrich, clock);
    await clock.advance(ms);
    expect(await telling).toEqual({ kind: "failed", error: "ERR_GRAPH_UNREACHABLE" });
  });

  it("is no secret of a mistake in the program", async () => {
    const change = changeWith({ fetch: async () => Promise.reject(new RangeError("mistake")) });
    await expect(sinkDataOf(change, true, clock)).rejects.toThrow(RangeError);
  });

  it("is refused a time that is none", () => {
    expect(() => assertEnrich({ withinMs: 0 })).toThrow("got `0`");
    expect(() => assertEnrich(true)).not.toThrow();
  });
});
