import { describe, expect, it } from "vitest";

import { CredentialError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { AccessToken, Credential, TokenCredential } from "../core/ports/credential.ts";
import { AccessTokens } from "./access-tokens.ts";

const SCOPE = "https://graph.microsoft.com/.default";
const TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const MINUTE = 60_000;

type Request = { scope: string | string[]; tenantId: string | undefined };

/** A login service that gives tokens of an hour, numbered, and remembers who asked. */
function login(): {
  clock: Clock & { advance(ms: number): void };
  credential: TokenCredential;
  requests: Request[];
} {
  let now = 1_000_000;
  const requests: Request[] = [];
  return {
    clock: {
      now: () => now,
      sleep: async () => {},
      advance: (ms) => {
        now += ms;
      },
    },
    credential: {
      getToken: async (scope, options) => {
        requests.push({ scope, tenantId: options?.tenantId });
        return { token: `token ${requests.length}`, expiresOnTimestamp: now + 60 * MINUTE };
      },
    },
    requests,
  };
}

/** A credential whose every answer is `answer`. */
function answering(answer: () => Promise<AccessToken | null>): { tokens: AccessTokens } {
  return { tokens: new AccessTokens({ getToken: answer }, SCOPE, login().clock) };
}

function jwt(claims: unknown): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  return [encode({ alg: "none" }), encode(claims), "signature"].join(".");
}

