import { describe, expect, it } from "vitest";

import { formatInstant, formatSeconds, formatTicks, parseInstant } from "./instant.ts";

describe("an instant", () => {
  it.each([
    ["2016-11-20T18:23:45.9356913Z", "2016-11-20T18:23:45.935Z"],
    ["2016-11-20T18:23:45Z", "2016-11-20T18:23:45Z"],
    ["2016-11-20T18:23:45.000Z", "2016-11-20T18:23:45Z"],
    ["2016-11-20T18:23:45+02:00", "2016-11-20T16:23:45Z"],
    ["2016-11-20T18:23Z", "2016-11-20T18:23:00Z"],
  ])("%s is %s", (text, utc) => {
    expect(formatInstant(parseInstant(text) ?? Number.NaN)).toBe(utc);
  });

  it.each([
    "",
    "2016-11-20",
    "2016-11-20T18:23:45",
    "2016-11-5T18:23:45Z",
    "2016-13-20T18:23:45Z",
    "tomorrow",
  ])("'%s' is none", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it("is written as Outlook and Entra write it", () => {
    const instant = Date.UTC(2024, 1, 3, 4, 5, 6, 789);
    expect(formatSeconds(instant)).toBe("2024-02-03T04:05:06Z");
    expect(formatTicks(instant)).toBe("2024-02-03T04:05:06.7890000Z");
  });
});
