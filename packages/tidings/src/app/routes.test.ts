import { expect, it } from "vitest";
import type { Route } from "../core/route.ts";
import { RouteCache, type RouteFollower } from "./routes.ts";

function route(subscriptionKey: string, declaration = "users"): Route {
  const want = { declaration, definition: "d", changeTypes: ["updated" as const], params: {} };
  return { subscriptionKey, wants: [want] };
}

/** All routes there are, with what was asked of them; `hold` keeps answers back until `release`. */
function createWorld({ limit = 100 }: { limit?: number } = {}) {
  const stored = new Map<string, Route>();
  const asked: string[] = [];
  const gate = { opened: Promise.resolve(), open: () => {} };
  const cache = new RouteCache(async (key) => {
    asked.push(key);
    const found = stored.get(key);
    await gate.opened;
    return found;
  }, limit);
  const hold = (): void => {
    const { promise, resolve } = Promise.withResolvers<void>();
    Object.assign(gate, { opened: promise, open: resolve });
  };
  return { stored, asked, cache, hold, release: () => gate.open() };
}

it("reads a route once, however many ask for it at once", async () => {
  const { stored, asked, cache } = createWorld();
  stored.set("a", route("a"));
  expect(cache.get("a")).toBeUndefined();
  const found = await Promise.all([cache.find(["a", "b"]), cache.find(["a"])]);
  expect(found.map((each) => [...each.keys()])).toEqual([["a"], ["a"]]);
  expect(cache.get("a")).toEqual(route("a"));
  await cache.find(["a"]);
  expect(asked).toEqual(["a", "b"]);
});

it("keeps those that were used last", async () => {
  const { stored, cache } = createWorld({ limit: 2 });
  for (const key of ["a", "b", "c"]) stored.set(key, route(key));
  await cache.find(["a", "b"]);
  cache.get("a");
  expect((await cache.find(["c"])).size).toBe(1);
  expect(["a", "b", "c"].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
});

it("finds more at once than it keeps", async () => {
  const { stored, cache } = createWorld({ limit: 2 });
  const keys = ["a", "b", "c", "d"];
  for (const key of keys) stored.set(key, route(key));
  expect([...(await cache.find(keys)).keys()]).toEqual(keys);
});

it("does not keep what was read before a change", async () => {
  const { stored, cache, hold, release } = createWorld();
  stored.set("changed", route("changed", "old")).set("deleted", route("deleted", "old"));
  hold();
  const finding = cache.find(["changed", "deleted"]);
  await cache.set(route("changed", "new"));
  await cache.delete("deleted");
  release();
  await finding;
  expect(cache.get("changed")).toEqual(route("changed", "new"));
  expect(cache.get("deleted")).toBeUndefined();
});

it("reads anew what was changed while it was read", async () => {
  const { stored, asked, cache, hold, release } = createWorld({ limit: 1 });
  stored.set("a", route("a", "old"));
  hold();
  const before = cache.find(["a"]);
  stored.set("a", route("a", "new"));
  await cache.set(route("a", "new"));
  await cache.set(route("b"));
  const after = cache.find(["a"]);
  release();
  await before;
  expect((await after).get("a")).toEqual(route("a", "new"));
  expect(asked).toEqual(["a", "a"]);
});

it("asks again after a failure", async () => {
  let isBroken = true;
  const cache = new RouteCache(async (key) => {
    if (isBroken) throw new Error("the disk is gone");
    return route(key);
  });
  await expect(cache.find(["a"])).rejects.toThrow("the disk is gone");
  isBroken = false;
  expect((await cache.find(["a"])).size).toBe(1);
});

it("tells those who follow of each change", async () => {
  const { cache } = createWorld();
  const told: string[] = [];
  const follower: RouteFollower = {
    setRoute: async ({ subscriptionKey }) => void told.push(`set ${subscriptionKey}`),
    deleteRoute: async (key) => void told.push(`delete ${key}`),
    completeRoutes: async () => void told.push("complete"),
  };
  cache.follow(follower);
  await cache.set(route("a"));
  await cache.delete("a");
  await cache.complete();
  await cache.complete();
  cache.unfollow(follower);
  await cache.set(route("b"));
  expect(told).toEqual(["set a", "delete a", "complete"]);
});
