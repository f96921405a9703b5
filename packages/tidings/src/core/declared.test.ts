import { describe, expect, it } from "vitest";
import { afterMissing, isForgotten, parseDeclared, type Declared } from "./declared.ts";

const MINUTE_MS = 60_000;
const DECLARED: Declared = { declaration: "users", at: 0, missingSince: null };

describe("a definition of a declaration", () => {
  it("is missing when nobody has declared it for 20 minutes", () => {
    expect(afterMissing(DECLARED, 20 * MINUTE_MS - 1)).toBe(DECLARED);
    expect(afterMissing(DECLARED, 20 * MINUTE_MS)).toEqual({ ...DECLARED, missingSince: 20 * MINUTE_MS });
  });

  it("is missing since that was found out first, however long no process lived before", () => {
    const missing = afterMissing(DECLARED, 9_000 * MINUTE_MS);
    expect(missing.missingSince).toBe(9_000 * MINUTE_MS);
    expect(afterMissing(missing, 9_001 * MINUTE_MS)).toBe(missing);
  });

  it("is forgotten an hour after it was missed first, and never while it is not", () => {
    expect(isForgotten(DECLARED, 9_000 * MINUTE_MS)).toBe(false);
    expect(isForgotten({ ...DECLARED, missingSince: 0 }, 60 * MINUTE_MS - 1)).toBe(false);
    expect(isForgotten({ ...DECLARED, missingSince: 0 }, 60 * MINUTE_MS)).toBe(true);
  });
});

describe("what was written of one", () => {
  it.each<Declared>([DECLARED, { ...DECLARED, at: 7, missingSince: 8 }])("is read again: %j", (declared) => {
    expect(parseDeclared(JSON.stringify(declared))).toEqual(declared);
  });

  it.each(["1", "null", "[]", "{}", '{"declaration":"users"}', '{"at":1}'])("is not %s", (text) => {
    expect(parseDeclared(text)).toBe(undefined);
  });
});
