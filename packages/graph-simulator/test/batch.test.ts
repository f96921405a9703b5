import { describe, expect, it } from "vitest";

import type { JsonObject, JsonValue } from "../src/http/json.ts";
import { startInProcess, type InProcessWorld } from "./in-process-world.ts";
import { verifies } from "./requirements.ts";
import { ADELE, errorOf, objects, startWorld, text, type Answered } from "./world.ts";

const JSON_HEADERS = { "Content-Type": "application/json" };

function get(id: string, url: string, more: JsonObject = {}): JsonObject {
  return { id, method: "GET", url, ...more };
}

function batch(world: Pick<InProcessWorld, "graph">, requests: readonly JsonValue[]): Promise<Answered> {
  return world.graph("POST", "$batch", { requests: [...requests] });
}

/** The responses by id. */
function byId(answer: Answered): ReadonlyMap<string, JsonObject> {
  return new Map(objects(answer.body, "responses").map((response) => [text(response, "id"), response]));
}

describe("a batch", () => {
  it(`${verifies("batch-per-item")} is answered 200, with a status, headers and body for each request`, async () => {
    await using world = await startInProcess();
    const answer = await batch(world, [
      get("1", `/users/${ADELE}?$select=displayName`),
      get("2", "users/nobody"),
      { id: "3", method: "PATCH", url: `/users/${ADELE}`, headers: JSON_HEADERS, body: { city: "Bern" } },
      { id: "4", method: "DELETE", url: `/users/${ADELE}` },
      get("5", "/movies"),
    ]);
    expect(answer.status).toBe(200);
    const responses = byId(answer);
    expect(responses.get("1")).toMatchObject({
      status: 200,
      headers: { "Content-Type": "application/json" },
      body: { displayName: "Adele Vance" },
    });
    expect(responses.get("2")).toMatchObject({
      status: 404,
      body: { error: { code: "Request_ResourceNotFound" } },
    });
    expect(responses.get("3")).toMatchObject({ status: 204 });
    expect(responses.get("3")).not.toHaveProperty("body");
    expect(responses.get("4")).toMatchObject({ status: 204 });
    expect(responses.get("5")).toMatchObject({ status: 400, body: { error: { code: "BadRequest" } } });
    expect(world.simulator.ledger.totals.changes).toBe(2);
  });

  it("goes the same way over HTTP, with subscriptions and their handshakes in it", async () => {
    await using world = await startWorld();
    const subscription = {
      changeType: "updated",
      notificationUrl: `${world.receiver.url}/notifications`,
      expirationDateTime: new Date(world.simulator.clock.now() + 3_600_000).toISOString(),
    };
    const answer = await world.graph("POST", "$batch", {
      requests: ["users", `users/${ADELE}`].map((resource, index) => ({
        id: String(index),
        method: "POST",
        url: "/subscriptions",
        headers: JSON_HEADERS,
        body: { ...subscription, resource },
      })),
    });
    const responses = byId(answer);
    expect([...responses.values()].map((response) => response["status"])).toEqual([201, 201]);
    expect(responses.get("0")?.["headers"]).toMatchObject({
      Location: expect.stringContaining("https://subscriptionstore.windows.net/"),
    });
    expect(world.receiver.handshakes).toHaveLength(2);
    expect(world.simulator.subscriptions.list()).toHaveLength(2);
  });

  it(`${verifies("batch-any-order")} is answered in another order, the same for the same seed`, async () => {
    const idsOf = async (seed: number): Promise<readonly string[]> => {
      await using world = await startInProcess({ seed });
      const requests = Array.from({ length: 20 }, (_, index) => get(String(index), "/users?$top=1"));
      return objects((await batch(world, requests)).body, "responses").map((response) =>
        text(response, "id"),
      );
    };
    const [first, again, other] = [await idsOf(1), await idsOf(1), await idsOf(2)];
    expect(first).not.toEqual(first.toSorted((one, two) => Number(one) - Number(two)));
    expect(new Set(first).size).toBe(20);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it.each<{ readonly name: string; readonly requests: JsonValue; readonly message: RegExp }>([
    { name: "nothing", requests: [], message: /Invalid batch/ },
    { name: "no list", requests: "1", message: /Invalid batch/ },
    { name: "no object", requests: ["1"], message: /Invalid batch/ },
    { name: "no id", requests: [{ method: "GET", url: "/users" }], message: /Invalid batch/ },
    { name: "no method", requests: [{ id: "1", url: "/users" }], message: /Invalid batch/ },
    { name: "no url", requests: [{ id: "1", method: "GET" }], message: /Invalid batch/ },
    {
      name: "wrong headers",
      requests: [get("1", "/users", { headers: { a: 1 } })],
      message: /Invalid batch/,
    },
    {
      name: "wrong method",
      requests: [{ id: "1", method: "SING", url: "/" }],
      message: /Unsupported method/,
    },
    {
      name: "an absolute url",
      requests: [get("1", "https://graph.microsoft.com/v1.0/users")],
      message: /relative/,
    },
    { name: "a batch", requests: [get("1", "/$batch")], message: /must not be a batch/ },
    {
      name: "an unknown dependency",
      requests: [get("1", "/users", { dependsOn: ["2"] })],
      message: /unknown/,
    },
    {
      name: "a circle",
      requests: [get("1", "/users", { dependsOn: ["2"] }), get("2", "/users", { dependsOn: ["1"] })],
      message: /circle/,
    },
  ])(`${verifies("batch-malformed")} with $name is answered 400`, async ({ requests, message }) => {
    await using world = await startInProcess();
    const answer = await world.graph("POST", "$batch", { requests });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toEqual({ code: "BadRequest", message: expect.stringMatching(message) });
  });

  it(`${verifies("batch-limit-20")} has at most 20 requests`, async () => {
    await using world = await startInProcess();
    const requests = Array.from({ length: 21 }, (_, index) => get(String(index), "/users"));
    expect((await batch(world, requests)).status).toBe(400);
    expect((await batch(world, requests.slice(1))).status).toBe(200);
  });

  it(`${verifies("batch-unique-ids")} needs unique ids, in any case`, async () => {
    await using world = await startInProcess();
    const answer = await batch(world, [get("a", "/users"), get("A", "/users")]);
    expect(answer.status).toBe(400);
    expect(errorOf(answer).message).toContain("unique");
  });

  it(`${verifies("batch-content-type")} needs a Content-Type where there is a body, and a body where one is written`, async () => {
    await using world = await startInProcess();
    const write = { id: "1", method: "PATCH", url: `/users/${ADELE}` };
    const withoutType = await batch(world, [get("0", "/users"), { ...write, body: { city: "Bern" } }]);
    expect(withoutType.status).toBe(400);
    expect(errorOf(withoutType).message).toBe(
      "Write request with id '1' does not contain a Content-Type header.",
    );
    const withoutBody = await batch(world, [{ ...write, headers: JSON_HEADERS }]);
    expect(errorOf(withoutBody).message).toBe(
      "Write request id : 1 does not contain Content-Type header or body.",
    );
    expect(world.simulator.ledger.changes).toEqual([]);
  });

  it(`${verifies("batch-depends-on")} runs what depends on others after them, and not at all when one fails`, async () => {
    await using world = await startInProcess();
    const patch = (id: string, city: string, dependsOn: readonly string[]): JsonObject => ({
      id,
      method: "PATCH",
      url: `/users/${ADELE}`,
      headers: JSON_HEADERS,
      body: { city },
      dependsOn: [...dependsOn],
    });
    const answer = await batch(world, [
      patch("third", "Bern", ["SECOND"]),
      patch("second", "Basel", ["first"]),
      patch("first", "Chur", []),
      get("fails", "/users/nobody"),
      patch("dependant", "Zug", ["fails"]),
      patch("grandchild", "Genf", ["dependant"]),
    ]);
    const statuses = Object.fromEntries([...byId(answer)].map(([id, { status }]) => [id, status]));
    expect(statuses).toEqual({
      first: 204,
      second: 204,
      third: 204,
      fails: 404,
      dependant: 424,
      grandchild: 424,
    });
    const user = await world.graph("GET", `users/${ADELE}?$select=city`);
    expect(user.body["city"]).toBe("Bern");
  });

  it(`${verifies("batch-limits-each")} counts each request against the limits, and throttles it alone`, async () => {
    await using world = await startInProcess();
    const list = Array.from({ length: 20 }, (_, index) => get(String(index), "/subscriptions"));
    await batch(world, list);
    const answer = await batch(
      world,
      list.map((request, index) => (index < 10 ? request : get(String(index), "/users"))),
    );
    const responses = [...byId(answer).values()];
    const throttled = responses.filter(({ status }) => status === 429);
    expect(answer.status).toBe(200);
    expect(throttled).toHaveLength(5);
    expect(throttled[0]).toMatchObject({
      headers: { "Retry-After": expect.stringMatching(/^\d+$/) },
      body: { error: { code: "TooManyRequests" } },
    });
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(15);
  });

  it(`${verifies("batch-mailbox-4")} runs four requests for one mailbox at once, and never more`, async () => {
    await using world = await startInProcess();
    world.simulator.faults.start({
      kind: "slow-requests",
      service: "graph",
      path: `/v1.0/users/${ADELE}`,
      delay: "1s",
    });
    const startedAt = world.simulator.clock.now();
    let endedAt = 0;
    const answering = batch(
      world,
      Array.from({ length: 12 }, (_, index) => get(String(index), `/users/${ADELE}/messages`)),
    ).then((answer) => {
      endedAt = world.simulator.clock.now();
      return answer;
    });
    await world.simulator.clock.run(60_000);
    const statuses = objects((await answering).body, "responses").map(({ status }) => status);
    expect(statuses).toEqual(Array.from({ length: 12 }, () => 200));
    expect(endedAt - startedAt).toBe(3_000);
  });

  it("tells whoever listens of each request that is refused", async () => {
    await using world = await startInProcess();
    const refused: string[] = [];
    world.simulator.events.on("request:refused", ({ path, refusal }) =>
      refused.push(`${path} ${refusal.status}`),
    );
    await batch(world, [get("1", "/users/nobody"), get("2", "/users")]);
    expect(refused).toEqual(["/v1.0/users/nobody 404"]);
  });
});
