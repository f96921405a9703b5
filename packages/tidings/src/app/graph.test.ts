import { describe, expect, it } from "vitest";

import { pathsOf, serveOData } from "../../test/support/odata-server.ts";
import { createGraphClient, type CreateGraphClientOptions } from "./graph.ts";

function credentialOf(scopes: (string | string[])[] = []): CreateGraphClientOptions["credential"] {
  return {
    getToken: async (scope) => {
      scopes.push(scope);
      return { token: "token", expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
    },
  };
}

describe("createGraphClient", () => {
  it("makes a client of any OData API", async () => {
    const server = await serveOData(({ path }) => ({ body: { value: [path] } }));
    const scopes: (string | string[])[] = [];
    const client = createGraphClient({
      credential: credentialOf(scopes),
      scope: "https://api.businesscentral.dynamics.com/.default",
      baseUrl: `${server.origin}/v1.0/`,
    });
    expect(await client.get("companies")).toEqual({ value: ["companies"] });
    expect(await Array.fromAsync(client.pages("customers"))).toEqual(["customers"]);
    expect(scopes).toEqual(["https://api.businesscentral.dynamics.com/.default"]);
  });

  it("asks for tokens of the host it talks to, unless it is told otherwise", async () => {
    const server = await serveOData(() => ({ body: {} }));
    const scopes: (string | string[])[] = [];
    await createGraphClient({ credential: credentialOf(scopes), baseUrl: server.baseUrl }).get("users");
    expect(scopes).toEqual([`${server.origin}/.default`]);
  });

  it("keeps Graph's limits when it is told to, and none of its own on another host", async () => {
    let underWay = 0;
    let most = 0;
    const server = await serveOData(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay -= 1;
      return { body: {} };
    });
    const readAll = async (limits?: "graph"): Promise<void> => {
      const client = createGraphClient({ credential: credentialOf(), baseUrl: server.baseUrl, limits });
      await Promise.all(
        Array.from({ length: 12 }, async (_, index) => client.get(`users/1/messages/${index}`)),
      );
    };
    await readAll("graph");
    expect(most).toBe(4);
    most = 0;
    await readAll();
    expect(most).toBeGreaterThan(4);
  });

  it("obeys Retry-After on any host", async () => {
    let refusals = 0;
    const server = await serveOData(() => {
      refusals += 1;
      return refusals === 1 ? { status: 429, headers: { "retry-after": "0.1" } } : { body: { ok: true } };
    });
    const client = createGraphClient({ credential: credentialOf(), baseUrl: server.baseUrl });
    expect(await client.request("POST", "orders", { body: {} })).toEqual({ ok: true });
    expect(pathsOf(server)).toEqual([["orders"], ["orders"]]);
  });

  it.each<[name: string, options: Record<string, unknown>, says: string]>([
    [
      "no credential",
      {},
      "Expected `credential`, such as `new DefaultAzureCredential()` of @azure/identity, got `undefined`",
    ],
    [
      "a base URL that is none",
      { credential: credentialOf(), baseUrl: "graph" },
      "Expected `baseUrl` to be an https URL without query, got `graph`",
    ],
    [
      "a base URL in the clear",
      { credential: credentialOf(), baseUrl: "http://graph.example/v1.0" },
      "Expected `baseUrl` to be an https URL without query, got `http://graph.example`",
    ],
    [
      "a base URL with a query",
      { credential: credentialOf(), baseUrl: "https://graph.example/v1.0?key=secret" },
      "Expected `baseUrl` to be an https URL without query, got `https://graph.example`",
    ],
    [
      "no time at all",
      { credential: credentialOf(), timeoutMs: 0 },
      "Expected `timeoutMs` to be a number > 0, got `0`",
    ],
    [
      "a size that is none",
      { credential: credentialOf(), maxAnswerBytes: Number.NaN },
      "Expected `maxAnswerBytes` to be a number > 0, got `NaN`",
    ],
  ])("refuses %s at once", (_, options, says) => {
    // As a caller without types would.
    const create: (given: never) => unknown = createGraphClient;
    expect(() => Reflect.apply(create, undefined, [options])).toThrow(new TypeError(says));
  });
});
