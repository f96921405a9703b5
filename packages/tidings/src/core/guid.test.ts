import { describe, expect, it } from "vitest";

import { isGuid } from "./guid.ts";

describe("isGuid", () => {
  it.each([
    ["84bd8158-6d4d-4958-8b9f-9d6445542f95", true],
    ["84BD8158-6D4D-4958-8B9F-9D6445542F95", true],
    ["{84bd8158-6d4d-4958-8b9f-9d6445542f95}", false],
    ["84bd81586d4d49588b9f9d6445542f95", false],
    ["84bd8158-6d4d-4958-8b9f-9d6445542f95 ", false],
    ["84bd8158-6d4d-4958-8b9f-9d6445542f95\n", false],
    ["g4bd8158-6d4d-4958-8b9f-9d6445542f95", false],
    ["contoso.onmicrosoft.com", false],
    ["", false],
  ])("of %j is %s", (text, expected) => {
    expect(isGuid(text)).toBe(expected);
  });
});
