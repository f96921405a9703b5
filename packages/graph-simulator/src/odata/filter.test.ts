import { describe, expect, it } from "vitest";

import { compareValues, idsOf, matchesFilter } from "./filter.ts";
import { parseFilter } from "./parse-filter.ts";

const MESSAGE = {
  id: "1",
  subject: "Budget for O'Neil",
  isRead: false,
  size: 12,
  sentDateTime: null,
  receivedDateTime: "2026-01-02T10:00:00Z",
  from: { emailAddress: { address: "Adele@contoso.com" } },
  mentions: [{ mentioned: { user: { id: "u1" } } }, { mentioned: { user: { id: "u2" } } }],
  categories: [],
};

function matches(text: string): boolean {
  const answer = parseFilter(text);
  if (answer.kind === "unreadable") throw new TypeError(answer.reason);
  return matchesFilter(MESSAGE, answer.filter);
}

describe("a filter", () => {
  it.each([
    "id eq '1'",
    "ID EQ '1'",
    "subject eq 'budget for o''neil'",
    "isRead eq false",
    "not isRead",
    "not (isRead eq true)",
    "size gt 11 and size le 12",
    "size lt 0 or size ge 12.0",
    "size ne -12",
    "sentDateTime eq null",
    "receivedDateTime gt 2026-01-02T09:59:59Z",
    "receivedDateTime eq 2026-01-02T11:00:00+01:00",
    "receivedDateTime lt 2026-01-03",
    "from/emailAddress/address eq 'adele@contoso.com'",
    "startswith(subject, 'bud') and endswith(subject,'neil') and contains(subject,'FOR')",
    "id in ('0', '1')",
    "mentions/any(u: u/mentioned/user/id eq 'u2')",
    "mentions/all(u: startswith(u/mentioned/user/id, 'u'))",
    "mentions/any()",
    "true eq true and (id eq '2' or id eq '1')",
  ])("%s lets it through", (text) => {
    expect(matches(text)).toBe(true);
  });

  it.each([
    "id eq '2'",
    "isRead",
    "size gt 12",
    "sentDateTime lt 2026-01-01T00:00:00Z",
    "sentDateTime ge null",
    "shoeSize eq '44'",
    "contains(size, '1')",
    "from/emailAddress/address/street eq 'x'",
    "id in ('2')",
    "mentions/any(u: u/mentioned/user/id eq 'u3')",
    "categories/any()",
    "id eq '1' and id eq '2' or id eq '3'",
  ])("%s keeps it out", (text) => {
    expect(matches(text)).toBe(false);
  });

  it.each([
    ["id eq", "Expression expected."],
    ["id eq '1", "Syntax error at position 5"],
    ["id eq '1' and", "Expression expected."],
    ["(id eq '1'", "')' expected"],
    ["id eq '1' '2'", "Syntax error at ''2''."],
    ["length(id, 1)", "An unknown function with name 'length'"],
    ["mentions/any(1: 2)", "Expected a name"],
    ["id in '1'", "'(' expected"],
    ["id eq )", "Expression expected at ')'."],
    ["id # 1", "Syntax error at position"],
  ])("%s cannot be read", (text, reason) => {
    expect(parseFilter(text)).toMatchObject({
      kind: "unreadable",
      reason: expect.stringContaining(reason),
    });
  });
});

describe("the ids of a filter", () => {
  const ids = (text: string): readonly string[] | undefined => {
    const answer = parseFilter(text);
    return answer.kind === "filter" ? idsOf(answer.filter) : undefined;
  };

  it.each([
    ["id eq 'a'", ["a"]],
    ["id eq 'a' or id eq 'b'", ["a", "b"]],
    ["id in ('a','b')", ["a", "b"]],
    ["id ne 'a'", undefined],
    ["id eq 'a' or subject eq 'b'", undefined],
    ["id eq subject", undefined],
    ["id eq 'a' and id eq 'b'", undefined],
  ])("of %s", (text, expected) => {
    expect(ids(text)).toEqual(expected);
  });
});

it.each([
  [null, "a", -1],
  ["a", null, 1],
  ["a", "A", 0],
  ["2026-01-01T00:00:00Z", "2025-12-31T23:00:00-01:00", 0],
  [2, 10, -1],
  [1, "a", -1],
])("%j and %j compare as %d", (left, right, order) => {
  expect(compareValues(left, right)).toBe(order);
});
