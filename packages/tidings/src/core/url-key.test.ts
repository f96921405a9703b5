import { expect, it } from "vitest";
import { resolveUrlKeys, urlKeyOf, withoutQuery, withUrlKey } from "./url-key.ts";

const KEY = "a-key.of_16-chars~";
const OLD_KEY = "an-old-key-of-16-chars";

it("stands in the query of our URLs, the first of several", () => {
  const url = "https://tidings.example/notifications/mark";
  expect(withUrlKey(url, undefined)).toBe(url);
  expect(withUrlKey(url, resolveUrlKeys(KEY))).toBe(`${url}?key=${KEY}`);
  expect(withUrlKey(url, resolveUrlKeys([KEY, OLD_KEY, ""]))).toBe(`${url}?key=${KEY}`);
});

it("is not shown with a URL", () => {
  const url = "https://tidings.example/notifications/mark";
  expect(withoutQuery(withUrlKey(url, resolveUrlKeys(KEY)))).toBe(url);
  expect(withoutQuery(url)).toBe(url);
});

it.each([[undefined], [[]]])("is none when %j is given", (given) => {
  expect(resolveUrlKeys(given)).toBeUndefined();
});

it.each([
  ["too-short"],
  [""],
  [["", KEY]],
  ["with a space in it!"],
  ["a/slash/is/not/allowed"],
  ["a&b=cccccccccccccccc"],
])("is refused when it is %j, and not repeated", (given) => {
  const expected =
    /^Expected `urlKey` to have at least 16 characters of A-Z a-z 0-9 _ \. ~ -, got one of \d+$/;
  expect(() => resolveUrlKeys(given)).toThrow(expected);
});

it.each([
  ["", ""],
  ["validationToken=abc", ""],
  [`key=${KEY}`, KEY],
  [`key=${KEY}&validationToken=a+b`, KEY],
  [`validationToken=a+b&key=${KEY}`, KEY],
  ["key=", ""],
  [`key=${KEY}&key=${KEY}`, undefined],
])("is read from the query %j", (query, key) => {
  expect(urlKeyOf(query)).toBe(key);
});
