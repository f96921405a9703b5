import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { GLOBAL_CLOUD } from "./cloud.ts";
import type { JsonObject } from "./json.ts";
import { trustOf } from "./trust.ts";
import { judgeValidationToken, type ValidationTokenTerms } from "./validation-token.ts";

const TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const OTHER = "11111111-2222-4333-8444-555555555555";
const CLIENT = "8e460676-ae3f-4b1e-8790-ee0fb5d6148f";
const PUBLISHER = "0bf30f3b-4a52-48df-9a82-234910c4a086";
const NBF = 1_565_046_813;
const EXP = 1_565_133_213;
const TOLERANCE_S = 300;

const TERMS: ValidationTokenTerms = {
  clientIds: [OTHER, CLIENT],
  tenantId: TENANT,
  receivedAt: (NBF + 3_600) * 1000,
  trust: trustOf(GLOBAL_CLOUD),
};

// The claims of Microsoft's samples, as far as anybody but Microsoft can read them:
// https://learn.microsoft.com/graph/change-notifications-with-resource-data#validate-the-authenticity-of-notifications
const V1 = {
  aud: CLIENT,
  iss: `https://sts.windows.net/${TENANT}/`,
  iat: NBF,
  nbf: NBF,
  exp: EXP,
  appid: PUBLISHER,
  appidacr: "2",
  idp: `https://sts.windows.net/${TENANT}/`,
  tid: TENANT,
  ver: "1.0",
};
const V2 = {
  aud: CLIENT,
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  iat: NBF,
  nbf: NBF,
  exp: EXP,
  azp: PUBLISHER,
  azpacr: "2",
  tid: TENANT,
  ver: "2.0",
};

describe.each([
  { version: "1.0", claims: V1, publisher: "appid", otherPublisher: "azp" },
  { version: "2.0", claims: V2, publisher: "azp", otherPublisher: "appid" },
])("S2: the claims of a token of version $version", ({ claims, publisher, otherPublisher }) => {
  const judge = (changes: JsonObject, terms: Partial<ValidationTokenTerms> = {}): boolean =>
    judgeValidationToken({ ...claims, ...changes }, { ...TERMS, ...terms });

  it("prove that Graph sent it", () => {
    expect(judge({})).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ["one of several audiences is ours", { aud: [PUBLISHER, CLIENT] }],
    ["GUIDs are in capitals", { aud: CLIENT.toUpperCase(), [publisher]: PUBLISHER.toUpperCase() }],
    ["the tenant is in capitals", { tid: TENANT.toUpperCase() }],
  ])("prove it when %s", (_, changes) => {
    expect(judge(changes)).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ["another app is the audience", { aud: "00000003-0000-0000-c000-000000000000" }],
    ["the audience is not the bare id", { aud: `api://${CLIENT}` }],
    ["no audience of several is ours", { aud: [PUBLISHER] }],
    ["there is no audience in the list", { aud: [] }],
    ["the audience is nested", { aud: [[CLIENT]] }],
    ["the audience is an object", { aud: { [CLIENT]: true } }],
    ["another app asked for it", { [publisher]: OTHER }],
    [
      "the app that asked is where the other version has it",
      { [publisher]: undefined, [otherPublisher]: PUBLISHER },
    ],
    ["we asked for it ourselves", { [publisher]: CLIENT }],
    ["the tenant is another", { tid: OTHER }],
    ["the tenant is another, and so is the issuer", { tid: OTHER, iss: claims.iss.replace(TENANT, OTHER) }],
    ["the issuer is another's tenant", { iss: claims.iss.replace(TENANT, OTHER) }],
    ["the issuer is another", { iss: `https://login.example/${TENANT}/` }],
    ["the issuer has more behind it", { iss: `${claims.iss}x` }],
    ["the issuer is over http", { iss: claims.iss.replace("https", "http") }],
    ["the version is another", { ver: "3.0" }],
    ["the version is a number", { ver: Number(claims.ver) }],
    ["the times are text", { nbf: String(NBF), exp: String(EXP) }],
  ])("prove nothing when %s", (_, changes) => {
    expect(judge(changes)).toBe(false);
  });

  it("prove nothing with the version of the other", () => {
    expect(judge({ ver: claims.ver === "1.0" ? "2.0" : "1.0" })).toBe(false);
  });

  it.each([publisher, "aud", "iss", "nbf", "exp", "tid", "ver"])("prove nothing without %s", (name) => {
    expect(judge({ [name]: undefined })).toBe(false);
    expect(judge({ [name]: null })).toBe(false);
  });

  it.each([
    { at: NBF - TOLERANCE_S, when: "five minutes early", proved: true },
    { at: NBF - TOLERANCE_S - 1, when: "earlier", proved: false },
    { at: EXP + TOLERANCE_S - 1, when: "almost five minutes late", proved: true },
    { at: EXP + TOLERANCE_S, when: "five minutes late", proved: false },
  ])("are proof ($proved) when they came $when", ({ at, proved }) => {
    expect(judge({}, { receivedAt: at * 1000 })).toBe(proved);
  });

  it("prove nothing to an app that has no id, nor of an item of another tenant", () => {
    expect(judge({}, { clientIds: [] })).toBe(false);
    expect(judge({}, { tenantId: OTHER })).toBe(false);
    expect(judge({ tid: "common", iss: claims.iss.replace(TENANT, "common") }, { tenantId: "common" })).toBe(
      false,
    );
  });

  it("prove it in a cloud of their own", () => {
    const trust = {
      ...TERMS.trust,
      publisherAppId: OTHER,
      v1Issuer: "https://a/{tid}/",
      v2Issuer: "https://a/{tid}/",
    };
    expect(judge({}, { trust })).toBe(false);
    expect(judge({ [publisher]: OTHER, iss: `https://a/${TENANT}/` }, { trust })).toBe(true);
  });

  it("prove nothing when any one of them is anything else", () => {
    const names = [publisher, "aud", "iss", "tid", "ver"];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, value) => {
        fc.pre(value !== Reflect.get(claims, name));
        expect(judgeValidationToken({ ...claims, [name]: Object(value) }, TERMS)).toBe(false);
      }),
    );
  });
});

it("claims of any kind are judged without a throw", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (claims) => {
      expect(judgeValidationToken(claims, TERMS)).toBe(false);
    }),
  );
});
