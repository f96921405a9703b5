import { describe, expect, it } from "vitest";

import { isJsonObject, MAX_ITEM_DEPTH, sanitizeJson } from "./json.ts";

/** `depth` containers around a number. */
function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = wrap(value);
  return value;
}

const WRAPS = [
  { container: "objects", wrap: (inner: unknown): unknown => ({ inner }) },
  { container: "arrays", wrap: (inner: unknown): unknown => [inner] },
];

describe("isJsonObject", () => {
  it.each([
    [{}, true],
    [{ a: 1 }, true],
    [[], false],
    [null, false],
    [undefined, false],
    ["text", false],
    [1, false],
    [true, false],
  ])("of %j is %s", (value, expected) => {
    expect(isJsonObject(value)).toBe(expected);
  });
});

describe("sanitizeJson", () => {
  it.each(["text", 1, true, null, undefined])("accepts the scalar %j", (value) => {
    expect(sanitizeJson(value, 0)).toBe(true);
  });

  it.each(WRAPS)("accepts as many nested $container as allowed, and not one more", ({ wrap }) => {
    expect(sanitizeJson(nested(3, wrap), 3)).toBe(true);
    expect(sanitizeJson(nested(4, wrap), 3)).toBe(false);
  });

  it.each(WRAPS)("allows 32 nested $container unless told otherwise", ({ wrap }) => {
    expect(MAX_ITEM_DEPTH).toBe(32);
    expect(sanitizeJson(nested(32, wrap))).toBe(true);
    expect(sanitizeJson(nested(33, wrap))).toBe(false);
  });

  it("finds what is too deep behind what is not", () => {
    expect(sanitizeJson([1, { a: 1, b: nested(9, (inner) => [inner]) }], 5)).toBe(false);
  });

  it.each([
    { where: "at the top", text: '{"__proto__":{"admin":true},"a":1}', clean: { a: 1 } },
    { where: "inside an object", text: '{"a":{"__proto__":1,"b":2}}', clean: { a: { b: 2 } } },
    { where: "inside an array", text: '[{"__proto__":1}]', clean: [{}] },
    { where: "nested in another", text: '{"a":[[{"__proto__":{"__proto__":1}}]]}', clean: { a: [[{}]] } },
  ])("removes an own __proto__ $where", ({ text, clean }) => {
    const value: unknown = JSON.parse(text);
    expect(sanitizeJson(value)).toBe(true);
    expect(JSON.stringify(value)).toBe(JSON.stringify(clean));
  });

  it("leaves other names alone, also those of Object's prototype", () => {
    const value = JSON.parse('{"constructor":1,"toString":2,"proto":3}') as unknown;
    expect(sanitizeJson(value)).toBe(true);
    expect(value).toEqual({ constructor: 1, toString: 2, proto: 3 });
  });
});