describe("an access token", () => {
  it("is asked for once, in its scope, and kept", async () => {
    const { credential, clock, requests } = login();
    const tokens = new AccessTokens(credential, SCOPE, clock);
    expect(await tokens.get()).toBe("token 1");
    expect(await tokens.get()).toBe("token 1");
    expect(requests).toEqual([{ scope: SCOPE, tenantId: undefined }]);
  });

  it("is renewed 5 minutes before it expires", async () => {
    const { credential, clock } = login();
    const tokens = new AccessTokens(credential, SCOPE, clock);
    await tokens.get();
    clock.advance(55 * MINUTE - 1);
    expect(await tokens.get()).toBe("token 1");
    clock.advance(1);
    expect(await tokens.get()).toBe("token 2");
  });

  it("is another one for each tenant", async () => {
    const { credential, clock, requests } = login();
    const tokens = new AccessTokens(credential, SCOPE, clock);
    expect(await tokens.get({ tenantId: TENANT })).toBe("token 1");
    expect(await tokens.get({ tenantId: "other" })).toBe("token 2");
    expect(await tokens.get()).toBe("token 3");
    expect(await tokens.get({ tenantId: TENANT })).toBe("token 1");
    expect(requests.map(({ tenantId }) => tenantId)).toEqual([TENANT, "other", undefined]);
  });

  it("comes from the credential of its tenant, where there is one for each", async () => {
    const { credential, clock, requests } = login();
    const asked: string[] = [];
    const perTenant: Credential = ({ tenantId }) => {
      asked.push(tenantId);
      return credential;
    };
    expect(await new AccessTokens(perTenant, SCOPE, clock).get({ tenantId: TENANT })).toBe("token 1");
    expect(asked).toEqual([TENANT]);
    expect(requests).toEqual([{ scope: SCOPE, tenantId: TENANT }]);
  });

  it("is another one for each user who is signed in, from the credential of that user", async () => {
    const { credential, clock } = login();
    const asked: unknown[] = [];
    const perUser: Credential = (who) => {
      asked.push(who);
      return credential;
    };
    const tokens = new AccessTokens(perUser, SCOPE, clock);
    const adele = { tenantId: TENANT, userId: "adele" };
    expect(await tokens.get(adele)).toBe("token 1");
    expect(await tokens.get({ ...adele, userId: "alex" })).toBe("token 2");
    expect(await tokens.get({ tenantId: TENANT })).toBe("token 3");
    expect(await tokens.get(adele)).toBe("token 1");
    tokens.drop(adele);
    expect(await tokens.get(adele)).toBe("token 4");
    expect(asked).toEqual([adele, { ...adele, userId: "alex" }, { tenantId: TENANT }, adele]);
  });

  it("is asked for once by many at the same time", async () => {
    const { credential, clock, requests } = login();
    const tokens = new AccessTokens(credential, SCOPE, clock);
    const given = await Promise.all([tokens.get(), tokens.get(), tokens.get()]);
    expect(given).toEqual(["token 1", "token 1", "token 1"]);
    expect(requests).toHaveLength(1);
  });

  it("is renewed once for many at the same time", async () => {
    const { credential, clock, requests } = login();
    const tokens = new AccessTokens(credential, SCOPE, clock);
    await tokens.get();
    clock.advance(56 * MINUTE);
    expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(["token 2", "token 2"]);
    expect(requests).toHaveLength(2);
  });

  it("is asked for again once it was dropped, in its tenant alone", async () => {
    const { credential, clock } = login();
    const tokens = new AccessTokens(credential, SCOPE, clock);
    await tokens.get();
    await tokens.get({ tenantId: TENANT });
    tokens.drop();
    expect(await tokens.get({ tenantId: TENANT })).toBe("token 2");
    expect(await tokens.get()).toBe("token 3");
    tokens.drop({ tenantId: TENANT });
    expect(await tokens.get({ tenantId: TENANT })).toBe("token 4");
  });

  it("that was refused is asked for again, by the next", async () => {
    let asked = 0;
    const { tokens } = answering(async () => {
      asked += 1;
      if (asked === 1) throw new Error("AADSTS700016");
      return { token: "token", expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
    });
    await expect(tokens.get()).rejects.toThrow(CredentialError);
    expect(await tokens.get()).toBe("token");
  });

  it("that is not given is an error that says why", async () => {
    const cause = new Error("AADSTS700016");
    const { tokens } = answering(() => Promise.reject(cause));
    await expect(tokens.get()).rejects.toThrow(new CredentialError(SCOPE));
    await expect(tokens.get()).rejects.toMatchObject({ code: "ERR_CREDENTIAL", cause });
  });

  it("that the credential has none of is an error", async () => {
    await expect(answering(async () => null).tokens.get()).rejects.toThrow(new CredentialError(SCOPE));
  });

  it.each<{ name: string; credential: Credential }>([
    {
      name: "has none for the tenant",
      credential: () => {
        throw new Error("unknown tenant");
      },
    },
    {
      name: "throws at once",
      credential: {
        getToken: () => {
          throw new Error("unknown tenant");
        },
      },
    },
  ])("is an error of the credential too when it $name", async ({ credential }) => {
    const tokens = new AccessTokens(credential, SCOPE, login().clock);
    await expect(tokens.get({ tenantId: TENANT })).rejects.toMatchObject({
      code: "ERR_CREDENTIAL",
      cause: new Error("unknown tenant"),
    });
  });
});

describe("the tenant of a token", () => {
  it.each([
    ["as it says", TENANT],
    ["in lower case", TENANT.toUpperCase()],
  ])("is %s", async (_, tid) => {
    const { tokens } = answering(async () => ({ token: jwt({ tid }), expiresOnTimestamp: 0 }));
    expect(await tokens.tenantId()).toBe(TENANT);
  });

  it.each([
    ["opaque", "EwB4A8l6BAAU"],
    ["of another form", "a.b.c"],
    ["without a tenant", jwt({ aud: "graph" })],
    ["with a tenant that is no GUID", jwt({ tid: "contoso.com" })],
    ["with a tenant that is no text", jwt({ tid: 7 })],
    ["with no claims", jwt(null)],
    ["with a text for claims", jwt("tid")],
    ["empty", ""],
  ])("is unknown for one that is %s", async (_, token) => {
    const { tokens } = answering(async () => ({ token, expiresOnTimestamp: 0 }));
    await expect(tokens.tenantId()).rejects.toMatchObject({
      code: "ERR_CREDENTIAL",
      cause: new Error("the token names no tenant: give `tenantId`"),
    });
  });
});

describe("the app of a token", () => {
  const APP = "c1d9e8b4-7a36-4f52-8e0b-93a6f2d5174c";

  it.each([
    ["as version 1 names it", { appid: APP }],
    ["as version 2 names it", { azp: APP.toUpperCase() }],
  ])("is %s", async (_, claims) => {
    const { tokens } = answering(async () => ({ token: jwt(claims), expiresOnTimestamp: 0 }));
    expect(await tokens.appId({ tenantId: TENANT })).toBe(APP);
  });

  it("is known once it was, also when the login service is away", async () => {
    let isAway = false;
    const { tokens } = answering(async () => {
      if (isAway) throw new Error("away");
      return { token: jwt({ appid: APP }), expiresOnTimestamp: 0 };
    });
    expect(await tokens.appId({ tenantId: TENANT })).toBe(APP);
    isAway = true;
    expect(await tokens.appId({ tenantId: TENANT })).toBe(APP);
    await expect(tokens.appId({ tenantId: APP })).rejects.toMatchObject({ code: "ERR_CREDENTIAL" });
  });

  it.each([
    ["opaque", "EwB4A8l6BAAU"],
    ["without an app", jwt({ tid: TENANT })],
  ])("is unknown for one that is %s", async (_, token) => {
    const { tokens } = answering(async () => ({ token, expiresOnTimestamp: 0 }));
    await expect(tokens.appId({ tenantId: TENANT })).rejects.toMatchObject({
      code: "ERR_CREDENTIAL",
      cause: new Error("the token names no app: give `clientId`"),
    });
  });
});
