import { describe, expect, it } from "vitest";

import { ANSWERS, handshakeAnswer, type Answer } from "./answer.ts";

describe("answers", () => {
  it.each<[name: keyof typeof ANSWERS, status: number, headers: Answer["headers"]]>([
    ["accepted", 202, {}],
    ["badRequest", 400, {}],
    ["notFound", 404, {}],
    ["methodNotAllowed", 405, { allow: "POST" }],
    ["tooLarge", 413, { connection: "close" }],
    ["unsupportedEncoding", 415, {}],
    ["unavailable", 503, { "retry-after": "5" }],
  ])("%s has status %i and no body", (name, status, headers) => {
    expect(ANSWERS[name]).toEqual({ status, headers: { "content-length": "0", ...headers }, body: "" });
  });

  it("to a handshake is the token untouched, as text that no browser takes for a page", () => {
    expect(handshakeAnswer(`Validation: "a" & <b>`)).toEqual({
      status: 200,
      headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
      body: `Validation: "a" & <b>`,
    });
  });
});
