import { describe, expect, it } from "vitest";

import { createODataClient } from "../../test/support/odata-client.ts";
import { pathsOf, serveOData, type ODataReply, type ODataRequest } from "../../test/support/odata-server.ts";
import { systemClock } from "../app/clock.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { BatchRequest, BatchResult } from "./batch.ts";

/** Time goes by so much faster. */
function fasterClock(times: number): Clock {
  return {
    now: () => systemClock.now() * times,
    sleep: async (ms, signal) => systemClock.sleep(ms / times, signal),
  };
}

function reads(count: number, pathOf: (index: number) => string): BatchRequest[] {
  return Array.from({ length: count }, (_, index) => ({ path: pathOf(index) }));
}

const echo = ({ path }: ODataRequest): ODataReply => ({ body: { path } });

function bodiesOf(results: readonly BatchResult[]): unknown[] {
  return results.map((result) => (result.kind === "done" ? result.body : result.error.message));
}

describe("a batch", () => {
  it("of any number goes in chunks of 20, and its results are in order", async () => {
    const server = await serveOData(echo);
    const results = await createODataClient(server).batch(reads(45, (index) => `drives/${index}`));
    expect(bodiesOf(results)).toEqual(
      Array.from({ length: 45 }, (_, index) => ({ path: `drives/${index}` })),
    );
    expect(server.exchanges.map((requests) => requests.length)).toEqual([20, 20, 5]);
  });

  it("of none asks for nothing", async () => {
    const server = await serveOData(echo);
    expect(await createODataClient(server).batch([])).toEqual([]);
    expect(server.exchanges).toEqual([]);
  });

  it("of one goes by itself", async () => {
    const server = await serveOData(echo);
    await createODataClient(server).batch([{ path: "drives/1?$select=id" }]);
    expect(server.exchanges).toMatchObject([[{ method: "GET", path: "drives/1?$select=id" }]]);
  });

  it("carries methods, bodies, headers and queries", async () => {
    const server = await serveOData(() => ({
      status: 201,
      headers: { "x-answer": "yes" },
      body: { id: "1" },
    }));
    const results = await createODataClient(server).batch([
      { method: "post", path: "drives", body: { name: "x" }, headers: { prefer: "return=minimal" } },
      { path: "/drives/1?$select=id,name&$filter=name eq 'a b'" },
    ]);
    expect(server.exchanges).toMatchObject([
      [
        {
          method: "POST",
          path: "drives",
          body: { name: "x" },
          headers: { prefer: "return=minimal", "content-type": "application/json" },
        },
        { method: "GET", path: "drives/1?$select=id,name&$filter=name%20eq%20%27a%20b%27", body: undefined },
      ],
    ]);
    expect(results).toMatchObject([
      { kind: "done", status: 201, body: { id: "1" } },
      { kind: "done", status: 201, body: { id: "1" } },
    ]);
    for (const result of results)
      expect(result.kind === "done" && result.headers.get("X-Answer")).toBe("yes");
  });

  it("never has more than four of one mailbox under way", async () => {
    const underWay = new Map<string, number>();
    let most = 0;
    const server = await serveOData(async ({ path }) => {
      const mailbox = path.split("/")[1] ?? "";
      underWay.set(mailbox, (underWay.get(mailbox) ?? 0) + 1);
      most = Math.max(most, underWay.get(mailbox) ?? 0);
      await systemClock.sleep(5);
      underWay.set(mailbox, (underWay.get(mailbox) ?? 0) - 1);
      return { body: { path } };
    });
    const results = await createODataClient(server).batch(
      reads(24, (index) => `users/${index % 2}/messages/${index}`),
    );
    expect(results.every(({ kind }) => kind === "done")).toBe(true);
    expect(most).toBe(4);
    for (const requests of server.exchanges) expect(requests.length).toBeLessThanOrEqual(8);
  });

  it("keeps tenants apart, each under its own token", async () => {
    const server = await serveOData(echo);
    const client = createODataClient(server);
    await Promise.all(
      ["a", "b"].map(async (tenantId) =>
        client.batch(
          reads(3, (n) => `drives/${n}`),
          { tenantId },
        ),
      ),
    );
    expect(pathsOf(server)).toEqual([
      ["drives/0", "drives/1", "drives/2"],
      ["drives/0", "drives/1", "drives/2"],
    ]);
  });
});

