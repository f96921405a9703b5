import { describe, expect, it } from "vitest";
import { describeError } from "./error-text.ts";

const THROWS: PropertyDescriptor = {
  get() {
    throw new Error("no");
  },
};

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error("no"), {});
  revoke();
  return proxy;
}

describe("what is told of an error", () => {
  it.each<{ name: string; error: unknown; text: string }>([
    { name: "name and message", error: new TypeError("no number"), text: "TypeError: no number" },
    { name: "no fields", error: Object.assign(new Error("no"), { token: "secret" }), text: "Error: no" },
    { name: "nothing of what is no error", error: "secret", text: "Error: threw string" },
    { name: "that there was none", error: undefined, text: "Error: threw undefined" },
  ])("$name", ({ error, text }) => {
    expect(describeError(error)).toBe(text);
  });

  it("2,000 characters of a message at most", () => {
    expect(describeError(new Error("x".repeat(9_000)))).toHaveLength("Error: ".length + 2_000);
  });

  it.each<{ name: string; error: unknown }>([
    { name: "whose name is a symbol", error: Object.assign(new Error("no"), { name: Symbol("no") }) },
    {
      name: "whose message has no text",
      error: Object.assign(new Error("no"), { message: Object.create(null) }),
    },
    {
      name: "whose message is a getter that throws",
      error: Object.defineProperty(new Error("no"), "message", THROWS),
    },
    { name: "that is a revoked proxy", error: revoked() },
  ])("something of one $name", ({ error }) => {
    expect(describeError(error)).toMatch(/^(?:Error: threw an error that cannot be told|Symbol\(no\): no)$/);
  });
});
