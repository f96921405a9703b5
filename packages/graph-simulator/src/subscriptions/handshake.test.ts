import { describe, expect, it } from "vitest";

import { validationToken, withValidationToken } from "./handshake.ts";

describe("a validation token", () => {
  const token = validationToken("11111111-2222-4333-8444-555555555555");

  it.each([
    ["https://example.com/a", "https://example.com/a?validationToken="],
    ["https://example.com/a?b=c%20d", "https://example.com/a?b=c%20d&validationToken="],
    ["https://example.com/a?", "https://example.com/a?&validationToken="],
  ])("joins %s", (url, start) => {
    const joined = withValidationToken(url, token);
    expect(joined.startsWith(start)).toBe(true);
    expect(new URL(joined).searchParams.get("validationToken")).toBe(token);
  });

  it("goes before a fragment", () => {
    expect(withValidationToken("https://example.com/a#b", "x")).toBe(
      "https://example.com/a?validationToken=x#b",
    );
  });

  it("comes back wrong from who decodes it in the wrong way", () => {
    const encoded = new URL(withValidationToken("https://example.com/", token)).search.slice(
      "?validationToken=".length,
    );
    expect(encoded).not.toBe(token);
    expect(decodeURIComponent(encoded)).not.toBe(token);
    expect(decodeURIComponent(token)).not.toBe(token);
    expect(token.replaceAll("+", " ")).not.toBe(token);
  });
});
