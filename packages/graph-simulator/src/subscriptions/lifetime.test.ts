import { describe, expect, it } from "vitest";

import { grantLifetime, type GrantedLifetime } from "./lifetime.ts";
import type { Refusal } from "../http/reply.ts";
import { SUBSCRIBABLE_RESOURCES } from "./subscribable-resources.ts";

const NOW = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

function grant(name: string, minutes: number, hasLifecycleUrl = false): GrantedLifetime | Refusal {
  const resource = SUBSCRIBABLE_RESOURCES.find((candidate) => candidate.name === name);
  if (!resource) throw new TypeError(`Expected a resource ${name}`);
  const expirationDateTime = new Date(NOW + minutes * MINUTE_MS).toISOString();
  return grantLifetime({ operation: "Create", expirationDateTime, resource, hasLifecycleUrl, now: NOW });
}

describe("a lifetime", () => {
  it.each([
    [1, 45],
    [45, 45],
    [46, 46],
    [10_070, 10_070],
  ])("of %i minutes is granted as %i", (asked, granted) => {
    expect(grant("message", asked)).toEqual({ kind: "granted", expiresAt: NOW + granted * MINUTE_MS });
  });

  it.each([0, -1, 10_070.001])("of %d minutes is refused", (asked) => {
    expect(grant("message", asked)).toMatchObject({ kind: "refused", status: 400 });
  });

  it("of more than an hour needs a lifecycle URL with Teams, and only there", () => {
    expect(grant("chatMessage", 60)).toMatchObject({ kind: "granted" });
    expect(grant("chatMessage", 60.001)).toMatchObject({ kind: "refused" });
    expect(grant("chatMessage", 4_320, true)).toMatchObject({ kind: "granted" });
    expect(grant("callRecord", 4_230)).toMatchObject({ kind: "granted" });
  });

  it("beyond Teams' maximum is refused with .NET durations", () => {
    expect(grant("shift", 24 * 60 * 5 + 1.5, true)).toMatchObject({
      code: "ExtensionError",
      message: expect.stringContaining("('-5.00:01:30' from now) is beyond allowed max '06:00:00'"),
    });
  });
});