describe("a request of a batch that is refused", () => {
  it("fails by itself, with what Graph said", async () => {
    const server = await serveOData(({ path }) =>
      path === "drives/1"
        ? {
            status: 403,
            body: { error: { code: "accessDenied", message: "No", innerError: { "request-id": "b9d4" } } },
          }
        : { body: { path } },
    );
    const results = await createODataClient(server).batch(reads(3, (index) => `drives/${index}`));
    expect(results).toMatchObject([
      { kind: "done" },
      {
        kind: "failed",
        error: {
          code: "ERR_GRAPH_REFUSED",
          method: "GET",
          path: "/v1.0/drives/1",
          status: 403,
          graphMessage: "No",
          requestId: "b9d4",
        },
      },
      { kind: "done" },
    ]);
  });

  it("for being one too many goes again in a new batch, after the longest wait that was asked for", async () => {
    const asked = new Map<string, number[]>();
    const clock = fasterClock(20);
    const server = await serveOData(({ path }) => {
      const times = asked.get(path) ?? [];
      asked.set(path, [...times, clock.now()]);
      const waits: Record<string, string> = { "drives/1": "1", "drives/2": "2.5" };
      const wait = waits[path];
      if (wait === undefined || times.length > 0) return { body: { path } };
      return { status: 429, headers: { "retry-after": wait }, body: { error: { code: "TooManyRequests" } } };
    });
    const results = await createODataClient(server, { clock }).batch(reads(4, (index) => `drives/${index}`));
    expect(bodiesOf(results)).toEqual(reads(4, (index) => `drives/${index}`));
    expect(pathsOf(server)).toEqual([
      ["drives/0", "drives/1", "drives/2", "drives/3"],
      ["drives/1", "drives/2"],
    ]);
    for (const path of ["drives/1", "drives/2"]) {
      const [first = 0, second = 0] = asked.get(path) ?? [];
      expect(second - first).toBeGreaterThanOrEqual(2_500);
    }
  });

  it("so for longer than it may wait fails as throttled", async () => {
    const server = await serveOData(({ path }) =>
      path === "drives/1" ? { status: 429, headers: { "retry-after": "3600" } } : { body: { path } },
    );
    const results = await createODataClient(server).batch(
      reads(2, (index) => `drives/${index}`),
      { maxWaitMs: 1_000 },
    );
    expect(results).toMatchObject([
      { kind: "done" },
      { kind: "failed", error: { status: 429, retryAfterMs: 3_600_000 } },
    ]);
  });

  it("without a word of how long goes again, slower", async () => {
    let refusals = 0;
    const server = await serveOData(({ path }) => {
      if (path !== "drives/1" || refusals === 2) return { body: { path } };
      refusals += 1;
      return { status: 429 };
    });
    const clock = fasterClock(100);
    const startedAt = clock.now();
    const results = await createODataClient(server, { clock }).batch(reads(2, (index) => `drives/${index}`));
    expect(results.map(({ kind }) => kind)).toEqual(["done", "done"]);
    expect(pathsOf(server)).toEqual([["drives/0", "drives/1"], ["drives/1"], ["drives/1"]]);
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(2_000 + 3_900);
  });
});

describe("a batch that fails as a whole", () => {
  it("is the failure of each of its requests, and of no other batch", async () => {
    const server = await serveOData(echo);
    const broken = await serveOData(
      () => ({ body: {} }),
      () => ({ status: 502, body: "<html>" }),
    );
    const client = createODataClient(server);
    expect((await client.batch(reads(2, (index) => `drives/${index}`))).map(({ kind }) => kind)).toEqual([
      "done",
      "done",
    ]);
    const results = await createODataClient(broken).batch(reads(2, (index) => `drives/${index}`));
    expect(results).toMatchObject([
      { kind: "failed", error: { path: "/v1.0/$batch", status: 502, retryable: true } },
      { kind: "failed", error: { path: "/v1.0/$batch", status: 502, retryable: true } },
    ]);
  });

  it("for being too many goes again", async () => {
    let refusals = 0;
    const server = await serveOData(echo, () => {
      refusals += 1;
      return refusals > 1 ? undefined : { status: 429, headers: { "retry-after": "0.05" } };
    });
    const results = await createODataClient(server).batch(reads(3, (index) => `drives/${index}`));
    expect(results.map(({ kind }) => kind)).toEqual(["done", "done", "done"]);
    expect(server.exchanges.map((requests) => requests.length)).toEqual([3, 3]);
  });

  it.each([404, 405, 501])("for want of batches goes one by one: %i", async (status) => {
    const server = await serveOData(echo, () => ({ status }));
    const results = await createODataClient(server).batch([
      { path: "drives/0" },
      { method: "POST", path: "drives", body: {} },
    ]);
    expect(bodiesOf(results)).toEqual([{ path: "drives/0" }, { path: "drives" }]);
  });

  it("for an answer that lacks one says so of that one", async () => {
    const server = await serveOData(echo, () => ({
      body: { responses: [{ id: "2", status: 204 }, { id: "3", status: 200, headers: null, body: 7 }, "x"] },
    }));
    const results = await createODataClient(server).batch(reads(3, (index) => `drives/${index}`));
    expect(results).toMatchObject([
      { kind: "failed", error: { code: "ERR_GRAPH_ANSWER", fault: "incomplete" } },
      { kind: "done", status: 204, body: undefined },
      { kind: "done", status: 200, body: 7 },
    ]);
  });

  it("for want of a connection says so of each", async () => {
    const server = { baseUrl: "http://127.0.0.1:1/v1.0" };
    const results = await createODataClient(server).batch(reads(2, (index) => `drives/${index}`));
    expect(results).toMatchObject([
      { kind: "failed", error: { code: "ERR_GRAPH_UNREACHABLE" } },
      { kind: "failed", error: { code: "ERR_GRAPH_UNREACHABLE" } },
    ]);
  });

  it("for want of a token says so of each", async () => {
    const server = await serveOData(echo);
    const client = createODataClient(server, { credential: { getToken: async () => null } });
    const results = await client.batch(
      reads(2, (index) => `drives/${index}`),
      { tenantId: "t" },
    );
    expect(results).toMatchObject([
      { kind: "failed", error: { code: "ERR_CREDENTIAL" } },
      { kind: "failed", error: { code: "ERR_CREDENTIAL" } },
    ]);
    expect(server.exchanges).toEqual([]);
  });

  it("for being too large an answer is asked for one by one", async () => {
    const server = await serveOData(({ path }) => ({
      body: { path, text: "x".repeat(path === "drives/1" ? 900 : 400) },
    }));
    const results = await createODataClient(server, { maxAnswerBytes: 800 }).batch(
      reads(2, (index) => `drives/${index}`),
    );
    expect(results).toMatchObject([
      { kind: "done", body: { path: "drives/0" } },
      { kind: "failed", error: { code: "ERR_GRAPH_ANSWER", fault: "too-large" } },
    ]);
    expect(pathsOf(server)).toEqual([["drives/0", "drives/1"], ["drives/0"], ["drives/1"]]);
  });
});

