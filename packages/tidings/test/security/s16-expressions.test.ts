import { globSync, readFileSync } from "node:fs";
import { checkSync } from "recheck";
import { expect, it } from "vitest";
import { canonicalSegments } from "../../src/core/resource-path.ts";

const SRC = new URL("../../src/", import.meta.url).pathname;
/** After what an expression can follow; a slash after a name or a closing bracket divides. */
const LITERAL =
  /(?:[=(,:!&|?[{;]|\breturn|=>)\s*\/((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

const files = globSync("**/*.ts", { cwd: SRC }).filter((file) => !/\.test(-d)?\.ts$/.test(file));
const expressions = new Map(
  files.flatMap((file) => {
    const text = readFileSync(SRC + file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    return [...text.matchAll(LITERAL)].map(([, source = "", flags = ""]) => [
      `/${source}/${flags}`,
      { source, flags, file },
    ]);
  }),
);

it("S16 sees the expressions, and those that are put together while it runs", () => {
  expect(expressions.size).toBeGreaterThan(40);
  const made = files.filter((file) => /new RegExp\(/.test(readFileSync(SRC + file, "utf8")));
  expect(made.toSorted()).toEqual(["core/catalogue/catalogue.ts", "store/sqlite/guid-text.ts"]);
});

it("S16 no expression needs more than linear time for any text", { timeout: 120_000 }, () => {
  const slow = [...expressions.values()].flatMap(({ source, flags, file }) => {
    const found = checkSync(source, flags, { timeout: 10_000 });
    return found.status === "safe" ? [] : [`${file}: /${source}/${flags} is ${found.status}`];
  });
  expect(slow).toEqual([]);
});

it.each(["(", "(')", "('a", "a/(", "?(", "('')", "(a)", "/", "users('1')/"])(
  "S16 100 KB of %s is read as a resource in less than 50 ms",
  (part) => {
    const resource = part.repeat(100_000 / part.length);
    canonicalSegments(resource);
    const startedAt = performance.now();
    canonicalSegments(resource);
    expect(performance.now() - startedAt).toBeLessThan(50);
  },
);
