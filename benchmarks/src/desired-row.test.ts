import { expect, it } from "vitest";
import { dueAtOf } from "../../packages/tidings/src/core/subscription.ts";
import { desiredRow, renewed, STORED_AT, TENANTS } from "./desired-row.ts";

const desired = Array.from({ length: 2_000 }, (_, number) => desiredRow(number));
const grown = desired.map((each) => each.grown({ ...each.wanted, version: 1 }));

it("makes rows of distinct keys and paths, the same each time", () => {
  expect(new Set(desired.map(({ wanted }) => wanted.key)).size).toBe(desired.length);
  expect(new Set(desired.map(({ wanted }) => wanted.path)).size).toBe(desired.length);
  expect(new Set(desired.map(({ wanted }) => wanted.tenantId)).size).toBe(TENANTS);
  expect(desiredRow(7).wanted).toEqual(desired[7]?.wanted);
});

it("fills in what a template asks for", () => {
  for (const { path, wants } of grown) {
    expect(path).not.toMatch(/[{}]/);
    for (const value of Object.values(wants[0]?.params ?? {})) expect(path.split("/")).toContain(value);
  }
});

it("lets most be alive and none be due", () => {
  expect(grown.filter(({ graph }) => graph !== null).length / grown.length).toBeCloseTo(0.97, 1);
  expect(grown.every((row) => dueAtOf(row) > STORED_AT)).toBe(true);
  expect(grown.every(({ graph }) => graph === null || graph.expiresAt > STORED_AT)).toBe(true);
});

it("renews a row into the future", () => {
  const [row] = grown;
  expect(row && dueAtOf(renewed(row, STORED_AT + 5))).toBeGreaterThan(STORED_AT + 5);
});
