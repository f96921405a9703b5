import { describe, expect, it } from "vitest";

import { isJsonObject, parseJson } from "../src/http/json.ts";
import { verifies } from "./requirements.ts";
import { errorOf, HOUR_MS, requestToken, send, startWorld, text } from "./world.ts";

const UNKNOWN_GUID = "11111111-2222-4333-8444-555555555555";

describe("the token endpoint", () => {
  it(`${verifies("token-client-credentials")} an app with a secret gets a bearer token that lives 3599 seconds`, async () => {
    await using world = await startWorld();
    const { simulator } = world;
    const answer = await requestToken(simulator, {
      client_id: simulator.clientId,
      client_secret: simulator.clientSecret,
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: "Bearer", expires_in: 3599 });

    const [head = "", claims = ""] = text(answer.body, "access_token").split(".");
    expect(decode(head)).toMatchObject({ typ: "JWT", alg: "RS256" });
    expect(decode(claims)).toMatchObject({
      aud: "https://graph.microsoft.com",
      iss: `https://sts.windows.net/${simulator.tenantId}/`,
      appid: simulator.clientId,
      tid: simulator.tenantId,
      roles: expect.arrayContaining(["User.ReadWrite.All"]),
      ver: "1.0",
    });
  });

  it("takes the tenant's domain in place of its id", async () => {
    await using world = await startWorld();
    const { clientId, clientSecret } = world.simulator;
    const answer = await requestToken(
      world.simulator,
      { client_id: clientId, client_secret: clientSecret },
      "contoso.onmicrosoft.com",
    );
    expect(answer.status).toBe(200);
  });

  const refusals = [
    {
      name: "a wrong secret",
      form: { client_secret: "x" },
      status: 401,
      error: "invalid_client",
      code: 7000215,
    },
    {
      name: "an unknown app",
      form: { client_id: UNKNOWN_GUID },
      status: 400,
      error: "unauthorized_client",
      code: 700016,
    },
    {
      name: "another grant",
      form: { grant_type: "password" },
      status: 400,
      error: "unsupported_grant_type",
      code: 70003,
    },
    {
      name: "a bare scope",
      form: { scope: "User.Read" },
      status: 400,
      error: "invalid_scope",
      code: 1002012,
    },
    { name: "a missing parameter", form: { scope: "" }, status: 400, error: "invalid_request", code: 900144 },
  ];
  it.each(refusals)(`${verifies("token-errors")} refuses $name`, async ({ form, status, error, code }) => {
    await using world = await startWorld();
    const { simulator } = world;
    const right = { client_id: simulator.clientId, client_secret: simulator.clientSecret };
    const answer = await requestToken(simulator, { ...right, ...form });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error, error_codes: [code] });
    expect(answer.body["error_description"]).toMatch(new RegExp(`^AADSTS${code}: `));
  });

  it(`${verifies("token-errors")} refuses an unknown tenant`, async () => {
    await using world = await startWorld();
    const answer = await requestToken(world.simulator, {}, UNKNOWN_GUID);
    expect(answer.status).toBe(400);
    expect(answer.body["error_description"]).toMatch(/^AADSTS90002: /);
  });
});

describe("a Graph request", () => {
  it(`${verifies("bearer-required")} is refused without a token`, async () => {
    await using world = await startWorld();
    const answer = await world.plain("GET", "/v1.0/users");
    expect(answer.status).toBe(401);
    expect(errorOf(answer)).toEqual({
      code: "InvalidAuthenticationToken",
      message: "Access token is empty.",
    });
  });

  it(`${verifies("bearer-required")} is refused with a token somebody else signed`, async () => {
    await using world = await startWorld();
    await using other = await startWorld();
    const { clientId, clientSecret, url } = world.simulator;
    const foreign = await requestToken(other.simulator, { client_id: clientId, client_secret: clientSecret });
    const authorization = `Bearer ${text(foreign.body, "access_token")}`;
    const answer = await send("GET", `${url}/v1.0/users`, undefined, { authorization });
    expect(answer.status).toBe(401);
  });

  it.each(["abc", "a.b.c"])(
    `${verifies("bearer-required")} is refused with %s for a token`,
    async (token) => {
      await using world = await startWorld();
      const url = `${world.simulator.url}/v1.0/users`;
      const answer = await send("GET", url, undefined, { authorization: `Bearer ${token}` });
      expect(answer.status).toBe(401);
      expect(errorOf(answer).code).toBe("InvalidAuthenticationToken");
    },
  );

  it(`${verifies("bearer-required")} is refused with a token for another API`, async () => {
    await using world = await startWorld();
    const { clientId, clientSecret, url } = world.simulator;
    const token = await requestToken(world.simulator, {
      client_id: clientId,
      client_secret: clientSecret,
      scope: "https://vault.azure.net/.default",
    });
    const authorization = `Bearer ${text(token.body, "access_token")}`;
    const answer = await send("GET", `${url}/v1.0/users`, undefined, { authorization });
    expect(errorOf(answer).message).toBe("Access token validation failure. Invalid audience.");
  });

  it(`${verifies("bearer-required")} is refused once the token has expired by the simulator's clock`, async () => {
    await using world = await startWorld();
    expect((await world.graph("GET", "users")).status).toBe(200);
    world.simulator.clock.advance(HOUR_MS);
    const answer = await world.graph("GET", "users");
    expect(answer.status).toBe(401);
    expect(errorOf(answer).message).toBe("Lifetime validation failed, the token is expired.");
  });

  it(`${verifies("error-shape")} an error is {error: {code, message, innerError}} with the request id`, async () => {
    await using world = await startWorld();
    const url = `${world.simulator.url}/v1.0/users`;
    const answer = await send("GET", url, undefined, { "client-request-id": "mine" });
    expect(answer.body).toEqual({
      error: {
        code: "InvalidAuthenticationToken",
        message: "Access token is empty.",
        innerError: {
          date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
          "request-id": answer.headers.get("request-id"),
          "client-request-id": "mine",
        },
      },
    });
  });
});

function decode(part: string): object {
  const value = parseJson(Buffer.from(part, "base64url").toString());
  return isJsonObject(value) ? value : {};
}
