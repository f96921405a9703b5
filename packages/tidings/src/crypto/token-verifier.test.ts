import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  jwkOf,
  makeTokenKey,
  signToken,
  startLoginService,
  type LoginService,
} from "../../test/support/login-service.ts";
import { KeysUnavailableError } from "../core/errors.ts";
import type { TokenVerifier } from "../core/ports/token-verifier.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { createTokenVerifier } from "./token-verifier.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const CLAIMS = { aud: "8e460676-ae3f-4b1e-8790-ee0fb5d6148f", tid: TENANT, ver: "1.0", exp: 1 };
const V2_ISSUER = "https://login.microsoftonline.com/{tid}/v2.0";

const first = makeTokenKey("first");
const second = makeTokenKey("second");
const third = makeTokenKey("third");
const token = signToken(CLAIMS, first);

let login: LoginService;
let clock: FakeClock;
let verifier: TokenVerifier;

beforeEach(async () => {
  login = await startLoginService([jwkOf(first), jwkOf(second)]);
  clock = new FakeClock();
  verifier = createVerifier();
});
afterEach(async () => {
  await login[Symbol.asyncDispose]();
});

function createVerifier(): TokenVerifier {
  return createTokenVerifier({ trust: { keysUrls: login.keysUrls, v2Issuer: V2_ISSUER }, clock });
}

