import { expect, it } from "vitest";
import { formatDistance } from "./relative-time.ts";

const NOW = Date.UTC(2026, 0, 1);

it.each([
  [undefined, ""],
  [0, "now"],
  [999, "now"],
  [-999, "now"],
  [12_000, "in 12 s"],
  [65_000, "in 1 min 5 s"],
  [-300_000, "5 min ago"],
  [2 * 86_400_000 + 3 * 3_600_000 + 59 * 60_000, "in 2 d 3 h"],
  [2 * 86_400_000 + 59 * 60_000, "in 2 d"],
  [-29 * 86_400_000, "29 d ago"],
])("%s ms away is %j", (distance, text) => {
  expect(formatDistance(distance === undefined ? undefined : NOW + distance, NOW)).toBe(text);
});
