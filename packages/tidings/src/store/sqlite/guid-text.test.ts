import { expect, it } from "vitest";
import { restoreGuids, shortenGuids } from "./guid-text.ts";

const GUID = "0b2d0c3e-53b4-4e34-9d5c-2c1c2f1e0a77";

it.each([
  ["a GUID", GUID, 23],
  ["two in a row", `${GUID}${GUID}`, 46],
  ["one in a path", `users/${GUID}/messages`, 38],
  ["one with hexadecimals about it", `a${GUID}f`, 25],
  ["one in capitals", GUID.toUpperCase(), 36],
  ["what is too short", GUID.slice(1), 35],
  ["what is not JSON text", "\u0002", 1],
  ["nothing", "", 0],
])("gives back %s", (_, text, length) => {
  const short = shortenGuids(text);
  expect(short).toHaveLength(length);
  expect(restoreGuids(short)).toBe(text);
});