/** A token that comes now. */
async function verify(given: string): Promise<unknown> {
  return verifier.verify(given, clock.now());
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signed with a key, whatever its head and claims are. */
function forge(head: unknown, claims: unknown, key = first): string {
  const signed = `${encode(head)}.${encode(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key.privateKey).toString("base64url")}`;
}

// https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature
describe("a token that an authority signed", () => {
  it.each([first, second])("says what it says ($id)", async (key) => {
    expect(await verify(signToken(CLAIMS, key))).toEqual(CLAIMS);
  });

  it.each(["v1", "v2"] as const)("may have its key in the document of %s only", async (version) => {
    login.published = { ...login.published, [version]: [jwkOf(first), jwkOf(third)] };
    expect(await verify(signToken(CLAIMS, third))).toEqual(CLAIMS);
  });

  it("is not judged by its claims here", async () => {
    const claims = { nbf: 4_000_000_000, exp: 1, aud: ["a", 1], any: { thing: true } };
    expect(await verify(signToken(claims, first))).toEqual(claims);
  });

  it("S7: sets no prototype", async () => {
    const [head] = token.split(".");
    const payload = Buffer.from('{"__proto__":{"tid":"a"},"aud":"b"}').toString("base64url");
    const signature = sign("sha256", Buffer.from(`${head}.${payload}`), first.privateKey).toString(
      "base64url",
    );
    expect(JSON.stringify(await verify(`${head}.${payload}.${signature}`))).toBe('{"aud":"b"}');
  });

  it("is checked with two requests in all, however many come", async () => {
    const tokens = Array.from({ length: 200 }, (_, n) =>
      signToken({ ...CLAIMS, n }, n % 2 === 0 ? first : second),
    );
    const claims = await Promise.all(tokens.map(verify));
    expect(claims).toEqual(tokens.map((_, n) => ({ ...CLAIMS, n })));
    for (const each of tokens) expect(await verify(each)).toBeDefined();
    expect(login.asked.toSorted()).toEqual(["/common/discovery/keys", "/common/discovery/v2.0/keys"]);
  });

  it("is proved even if more were proved than are remembered", async () => {
    for (let n = 0; n < 1_100; n += 1) await verify(signToken({ n }, first));
    expect(await verify(token)).toEqual(CLAIMS);
  });
});

const publicPem = first.publicKey.export({ format: "pem", type: "spki" }).toString();
const stranger = makeTokenKey("first");
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" });

describe("S2: a token is nobody's, without a request, when", () => {
  it.each<[string, string]>([
    ["it is empty", ""],
    ["it is no token", "abc"],
    ["it has parts that are no base64url", "a.b.c"],
    ["it has a part too few", token.split(".").slice(0, 2).join(".")],
    ["it has a part too many", `${token}.e30`],
    ["it has no signature", `${token.slice(0, token.lastIndexOf("."))}.`],
    ["it has a space behind it", `${token} `],
    ["it has a line break behind it", `${token}\n`],
    ["it says `Bearer`", `Bearer ${token}`],
    ["its algorithm is none", jsonwebtoken.sign(CLAIMS, null, { algorithm: "none", keyid: "first" })],
    ["its algorithm is none, and it is signed", forge({ alg: "none", kid: "first" }, CLAIMS)],
    ["its algorithm is None", forge({ alg: "None", kid: "first" }, CLAIMS)],
    ["it has none", forge({ kid: "first" }, CLAIMS)],
    ["its algorithm is a list", forge({ alg: ["RS256"], kid: "first" }, CLAIMS)],
    ["it is signed with the public key as a secret", hs256(publicPem)],
    [
      "it is signed with HMAC of the key's DER",
      hs256(first.publicKey.export({ format: "der", type: "spki" })),
    ],
    ["it is RS384", jsonwebtoken.sign(CLAIMS, first.privateKey, { algorithm: "RS384", keyid: "first" })],
    ["it is RS512", jsonwebtoken.sign(CLAIMS, first.privateKey, { algorithm: "RS512", keyid: "first" })],
    ["it is PS256", jsonwebtoken.sign(CLAIMS, first.privateKey, { algorithm: "PS256", keyid: "first" })],
    ["it is ES256", jsonwebtoken.sign(CLAIMS, elliptic.privateKey, { algorithm: "ES256", keyid: "first" })],
    ["it names no key", forge({ alg: "RS256" }, CLAIMS)],
    ["it names a key by a number", forge({ alg: "RS256", kid: 1 }, CLAIMS)],
    ["its head is no object", forge([], CLAIMS)],
    ["its head is null", forge(null, CLAIMS)],
    ["it is longer than 16 KiB", signToken({ ...CLAIMS, more: "x".repeat(16 * 1024) }, first)],
    ["it is of ten megabytes", "a".repeat(10 * 2 ** 20)],
    ["its signature is spelled in another way", respelled(token)],
  ])("%s", async (_, given) => {
    expect(await verify(given)).toBeUndefined();
    expect(login.asked).toEqual([]);
  });

  function hs256(secret: string | Buffer): string {
    const signed = `${encode({ typ: "JWT", alg: "HS256", kid: "first" })}.${encode(CLAIMS)}`;
    return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
  }

  /** 342 characters have four bits more than 256 bytes, which decoding drops. */
  function respelled(given: string): string {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return given.slice(0, -1) + alphabet.charAt(alphabet.indexOf(given.slice(-1)) ^ 1);
  }
});

describe("S2: a token is nobody's when", () => {
  const jwk = stranger.publicKey.export({ format: "jwk" });
  it.each<[string, string]>([
    ["a stranger signed it under a name we know", signToken(CLAIMS, stranger)],
    ["a stranger signed it under a name of his own", signToken(CLAIMS, makeTokenKey("stranger"))],
    ["a stranger signed it and brings his key", signToken(CLAIMS, stranger, { jwk })],
    [
      "a stranger signed it and says where his key is",
      signToken(CLAIMS, stranger, {
        jku: "https://stranger.example/keys",
        x5u: "https://stranger.example/cert",
      }),
    ],
    ["a stranger signed it and brings his certificate", signToken(CLAIMS, stranger, { x5c: ["AAAA"] })],
    [
      "it wants an extension to be understood",
      forge({ alg: "RS256", kid: "first", crit: ["exp"], exp: 1 }, CLAIMS),
    ],
    ["its payload is not encoded", forge({ alg: "RS256", kid: "first", crit: ["b64"], b64: false }, CLAIMS)],
    ["its claims are no object", forge({ alg: "RS256", kid: "first" }, [CLAIMS])],
    ["its claims are null", forge({ alg: "RS256", kid: "first" }, null)],
    [
      "a claim was changed",
      [token.split(".")[0], encode({ ...CLAIMS, tid: "other" }), token.split(".")[2]].join("."),
    ],
    [
      "its signature is of another token",
      [...signToken({ a: 1 }, first).split(".").slice(0, 2), token.split(".")[2]].join("."),
    ],
    ["its key is named after a prototype", forge({ alg: "RS256", kid: "__proto__" }, CLAIMS)],
  ])("%s", async (_, given) => {
    expect(await verify(given)).toBeUndefined();
    // Keys come from the authority, and from nowhere else.
    expect(login.asked.toSorted()).toEqual(["/common/discovery/keys", "/common/discovery/v2.0/keys"]);
    expect(await verify(token)).toEqual(CLAIMS);
  });
});

describe("a published key is passed over when", () => {
  it.each<[string, object]>([
    ["it has fewer than 2,048 bits", jwkOf(makeTokenKey("third", 1024))],
    ["it is not for signatures", jwkOf(third, { use: "enc" })],
    ["it is for another algorithm", jwkOf(third, { alg: "PS256" })],
    ["it is a secret", { kty: "oct", kid: "third", k: "AAAA" }],
    ["it is elliptic", { ...elliptic.publicKey.export({ format: "jwk" }), kid: "third" }],
    ["it has no name", jwkOf(third, { kid: undefined })],
    ["its modulus is none", jwkOf(third, { n: "*" })],
    ["its modulus is a number", jwkOf(third, { n: 3 })],
    ["its issuer is a number", jwkOf(third, { issuer: 3 })],
  ])("%s", async (_, jwk) => {
    login.published = { v1: [jwk, jwkOf(first)], v2: [Object(7), jwk, jwkOf(first)] };
    expect(await verify(forge({ alg: "RS256", kid: "third" }, CLAIMS, third))).toBeUndefined();
    expect(await verify(token)).toEqual(CLAIMS);
  });
});

// https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signing-key-issuer
describe("a key that names its issuer", () => {
  it.each([
    { issuer: "https://login.microsoftonline.com/{tenantid}/v2.0", signs: true },
    { issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`, signs: true },
    { issuer: `https://login.microsoftonline.com/${TENANT.toUpperCase()}/v2.0`, signs: true },
    { issuer: "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", signs: false },
    { issuer: "https://login.example/{tenantid}/v2.0", signs: false },
    { issuer: "", signs: false },
  ])("signs for no other: $issuer, $signs", async ({ issuer, signs }) => {
    login.published = { v1: [jwkOf(first)], v2: [jwkOf(first, { issuer })] };
    expect(await verify(token)).toEqual(signs ? CLAIMS : undefined);
    expect(await verify(token)).toEqual(signs ? CLAIMS : undefined);
    expect(await verify(signToken({}, first))).toBeUndefined();
  });
});

describe("S3: when keys rotate", () => {
  it("a new one is fetched when a token names it", async () => {
    await verify(token);
    await clock.advance(MINUTE_MS);
    login.published = { v1: [jwkOf(second), jwkOf(third)], v2: [jwkOf(second), jwkOf(third)] };
    expect(await verify(signToken(CLAIMS, third))).toEqual(CLAIMS);
    expect(login.asked).toHaveLength(4);
  });

  it("a token waits that names a new one within a minute of the last fetch, and is proved then", async () => {
    await verify(token);
    await clock.advance(10_000);
    const receivedAt = clock.now();
    login.published = { v1: [jwkOf(third)], v2: [jwkOf(third)] };
    const fresh = signToken(CLAIMS, third);
    await expect(verifier.verify(fresh, receivedAt)).rejects.toBeInstanceOf(KeysUnavailableError);
    expect(login.asked).toHaveLength(2);
    await clock.advance(50_000);
    expect(await verifier.verify(fresh, receivedAt)).toEqual(CLAIMS);
  });

  it("an unknown one is nobody's by a document newer than the token, and by no older one", async () => {
    await verify(token);
    await clock.advance(1);
    const unknown = signToken(CLAIMS, third);
    const receivedAt = clock.now();
    await expect(verifier.verify(unknown, receivedAt)).rejects.toMatchObject({
      kind: "signing keys",
      retryable: true,
    });
    await clock.advance(MINUTE_MS);
    expect(await verifier.verify(unknown, receivedAt)).toBeUndefined();
    // What came before that document needs no other.
    expect(await verifier.verify(unknown, receivedAt + 1)).toBeUndefined();
    expect(login.asked).toHaveLength(4);
  });

  it("a time that is yet to come does not make a token wait", async () => {
    expect(await verifier.verify(signToken(CLAIMS, third), clock.now() + DAY_MS)).toBeUndefined();
  });

  it("one that is in no document any more is taken for seven days", async () => {
    await verify(token);
    login.published = { v1: [jwkOf(second)], v2: [jwkOf(second)] };
    for (let day = 1; day <= 7; day += 1) {
      await clock.advance(DAY_MS);
      expect(await verify(token)).toEqual(CLAIMS);
      // It is fetched behind the answer.
      await refetched(day);
    }
    await clock.advance(DAY_MS);
    await verify(signToken(CLAIMS, third));
    expect(await verify(token)).toBeUndefined();
  });

  it("documents are fetched again after a day, without anybody waiting for it", async () => {
    await verify(token);
    await clock.advance(DAY_MS - 1);
    await verify(token);
    expect(login.asked).toHaveLength(2);
    await clock.advance(1);
    login.answer = () => {};
    expect(await verify(token)).toEqual(CLAIMS);
    await refetched(1);
  });

  it("an unknown one is asked for anew when the clock was set back", async () => {
    let now = Date.UTC(2026, 0, 2);
    const setBack = createTokenVerifier({
      trust: { keysUrls: login.keysUrls, v2Issuer: V2_ISSUER },
      clock: { now: () => now, sleep: async (ms, signal) => clock.sleep(ms, signal) },
    });
    await setBack.verify(token, now);
    now = Date.UTC(2026, 0, 1);
    login.published = { v1: [jwkOf(third)], v2: [jwkOf(third)] };
    expect(await setBack.verify(signToken(CLAIMS, third), now)).toEqual(CLAIMS);
  });

  /** Waits for the requests of so many rounds after the first. */
  async function refetched(rounds: number): Promise<void> {
    await expect.poll(() => login.asked.length).toBe(2 + 2 * rounds);
    // The answer is read by then, or will not be.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

describe("S3: a flood of unknown keys", () => {
  it("costs one fetch a minute and makes nothing wait whose key is known", async () => {
    expect(await verify(token)).toEqual(CLAIMS);
    for (let second = 0; second < 10 * 60; second += 6) {
      await clock.advance(6_000);
      const receivedAt = clock.now();
      const flood = Array.from({ length: 20 }, (_, n) =>
        signToken(CLAIMS, { ...third, id: `${second}/${n}` }),
      );
      const answers = await Promise.allSettled(flood.map(async (each) => verifier.verify(each, receivedAt)));
      const ends = answers.map((answer) => (answer.status === "fulfilled" ? answer.value : answer.reason));
      expect(ends.every((end) => end === undefined || end instanceof KeysUnavailableError)).toBe(true);
      expect(await verify(signToken({ ...CLAIMS, second }, first))).toBeDefined();
    }
    expect(login.asked.length).toBeLessThanOrEqual(2 * 11);
  });

  it("of 1,000 tokens in one delivery is over in one fetch", async () => {
    const flood = Array.from({ length: 1_000 }, (_, n) =>
      forge({ alg: "RS256", kid: `${n}` }, CLAIMS, stranger),
    );
    const startedAt = performance.now();
    const answers = await Promise.all([...flood.map(verify), verify(token)]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(answers.filter((claims) => claims !== undefined)).toEqual([CLAIMS]);
    expect(login.asked).toHaveLength(2);
  });
});

describe("S3: when the login service", () => {
  it("is down for an hour, known keys go on, and what needs others waits", async () => {
    await verify(token);
    login.answer = (_, response) => response.writeHead(503).end();
    const fresh = signToken(CLAIMS, third);
    await clock.advance(1);
    const receivedAt = clock.now();
    for (let minute = 0; minute < 60; minute += 1) {
      await clock.advance(MINUTE_MS);
      expect(await verify(token)).toEqual(CLAIMS);
      await expect(verifier.verify(fresh, receivedAt)).rejects.toBeInstanceOf(KeysUnavailableError);
    }
    expect(login.asked).toHaveLength(2 + 2 * 60);
    login.answer = undefined;
    login.published = { v1: [jwkOf(third)], v2: [jwkOf(third)] };
    await clock.advance(MINUTE_MS);
    expect(await verifier.verify(fresh, receivedAt)).toEqual(CLAIMS);
  });

  it.each<[string, LoginService["answer"]]>([
    ["answers 404", (_, response) => response.writeHead(404).end("{}")],
    ["answers with a redirect", (_, response) => response.writeHead(302, { location: "/keys" }).end()],
    ["closes the connection", (_, response) => response.destroy()],
    ["answers with a page", (_, response) => response.end("<html>")],
    ["answers with nothing", (_, response) => response.end()],
    ["answers with a list", (_, response) => response.end("[]")],
    ["has no keys", (_, response) => response.end('{"keys":[]}')],
    ["has keys that are none", (_, response) => response.end('{"keys":{"length":1}}')],
    ["answers with bytes that are no text", (_, response) => response.end(Buffer.from([0xff, 0xfe]))],
    ["announces too much", (_, response) => response.setHeader("content-length", 256 * 1024 + 1).write("{")],
    [
      "answers with too much",
      (_, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(" ".repeat(64 * 1024)));
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      },
    ],
    [
      "has one document only",
      (path, response) =>
        path.includes("v2") ? response.end(JSON.stringify({ keys: [jwkOf(second)] })) : response.destroy(),
    ],
  ])("%s, what it should prove waits", async (_, answer) => {
    login.answer = answer;
    const error = await verify(token).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeysUnavailableError);
    expect(error).toMatchObject({ kind: "signing keys", cause: expect.any(Error) });
    expect(String(error)).not.toContain(token.slice(0, 20));
    // Within the minute it is not asked again; then it is.
    await expect(verify(token)).rejects.toBeInstanceOf(KeysUnavailableError);
    expect(login.asked).toHaveLength(2);
    login.answer = undefined;
    await clock.advance(MINUTE_MS);
    expect(await verify(token)).toEqual(CLAIMS);
  });

  it("has one document only, its keys are taken", async () => {
    login.answer = (path, response) =>
      path.includes("v2") ? response.end(JSON.stringify({ keys: [jwkOf(first)] })) : response.destroy();
    expect(await verify(token)).toEqual(CLAIMS);
  });

  it("does not answer, nobody waits longer than ten seconds", async () => {
    login.answer = () => {};
    const waiting = verify(token).catch((thrown: unknown) => thrown);
    await clock.advance(9_999);
    expect(await Promise.race([waiting, Promise.resolve("still waiting")])).toBe("still waiting");
    await clock.advance(1);
    expect(await waiting).toMatchObject({
      kind: "signing keys",
      cause: new Error("took longer than 10000 ms"),
    });
  });

  it("has a long document, it is read", async () => {
    const padding = { x5c: ["A".repeat(180 * 1024)] };
    login.published = { v1: [jwkOf(first, padding)], v2: [jwkOf(first, padding)] };
    expect(await verify(token)).toEqual(CLAIMS);
  });
});
