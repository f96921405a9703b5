import { describe, expect, it } from "vitest";

import { errorOf, read, requestToken, startWorld, text, type Answered, type World } from "./world.ts";

async function post(world: World, body: string, contentType?: string): Promise<Answered> {
  const { simulator } = world;
  const { clientId, clientSecret } = simulator;
  const token = await requestToken(simulator, { client_id: clientId, client_secret: clientSecret });
  const headers = new Headers({ authorization: `Bearer ${text(token.body, "access_token")}` });
  if (contentType !== undefined) headers.set("content-type", contentType);
  return read(
    fetch(`${simulator.url}/v1.0/users`, { method: "POST", headers, body: new TextEncoder().encode(body) }),
  );
}

describe("a request that is wrong", () => {
  it.each([
    { name: "broken JSON", body: "{", contentType: "application/json", message: /^Unable to read JSON/ },
    { name: "no object", body: "[]", contentType: "application/json", message: /^Unable to read JSON/ },
    { name: "no body", body: "", contentType: "application/json", message: /^Unable to read JSON/ },
    { name: "another content type", body: "{}", contentType: "text/plain", message: /JSON Content-Type/ },
    { name: "no content type", body: "{}", contentType: undefined, message: /must contain the Content-Type/ },
  ])("is answered 400 for $name", async ({ body, contentType, message }) => {
    await using world = await startWorld();
    const answer = await post(world, body, contentType);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toEqual({ code: "BadRequest", message: expect.stringMatching(message) });
  });

  it("is answered 413 when it is too large, and the server lives on", async () => {
    await using world = await startWorld();
    const answer = await post(world, `{"displayName":"${"x".repeat(5_000_000)}"}`, "application/json");
    expect(answer.status).toBe(413);
    expect((await world.graph("GET", "users")).status).toBe(200);
  });

  it.each([
    {
      method: "GET",
      path: "/v1.0/movies",
      status: 400,
      message: "Resource not found for the segment 'movies'.",
    },
    {
      method: "GET",
      path: "/v1.0/users/1/shoes",
      status: 400,
      message: "Resource not found for the segment 'shoes'.",
    },
    { method: "GET", path: "/v3.0/users", status: 400, message: "Invalid version: v3.0" },
    { method: "GET", path: "/", status: 400, message: "Invalid version: " },
    { method: "DELETE", path: "/v1.0/users", status: 405, message: expect.stringContaining("not allowed") },
    { method: "GET", path: "/v1.0/%zz", status: 400, message: "Resource not found for the segment '%zz'." },
    { method: "GET", path: "/v1.0/users?$top=0", status: 400, message: expect.stringContaining("page size") },
    {
      method: "GET",
      path: "/v1.0/users?$skiptoken=x",
      status: 400,
      message: expect.stringContaining("skiptoken"),
    },
  ])("is answered $status for $method $path", async ({ method, path, status, message }) => {
    await using world = await startWorld();
    const answer = await world.graph(method, `${world.simulator.url}${path}`);
    expect(answer.status).toBe(status);
    expect(errorOf(answer).message).toEqual(message);
  });
});

it("a request that is refused is told to who listens", async () => {
  await using world = await startWorld();
  const refused = world.next("request:refused");
  await world.graph("GET", "movies");
  expect(await refused).toMatchObject({ method: "GET", path: "/v1.0/movies", refusal: { status: 400 } });
});

it("a port that is taken is an error of the start", async () => {
  await using world = await startWorld();
  const port = Number(new URL(world.simulator.url).port);
  await expect(startWorld({ port })).rejects.toThrow("EADDRINUSE");
});

it("closing twice is closing once", async () => {
  await using world = await startWorld();
  await Promise.all([world.simulator.close(), world.simulator.close()]);
  await expect(fetch(`${world.simulator.url}/_simulator/health`)).rejects.toThrow("fetch failed");
});
