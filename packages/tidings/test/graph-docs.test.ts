import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createClients, followChanges, readAndWrite, readPages, readTogether } from "./graph.examples.ts";
import { createODataClient } from "./support/odata-client.ts";
import { pathsOf, serveOData } from "./support/odata-server.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

describe("docs/graph.md", () => {
  it("shows examples that are type-checked and run, word for word", () => {
    const shown = [...read("../../../docs/graph.md").matchAll(/```ts\n([\s\S]*?)```/g)].map(
      ([, code]) => code,
    );
    const examples = [
      ...read("graph.examples.ts").matchAll(/ {2}\/\/ example: .*\n([\s\S]*?) {2}\/\/ end\n/g),
    ].map(([, code = ""]) => code.replaceAll(/^ {2}/gm, ""));
    expect(shown).toEqual(examples);
    expect(shown).toHaveLength(5);
  });
});

describe("the examples", () => {
  it("make clients", () => {
    expect(createClients({ getToken: async () => null })).toHaveLength(2);
  });

  it("read and write", async () => {
    const server = await serveOData(({ method }) =>
      method === "GET" ? { body: { displayName: "Adele" } } : { status: 204 },
    );
    expect(await readAndWrite(createODataClient(server), "t", "1")).toEqual({ displayName: "Adele" });
    expect(server.exchanges.flat()).toMatchObject([
      { method: "GET", path: "users/1?$select=displayName" },
      { method: "PATCH", path: "users/1", body: { jobTitle: "Engineer" } },
    ]);
  });

  it("read pages", async () => {
    const server = await serveOData(({ path, origin }) =>
      path.includes("skiptoken")
        ? { body: { value: [{ displayName: "Alex" }] } }
        : {
            body: {
              value: [{ displayName: "Adele" }],
              "@odata.nextLink": `${origin}/v1.0/users?$skiptoken=2`,
            },
          },
    );
    expect(await readPages(createODataClient(server))).toEqual([
      { displayName: "Adele" },
      { displayName: "Alex" },
    ]);
  });

  it("read together", async () => {
    const server = await serveOData(({ path }) =>
      path.endsWith("/2") ? { status: 404 } : { body: { subject: path.slice(-1) } },
    );
    expect(await readTogether(createODataClient(server), "u", ["1", "2", "3"])).toEqual([
      { subject: "1" },
      "Graph refused GET /v1.0/users/u/messages/2: 404   (request-id none)",
      { subject: "3" },
    ]);
    expect(pathsOf(server)).toHaveLength(1);
  });

  it("follow changes, and begin anew when Graph has forgotten", async () => {
    const server = await serveOData(({ path, origin }) => {
      if (path.includes("deltatoken=old")) return { status: 410 };
      return {
        body: { value: [{ id: "1" }], "@odata.deltaLink": `${origin}/v1.0/users/delta?$deltatoken=new` },
      };
    });
    const saved: unknown[] = [];
    await followChanges(createODataClient(server), {
      cursor: `${server.baseUrl}/users/delta?$deltatoken=old`,
      save: async (items, cursor) => void saved.push([items, cursor]),
    });
    expect(saved).toEqual([[[{ id: "1" }], `${server.baseUrl}/users/delta?$deltatoken=new`]]);
    expect(pathsOf(server)).toEqual([["users/delta?$deltatoken=old"], ["users/delta?$select=displayName"]]);
  });
});
