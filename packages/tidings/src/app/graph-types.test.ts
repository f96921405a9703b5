import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

import { CATALOGUE } from "../core/catalogue/catalogue.ts";
import { canonicalSegments } from "../core/resource-path.ts";

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");

const paths = CATALOGUE.flatMap((row) => row.paths);

/** A path of the catalogue in the manner of the types: each id as `*`, functions by their names. */
function patternOf(path: string): string {
  return canonicalSegments(path)
    .map((segment) => (/^\{\w+\}$/.test(segment) ? "*" : segment.replace(/\(.*$/, "")))
    .join("/");
}

it("says of every path of the catalogue, and of no other, what fetch gives", () => {
  const [, declared = ""] = /interface EntityByPath \{\n(.*?)\n\}/s.exec(read("./graph-types.ts")) ?? [];
  const typed = [...declared.matchAll(/^ {2}"?([^":\s]+)"?: /gm)].map(([, path = ""]) => path);
  expect(typed.toSorted()).toEqual(paths.map((path) => patternOf(path)).toSorted());
});

it("has a test of its type for every path", () => {
  const tested = [...read("./graph-types.test-d.ts").matchAll(/EntityOf<\s*"([^"]+)"\s*>/g)].map(
    ([, path]) => path,
  );
  expect(paths.filter((path) => !tested.includes(path))).toEqual([]);
});
