import { sign } from "node:crypto";
import { GLOBAL_CLOUD } from "../../src/core/cloud.ts";
import { KeysUnavailableError } from "../../src/core/errors.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Random } from "../../src/core/ports/random.ts";
import { trustOf } from "../../src/core/trust.ts";
import { judgeValidationToken } from "../../src/core/validation-token.ts";
import { createTokenVerifier } from "../../src/crypto/token-verifier.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { jwkOf, makeTokenKey, signToken, type TokenKey } from "../support/login-service.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { below, mutateText, oneOf } from "./mutate.ts";

const TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const CLIENT = "8e460676-ae3f-4b1e-8790-ee0fb5d6148f";

/** One case in so many is as it was, so that a target that refuses all is seen. */
const UNCHANGED = 50;

/** Validation tokens, changed on their way or signed by a stranger: none may be proof of anything. */
export const target: FuzzTarget = {
  name: "token",
  async prepare() {
    const clock = new FakeClock();
    const trust = trustOf(GLOBAL_CLOUD);
    const own = makeTokenKey("own");
    const stranger = makeTokenKey("own");
    const document = JSON.stringify({ keys: [jwkOf(own)] });
    const verifier = createTokenVerifier({ trust, clock, fetch: async () => new Response(document) });
    const seconds = Math.floor(clock.now() / 1000);
    const claims = {
      aud: CLIENT,
      iss: `https://sts.windows.net/${TENANT}/`,
      nbf: seconds,
      exp: seconds + 24 * 60 * 60,
      appid: GLOBAL_CLOUD.publisherAppId,
      tid: TENANT,
      ver: "1.0",
    };
    const tokens = Array.from({ length: 16 }, (_, n) => signToken({ ...claims, n }, own));
    const terms = { clientIds: [CLIENT], tenantId: TENANT, receivedAt: clock.now(), trust };
    return {
      async run(random) {
        const isUnchanged = below(random, UNCHANGED) === 0;
        const token = isUnchanged ? oneOf(random, tokens) : changeToken(random, tokens, stranger);
        const isGenuine = tokens.includes(token);
        let read: JsonObject | undefined;
        try {
          read = await verifier.verify(token, clock.now());
        } catch (error) {
          if (error instanceof KeysUnavailableError) return "waits";
          throw new Error(`${String(error)} at ${token}`, { cause: error });
        }
        if (isGenuine !== (read !== undefined))
          throw new Error(`${isGenuine ? "refused" : "accepted"} ${token}`);
        if (read === undefined) return "refused";
        return judgeValidationToken(read, terms) ? "proved" : "judged";
      },
    };
  },
};

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split("");

const HEADS: readonly object[] = [
  { alg: "none" },
  { alg: "HS256", kid: "own" },
  { alg: "RS256" },
  { alg: "RS256", kid: "own" },
  { alg: "RS256", kid: "" },
  { alg: "RS256", kid: "__proto__" },
  { alg: "RS256", kid: "own", crit: ["b64"], b64: false },
  { alg: "RS256", kid: "own", jku: "https://stranger.example" },
  { alg: "RS384", kid: "own" },
  { alg: null, kid: ["own"] },
];

function changeToken(random: Random, tokens: readonly string[], stranger: TokenKey): string {
  const token = oneOf(random, tokens);
  const parts = token.split(".");
  const at = below(random, 3);
  switch (below(random, 6)) {
    case 0:
      return mutateText(random, token);
    case 1:
      // The last character has bits that decoding drops.
      return token.slice(0, -1) + oneOf(random, BASE64URL);
    case 2:
      // Within the JSON, or the signature, so that its base64url stays right.
      return parts.with(at, recoded(random, parts[at] ?? "")).join(".");
    case 3:
      return parts.with(at, oneOf(random, tokens).split(".")[at] ?? "").join(".");
    default: {
      const head = Buffer.from(JSON.stringify(oneOf(random, HEADS))).toString("base64url");
      const signed = `${head}.${parts[1]}`;
      const isSigned = below(random, 20) === 0;
      const signature = isSigned
        ? sign("sha256", Buffer.from(signed), stranger.privateKey).toString("base64url")
        : parts[2];
      return `${signed}.${signature}`;
    }
  }
}

function recoded(random: Random, part: string): string {
  const text = Buffer.from(part, "base64url").toString("latin1");
  return Buffer.from(mutateText(random, text), "latin1").toString("base64url");
}
