import { describe, expect, it } from "vitest";

import { decideHandshake, MAX_VALIDATION_TOKEN_LENGTH } from "./handshake.ts";

function decide(query: string): ReturnType<typeof decideHandshake> {
  return decideHandshake(query);
}

describe("a handshake", () => {
  it.each([
    ["", "no query"],
    ["?", "an empty query"],
    ["?code=1", "another parameter"],
    ["?validationtoken=a", "another case"],
    ["?validationTokens=a", "another name"],
  ])("is not one: %j, %s", (query) => {
    expect(decide(query)).toEqual({ kind: "not-a-handshake" });
  });

  it.each([
    {
      name: "form encoding, as Graph sends it",
      query:
        "?validationToken=Validation%3A+Testing+client+application+reachability+for+subscription+Request-Id%3A+f0f8b2d5",
      token: "Validation: Testing client application reachability for subscription Request-Id: f0f8b2d5",
    },
    { name: "%20 for a space", query: "?validationToken=a%20b", token: "a b" },
    { name: "an encoded plus", query: "?validationToken=a%2Bb", token: "a+b" },
    { name: "another parameter before it", query: "?code=1&validationToken=abc", token: "abc" },
    { name: "what HTML would escape", query: "?validationToken=%3Cb%3E%26%22'", token: `<b>&"'` },
    { name: "letters of any script", query: "?validationToken=%E2%9C%93", token: "✓" },
    {
      name: "the longest token",
      query: `?validationToken=${"a".repeat(MAX_VALIDATION_TOKEN_LENGTH)}`,
      token: "a".repeat(MAX_VALIDATION_TOKEN_LENGTH),
    },
  ])("is answered with the decoded token: $name", ({ query, token }) => {
    expect(decide(query)).toEqual({ kind: "answer", token });
  });

  it.each([
    { reason: "empty", query: "?validationToken=" },
    { reason: "empty", query: "?validationToken" },
    { reason: "repeated", query: "?validationToken=a&validationToken=a" },
    { reason: "repeated", query: "?validationToken=&validationToken=a" },
    { reason: "too-long", query: `?validationToken=${"a".repeat(MAX_VALIDATION_TOKEN_LENGTH + 1)}` },
    { reason: "control-character", query: "?validationToken=a%00b" },
    { reason: "control-character", query: "?validationToken=a%0D%0Ab" },
    { reason: "control-character", query: "?validationToken=a%7F" },
    { reason: "control-character", query: "?validationToken=%C2%85" },
  ])("is refused as $reason: $query", ({ reason, query }) => {
    expect(decide(query)).toEqual({ kind: "refuse", reason });
  });
});
