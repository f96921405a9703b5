import { describe, expect, it } from "vitest";

import { createODataClient } from "../../test/support/odata-client.ts";
import { pathsOf, serveOData, type ODataReply } from "../../test/support/odata-server.ts";

// https://learn.microsoft.com/graph/delta-query-overview
describe("a delta query", () => {
  it("gives the items of each page with its cursor, and the delta link at the end", async () => {
    const server = await serveOData(({ path, origin }) => {
      if (path === "users/delta?$select=id") {
        return {
          body: { value: [{ id: "1" }], "@odata.nextLink": `${origin}/v1.0/users/delta?$skiptoken=2` },
        };
      }
      if (path.includes("skiptoken=2")) {
        // A page may be empty, and is followed all the same.
        return { body: { value: [], "@odata.nextLink": `${origin}/v1.0/users/delta?$skiptoken=3` } };
      }
      const value = [{ id: "2", "@removed": { reason: "deleted" } }];
      return { body: { value, "@odata.deltaLink": `${origin}/v1.0/users/delta?$deltatoken=4` } };
    });
    const steps = createODataClient(server).delta("users/delta?$select=id", {
      headers: { prefer: "return=minimal" },
    });
    expect(await Array.fromAsync(steps)).toEqual([
      { kind: "page", items: [{ id: "1" }], cursor: `${server.baseUrl}/users/delta?$skiptoken=2` },
      { kind: "page", items: [], cursor: `${server.baseUrl}/users/delta?$skiptoken=3` },
      {
        kind: "end",
        items: [{ id: "2", "@removed": { reason: "deleted" } }],
        cursor: `${server.baseUrl}/users/delta?$deltatoken=4`,
      },
    ]);
    for (const [request] of server.exchanges) expect(request?.headers["prefer"]).toBe("return=minimal");
  });

  it("goes on from a cursor, of a page or of the end, unchanged", async () => {
    const server = await serveOData(({ path, origin }) => ({
      body: { value: [], "@odata.deltaLink": `${origin}/v1.0/${path}&again` },
    }));
    const cursor = `${server.baseUrl}/users/delta?$deltatoken=a%2Fb+c`;
    expect(await Array.fromAsync(createODataClient(server).delta(cursor))).toEqual([
      { kind: "end", items: [], cursor: `${cursor}&again` },
    ]);
    expect(pathsOf(server)).toEqual([["users/delta?$deltatoken=a%2Fb+c"]]);
  });

  // https://learn.microsoft.com/graph/delta-query-overview#synchronization-reset
  // https://learn.microsoft.com/graph/api/driveitem-delta#response-1
  // https://github.com/microsoftgraph/microsoft-graph-docs/issues/2877
  it.each<[status: number, code: string | undefined]>([
    [410, undefined],
    [410, "resyncRequired"],
    [410, "resyncChangesApplyDifferences"],
    [410, "SyncStateNotFound"],
    [404, "SyncStateNotFound"],
    [400, "syncStateInvalid"],
  ])("that Graph has forgotten says so, and where to begin: %i %s", async (status, code) => {
    const server = await serveOData(({ origin }): ODataReply => ({
      status,
      headers: { location: `${origin}/v1.0/users/delta?$deltatoken=` },
      body: code === undefined ? undefined : { error: { code, message: "Resync" } },
    }));
    expect(await Array.fromAsync(createODataClient(server).delta("users/delta?$deltatoken=old"))).toEqual([
      { kind: "resync", code, cursor: `${server.baseUrl}/users/delta?$deltatoken=` },
    ]);
  });

  it.each([
    ["nowhere", undefined],
    ["to another host", "https://elsewhere.example/v1.0/users/delta"],
    ["to no URL", "users/delta"],
  ])("that Graph has forgotten and leads %s begins without a cursor", async (_, location) => {
    const server = await serveOData(() => ({
      status: 410,
      ...(location === undefined ? {} : { headers: { location } }),
    }));
    expect(await Array.fromAsync(createODataClient(server).delta("users/delta"))).toEqual([
      { kind: "resync", code: undefined, cursor: undefined },
    ]);
  });

  it("that is refused otherwise fails", async () => {
    const server = await serveOData(() => ({ status: 404, body: { error: { code: "itemNotFound" } } }));
    const steps = createODataClient(server).delta("drives/1/root/delta");
    await expect(Array.fromAsync(steps)).rejects.toMatchObject({ code: "ERR_GRAPH_REFUSED", status: 404 });
  });

  it.each([
    ["a delta link", "@odata.deltaLink"],
    ["a next link", "@odata.nextLink"],
  ])("with %s to another host fails, and sends no token there", async (_, name) => {
    const elsewhere = await serveOData(() => ({ body: {} }));
    const server = await serveOData(() => ({
      body: { value: [], [name]: `${elsewhere.baseUrl}/users/delta` },
    }));
    await expect(Array.fromAsync(createODataClient(server).delta("users/delta"))).rejects.toMatchObject({
      code: "ERR_GRAPH_ANSWER",
      fault: "foreign-link",
      message:
        "Graph answered GET /v1.0/users/delta with a link to another host, which must not get the token",
    });
    expect(elsewhere.exchanges).toEqual([]);
  });

  it("without a link to go on with fails, since changes would be lost", async () => {
    const server = await serveOData(() => ({ body: { value: [{ id: "1" }] } }));
    await expect(Array.fromAsync(createODataClient(server).delta("users/delta"))).rejects.toMatchObject({
      fault: "incomplete",
      retryable: true,
    });
  });
});
