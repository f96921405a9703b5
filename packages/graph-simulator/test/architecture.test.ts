import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "../src");

interface Module {
  readonly name: string;
  readonly imports: readonly string[];
}

async function readModules(): Promise<readonly Module[]> {
  const names = await readdir(SOURCE, { recursive: true });
  const sources = names.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  return Promise.all(
    sources.map(async (name) => {
      const text = await readFile(join(SOURCE, name), "utf8");
      const specifiers = [...text.matchAll(/^(?:import|export|\}) .*?from "([^"]+)";$/gm)];
      return { name, imports: specifiers.map(([, specifier = ""]) => specifier) };
    }),
  );
}

/** The modules on a way that leads back to where it began, or an empty list. Type-only imports count. */
function findCycle(modules: readonly Module[]): readonly string[] {
  const edges = new Map(
    modules.map(({ name, imports }) => [
      name,
      imports.filter((path) => path.startsWith(".")).map((path) => join(dirname(name), path)),
    ]),
  );
  const finished = new Set<string>();
  const visit = (name: string, way: readonly string[]): readonly string[] => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (finished.has(name)) return [];
    for (const next of edges.get(name) ?? []) {
      const cycle = visit(next, [...way, name]);
      if (cycle.length > 0) return cycle;
    }
    finished.add(name);
    return [];
  };
  for (const name of edges.keys()) {
    const cycle = visit(name, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

describe("the sources", () => {
  it("import only each other and Node.js", async () => {
    const imports = (await readModules()).flatMap((module) => module.imports);
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((path) => !/^(\.\.?\/.*\.ts|node:\w+)$/.test(path))).toEqual([]);
  });

  it("import each other without a cycle", async () => {
    expect(findCycle(await readModules())).toEqual([]);
  });

  it("keep HTTP ignorant of what it carries", async () => {
    const http = (await readModules()).filter((module) => module.name.startsWith("http/"));
    const outward = http.flatMap((module) => module.imports.filter((path) => path.startsWith("../")));
    expect(http.length).toBeGreaterThan(0);
    expect(outward).toEqual([]);
  });
});
