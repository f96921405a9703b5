import { describe, expect, it } from "vitest";
import { judgeReply, judgeSilence, type HandshakeReply } from "./endpoint-verdict.ts";
import type { EndpointVerdict } from "./ports/endpoint-probe.ts";

const URL_WITH_SECRETS = "https://user:password@tidings.example/graph/notifications?code=secret";
const PLACE = "https://tidings.example/graph/notifications";
const TOKEN = "Validation: a + b 100% 中";
const FORM = "Validation%3A+a+%2B+b+100%25+%E4%B8%AD";

function judge(reply: Partial<HandshakeReply>): EndpointVerdict {
  return judgeReply(URL_WITH_SECRETS, TOKEN, {
    status: 200,
    contentType: "text/plain",
    location: null,
    body: TOKEN,
    ...reply,
  });
}

/** https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation */
describe("an answer", () => {
  it.each(["text/plain", "text/plain; charset=utf-8", "Text/Plain ;charset=UTF-8"])(
    "of 200 with the token as %s proves the endpoint",
    (contentType) => {
      expect(judge({ contentType })).toEqual({
        kind: "proved",
        sentence: `${PLACE} answers its handshake`,
      });
    },
  );

  it.each([
    [201, "answered 201, and Graph wants 200"],
    [202, "answered 202, and Graph wants 200"],
    [400, "answered 400, and Graph wants 200"],
    [401, "answered 401: something in front of Tidings wants a sign-in"],
    [403, "answered 403: something in front of Tidings wants a sign-in"],
    [404, "answered 404: nothing is there; check `publicUrl` and `path`"],
    [405, "answered 405: whatever is there takes no POST"],
    [500, "answered 500, and Graph wants 200"],
    [502, "answered 502: a proxy answers for Tidings"],
    [503, "answered 503: a proxy answers for Tidings"],
  ])("with the status %s is wrong, whatever else it says", (status, sentence) => {
    expect(judge({ status })).toEqual({
      kind: "wrong",
      reason: "status",
      status,
      sentence: expect.stringContaining(`${PLACE} ${sentence}`),
    });
  });

  it.each([
    ["https://login.example/authorize?state=secret", "302, a redirect to https://login.example, and"],
    ["/elsewhere?state=secret", "302, a redirect to https://tidings.example, and"],
    ["http://", "302, a redirect, and"],
    [null, "302, a redirect, and"],
  ])("that is a redirect is wrong, and says to which host: %s", (location, sentence) => {
    expect(judge({ status: 302, location })).toMatchObject({
      reason: "status",
      sentence: expect.stringContaining(sentence),
    });
  });

  it.each([
    ["text/html; charset=utf-8", "answered with `text/html`, not `text/plain`"],
    ["application/json", "answered with `application/json`, not"],
    ["text/plainly", "answered with `text/plainly`, not"],
    [null, "answered with no content type, not"],
    ["secret secret/secret", "answered with a content type that is none, not"],
  ])("of the type %s is wrong", (contentType, sentence) => {
    expect(judge({ contentType })).toEqual({
      kind: "wrong",
      reason: "content-type",
      sentence: expect.stringContaining(`${PLACE} ${sentence}`),
    });
  });

  it.each([
    ["", "nothing: the body must be the token"],
    [FORM, "the token still encoded: decode it as form data"],
    [encodeURIComponent(TOKEN), "the token still encoded"],
    [TOKEN.replaceAll(" ", "+"), "the token still encoded"],
    ["\n <!doctype html><title>secret</title>", "a page in place of the token"],
    [`"${TOKEN}"`, "something else than the token"],
    [`${TOKEN}\n`, "something else than the token"],
    [undefined, "something else than the token"],
  ])("with the body %j is wrong", (body, sentence) => {
    expect(judge({ body })).toEqual({
      kind: "wrong",
      reason: "body",
      sentence: expect.stringContaining(`${PLACE} answered with ${sentence}`),
    });
  });
});

describe("no answer", () => {
  it.each([
    ["ENOTFOUND", "dns", "its name is not known here"],
    ["EAI_AGAIN", "dns", "its name is not known here"],
    ["ECONNREFUSED", "refused", "nothing listens there"],
    ["ETIMEDOUT", "timeout", "nothing came within the 10 s"],
    ["UND_ERR_CONNECT_TIMEOUT", "timeout", "nothing came within the 10 s"],
    ["ECONNRESET", "network", "the connection failed (ECONNRESET)"],
    [undefined, "network", "the connection failed (no reason given)"],
  ])("is a warning, as Graph may reach it: %s", (code, reason, sentence) => {
    expect(judgeSilence(URL_WITH_SECRETS, code)).toEqual({
      kind: "unreachable",
      reason,
      sentence: expect.stringContaining(`${PLACE} does not answer this machine: ${sentence}`),
    });
  });

  it.each([
    ["CERT_HAS_EXPIRED", "expired", "has expired"],
    ["CERT_NOT_YET_VALID", "not-yet-valid", "not valid yet"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed", "signed by itself"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "self-signed", "an authority that only you know"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "wrong-host", "for another host name"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unknown-issuer", "send the intermediate certificates"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "protocol", "does not speak TLS"],
    ["EPROTO", "protocol", "does not speak TLS"],
  ])("for its certificate, or its TLS, is wrong: %s", (code, fault, sentence) => {
    expect(judgeSilence(URL_WITH_SECRETS, code)).toEqual({
      kind: "wrong",
      reason: "tls",
      fault,
      sentence: expect.stringContaining(sentence),
    });
  });
});

it("never says what could be a secret", () => {
  const secrets = /secret|password|user|Validation/;
  const verdicts = [
    judge({}),
    judge({ status: 302, location: "https://x.example/secret?secret=secret#secret" }),
    judge({ contentType: "secret; secret=secret" }),
    judge({ body: "secret" }),
    judge({ body: FORM }),
    judgeSilence(URL_WITH_SECRETS, "ENOTFOUND"),
    judgeSilence(URL_WITH_SECRETS, "CERT_HAS_EXPIRED"),
  ];
  expect(verdicts.filter(({ sentence }) => secrets.test(sentence))).toEqual([]);
});
