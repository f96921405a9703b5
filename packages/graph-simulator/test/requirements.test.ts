import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { REQUIREMENTS } from "./requirements.ts";

const ROOT = join(import.meta.dirname, "..");

async function citedIds(): Promise<readonly string[]> {
  const names = await readdir(ROOT, { recursive: true });
  const tests = names.filter((name) => /^(src|test)\/.*\.test\.ts$/.test(name));
  const texts = await Promise.all(tests.map((name) => readFile(join(ROOT, name), "utf8")));
  return texts.flatMap((text) =>
    [...text.matchAll(/\bverifies\(\s*"([^"]+)"/g)].flatMap(([, id]) => id ?? []),
  );
}

describe("the requirements", () => {
  const ids = REQUIREMENTS.map((requirement): string => requirement.id);

  it("are all in the list, whatever file of requirements/ they are in", async () => {
    const names = await readdir(join(import.meta.dirname, "requirements"));
    const texts = await Promise.all(
      names.map((name) => readFile(join(import.meta.dirname, "requirements", name), "utf8")),
    );
    const written = texts.flatMap((text) =>
      [...text.matchAll(/^ +id: "([^"]+)",$/gm)].flatMap(([, id]) => id),
    );
    expect(written).toHaveLength(ids.length);
    expect(new Set(written)).toEqual(new Set(ids));
  });

  it("have one id each", () => {
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("are each cited by a test", async () => {
    const cited = new Set(await citedIds());
    expect(ids.filter((id) => !cited.has(id))).toEqual([]);
  });

  it("are all that tests cite", async () => {
    const cited = await citedIds();
    expect(cited.length).toBeGreaterThan(0);
    expect(cited.filter((id) => !ids.includes(id))).toEqual([]);
  });
});
