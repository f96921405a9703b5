import { beforeEach, describe, expect, it } from "vitest";
import { TenantCircuits } from "./tenant-circuits.ts";

let circuits: TenantCircuits;

beforeEach(() => {
  circuits = new TenantCircuits();
});

function fail(times: number, now = 0, tenantId = "t"): void {
  for (let n = 0; n < times; n += 1) circuits.failed(tenantId, now);
}

describe("a tenant's circuit", () => {
  it("lets all through until five in a row have failed", () => {
    fail(4);
    expect(circuits.admit("t", 0)).toBe(undefined);
    circuits.answered("t");
    fail(4);
    expect(circuits.admit("t", 0)).toBe(undefined);
    fail(1);
    expect(circuits.admit("t", 0)).toBe(10_000);
  });

  it("concerns its tenant alone", () => {
    fail(5);
    expect(circuits.admit("another", 0)).toBe(undefined);
  });

  it("lets one through after a rest, and the next when that took a minute", () => {
    fail(5);
    expect(circuits.admit("t", 9_999)).toBe(10_000);
    expect(circuits.admit("t", 10_000)).toBe(undefined);
    expect(circuits.admit("t", 10_000)).toBe(70_000);
    expect(circuits.admit("t", 70_000)).toBe(undefined);
  });

  it("rests twice as long after each that failed, two minutes at most", () => {
    fail(5);
    const rests = Array.from({ length: 6 }, () => {
      const at = circuits.admit("t", 0) ?? 0;
      circuits.admit("t", at);
      circuits.failed("t", 0);
      return at;
    });
    expect(rests).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  });

  it("lets all through again after one answer, and begins anew", () => {
    fail(9);
    circuits.answered("t");
    expect(circuits.admit("t", 0)).toBe(undefined);
    fail(5);
    expect(circuits.admit("t", 0)).toBe(10_000);
  });
});
