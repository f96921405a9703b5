import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

export const REPOSITORY: string = fileURLToPath(new URL("../..", import.meta.url));

export function readText(path: string): string {
  return readFileSync(join(REPOSITORY, path), "utf8");
}

/** @throws Error when it is no YAML, or says something twice */
export function readYaml(path: string): unknown {
  return parse(readText(path), { strict: true, uniqueKeys: true });
}

/** Every object within a value, itself included. */
export function* objectsIn(value: unknown): Generator<object> {
  if (typeof value !== "object" || value === null) return;
  yield value;
  for (const each of Object.values(value)) yield* objectsIn(each);
}
