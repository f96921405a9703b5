import { expect, it } from "vitest";

import { parseRetryAfter } from "./retry-after.ts";

const NOW = Date.UTC(2026, 9, 21, 7, 28, 0);

it.each<[header: string | null, ms: number | undefined]>([
  ["0", 0],
  ["7", 7_000],
  [" 7 ", 7_000],
  ["1.5", 1_500],
  ["0.0001", 1],
  ["Wed, 21 Oct 2026 07:28:30 GMT", 30_000],
  ["Wed, 21 Oct 2026 07:28:00 GMT", 0],
  ["Wed, 21 Oct 2026 07:00:00 GMT", 0],
  ["-1", undefined],
  ["", undefined],
  ["  ", undefined],
  ["soon", undefined],
  ["Infinity", undefined],
  [null, undefined],
])("Retry-After %j waits %j ms", (header, ms) => {
  expect(parseRetryAfter(header, NOW)).toBe(ms);
});
