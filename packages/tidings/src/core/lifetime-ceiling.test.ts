import { expect, it } from "vitest";

import { lifetimeCeilingMs } from "./lifetime-ceiling.ts";

const HOUR = 3_600_000;

it.each<[message: string, ms: number | undefined]>([
  ["Subscription expiration can only be 10070 minutes in the future.", 10_070 * 60_000],
  ["subscription expiration can only be 4230 minutes in the future", 4_230 * 60_000],
  ["Expiration time '…' ('-5.23:59:55' from now) is beyond allowed max '3.00:00:00'.]", 72 * HOUR],
  ["is beyond allowed max '3.00:00:00.0000000'", 72 * HOUR],
  // As users' reports cut it off.
  ["is beyond allowed max '3.00:00:00…", 72 * HOUR],
  ["is beyond allowed max '01:00:00'", HOUR],
  ["is beyond allowed max '1.02:03:04'", 26 * HOUR + 3 * 60_000 + 4_000],
  ["is beyond allowed max '06:00'", 6 * HOUR],
  ["is beyond allowed max '00:00:00'", undefined],
  ["is beyond allowed max 'soon'", undefined],
  ["is beyond allowed max '", undefined],
  ["can only be many minutes in the future", undefined],
  ["App has reached its limit of '1'", undefined],
  ["", undefined],
])("%j allows %j ms", (message, ms) => {
  expect(lifetimeCeilingMs(message)).toBe(ms);
});
