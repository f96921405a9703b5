import { format, inspect } from "node:util";
import { expect, it } from "vitest";
import { Secret } from "./secret.ts";

const VALUE = "canary-0123456789";
const secret = new Secret(VALUE);

it("gives its value to whoever asks for it", () => {
  expect(secret.reveal()).toBe(VALUE);
});

it.each<[string, (secret: Secret) => string]>([
  ["joining texts", (it) => "".concat(String(it))],
  ["String()", String],
  ["JSON", (it) => JSON.stringify({ it })],
  ["util.inspect", (it) => inspect({ it }, { depth: 10, showHidden: true })],
  ["console's format", (it) => format("%s %o %j %O", it, it, it, it)],
  ["a list of its properties", (it) => JSON.stringify([Reflect.ownKeys(it), Object.entries(it)])],
  [
    "an error's message",
    (it) => inspect(new Error(`bad ${String(it)}`, { cause: it }), { showHidden: true }),
  ],
])("is not told by %s", (_, print) => {
  expect(print(secret)).not.toContain(VALUE);
});

it("says that there is one", () => {
  expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
    "[secret]",
    '"[secret]"',
    "[secret]",
  ]);
});

it("does not survive a way that would lay it bare", () => {
  expect(inspect(structuredClone(secret), { showHidden: true })).toBe("{}");
});