describe("a request that depends on another", () => {
  it("goes when that has succeeded", async () => {
    const server = await serveOData(echo);
    const results = await createODataClient(server).batch([
      { id: "a", path: "drives/a" },
      { id: "b", path: "drives/b", dependsOn: ["a"] },
      { path: "drives/c", dependsOn: ["a", "b"] },
      { path: "drives/d" },
    ]);
    expect(bodiesOf(results)).toEqual(["a", "b", "c", "d"].map((name) => ({ path: `drives/${name}` })));
    expect(pathsOf(server)).toEqual([["drives/a", "drives/d"], ["drives/b"], ["drives/c"]]);
  });

  it("is not sent when that has failed, nor what depends on it", async () => {
    const server = await serveOData(({ path }) =>
      path === "drives/a" ? { status: 404 } : { body: { path } },
    );
    const results = await createODataClient(server).batch([
      { id: "a", path: "drives/a" },
      { id: "b", method: "delete", path: "drives/b?x=1", dependsOn: ["a"] },
      { path: "drives/c", dependsOn: ["b"] },
    ]);
    expect(results).toMatchObject([
      { kind: "failed", error: { status: 404 } },
      { kind: "failed", error: { status: 424, method: "DELETE", path: "drives/b" } },
      { kind: "failed", error: { status: 424 } },
    ]);
    expect(pathsOf(server)).toEqual([["drives/a"]]);
  });

  it.each<[what: string, requests: BatchRequest[], says: string]>([
    [
      "the same id twice",
      [
        { id: "a", path: "x" },
        { id: "a", path: "y" },
      ],
      "Expected each `id` once in a batch, got `a` again",
    ],
    [
      "one that is not there",
      [{ path: "x", dependsOn: ["a"] }],
      "Expected `dependsOn` to name an `id` of an earlier request of the batch, got `a`",
    ],
    [
      "itself",
      [{ id: "a", path: "x", dependsOn: ["a"] }],
      "Expected `dependsOn` to name an `id` of an earlier request of the batch, got `a`",
    ],
    [
      "another host",
      [{ path: "https://elsewhere.example/v1.0/users" }],
      "Expected a URL on http://127.0.0.1:1, where the token belongs, got one on https://elsewhere.example",
    ],
    [
      "another version",
      [{ path: "http://127.0.0.1:1/beta/users" }],
      "Expected a URL below http://127.0.0.1:1/v1.0 in a batch, got one at /beta/users",
    ],
  ])("is refused at once for naming %s", async (_, requests, says) => {
    const client = createODataClient({ baseUrl: "http://127.0.0.1:1/v1.0" });
    await expect(client.batch(requests)).rejects.toThrow(new TypeError(says));
  });
});

it("a batch that is given up rejects with the signal's reason", async () => {
  const server = await serveOData(() => ({ status: 429, headers: { "retry-after": "60" } }));
  const giveUp = new AbortController();
  const batch = createODataClient(server).batch(
    reads(2, (index) => `drives/${index}`),
    { signal: giveUp.signal },
  );
  await systemClock.sleep(50);
  giveUp.abort(new Error("enough"));
  await expect(batch).rejects.toThrow("enough");
});
