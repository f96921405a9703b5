import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { checkQuery, hasSelect } from "./query.ts";
import type { QueryRule } from "./row.ts";

const OPEN: QueryRule = { documented: ["$select", "$filter", "$expand", "notifyOnUserSpecificProperties"] };

describe("a query", () => {
  it.each<{ query: string; rule?: Partial<QueryRule> }>([
    { query: "" },
    { query: "$select=subject,from" },
    { query: "select=subject&FILTER=isRead eq false" },
    { query: "$notifyOnUserSpecificProperties=true" },
    { query: "$filter=subject eq 'a&$top=1'", rule: { refused: ["$top"] } },
    { query: "$filter=subject eq 'it''s & so on'", rule: { refused: ["so on'"] } },
    { query: "$top=", rule: { documented: [] } },
    { query: "$select=bodyPreview", rule: { refusedSelect: ["body"] } },
    { query: "$filter=id in ('1','2')", rule: { maxFilterIds: 2 } },
    { query: "$filter=app eq 'a/b'", rule: { isFilterTopLevelOnly: true } },
    {
      query: "$expand=singleValueExtendedProperties($filter=id eq 'String {0}(x) Name a')",
      rule: { allowedExpand: ["singleValueExtendedProperties"] },
    },
    { query: "$expand=attachments" },
    { query: "$filter=a eq 1", rule: { expected: "$filter" } },
    { query: "$filter=100%" },
  ])("$query is as documented", ({ query, rule }) => {
    expect(checkQuery(query, { ...OPEN, ...rule })).toEqual({ refusals: [], doubts: [] });
  });

  it.each<{ query: string; rule: Partial<QueryRule>; says: string }>([
    {
      query: "$filter=a eq 1&$top=5",
      rule: { refused: ["$top"] },
      says: "no `$top`, got one: Graph takes none here",
    },
    {
      query: "TOP=5",
      rule: { refused: ["$top"] },
      says: "no `TOP`, got one: Graph takes none here",
    },
    {
      query: "$select=subject,%20Body",
      rule: { refusedSelect: ["body"] },
      says: "`$select` without `Body`, got it: Graph does not take it here",
    },
    {
      query: "$expand=attachments($select=id)",
      rule: { allowedExpand: ["a", "b"] },
      says: "`$expand` of a or b, got `attachments`",
    },
    {
      query: "$filter=id in ('1','2','3')",
      rule: { maxFilterIds: 2 },
      says: "`$filter` to name at most 2 ids, got `3`",
    },
    {
      query: "$filter=from/user/id eq 'a'",
      rule: { isFilterTopLevelOnly: true },
      says: "`$filter` to name the resource's own properties only, got `from/user`",
    },
  ])("$query is refused", ({ query, rule, says }) => {
    expect(checkQuery(query, { ...OPEN, ...rule }).refusals).toEqual([says]);
  });

  it.each<{ query: string; rule?: Partial<QueryRule>; doubts: string[] }>([
    { query: "model=B", doubts: ["No page documents `model` for it"] },
    { query: "", rule: { expected: "$filter" }, doubts: ["It is documented only with `$filter`"] },
    {
      query: "$search=x",
      rule: { expected: "$filter" },
      doubts: ["No page documents `$search` for it", "It is documented only with `$filter`"],
    },
  ])("$query is doubtful", ({ query, rule, doubts }) => {
    expect(checkQuery(query, { ...OPEN, ...rule })).toEqual({ refusals: [], doubts });
  });

  it("of any kind is read without an error", () => {
    const text = fc.string({ unit: fc.constantFrom(..."$select=filter&',()%/ab1".split("")) });
    fc.assert(
      fc.property(text, (query) => {
        const found = checkQuery(query, { ...OPEN, maxFilterIds: 1, isFilterTopLevelOnly: true });
        expect([...found.refusals, ...found.doubts].every((says) => says !== "")).toBe(true);
      }),
    );
  });

  it.each([
    ["$select=subject", true],
    ["$filter=a eq 1&select=subject", true],
    ["$select=", false],
    ["$filter=a eq '&$select=b'", false],
    ["", false],
  ])("%s selects properties: %s", (query, expected) => {
    expect(hasSelect(query)).toBe(expected);
  });
});
