import { readFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { isJsonObject, parseJson } from "../http/json.ts";
import { assertScenario, type Scenario } from "../scenario/scenario.ts";
import { ShapeError } from "../shape.ts";
import { CommandError, messageOf } from "./command-error.ts";

/**
 * Reads a scenario file: JSON, or a module that exports `scenario` or a default.
 *
 * @throws CommandError with the file and the place in it
 */
export async function readScenario(file: string): Promise<Scenario> {
  try {
    const data = await readData(file);
    assertScenario(data);
    return data;
  } catch (error) {
    const reason = error instanceof ShapeError ? error.message : messageOf(error);
    throw new CommandError(`${file}: ${reason}`, { cause: error });
  }
}

async function readData(file: string): Promise<unknown> {
  if (extname(file) !== ".json") return exported(await import(pathToFileURL(resolve(file)).href));
  const data = parseJson(readFileSync(file, "utf8"));
  if (data === undefined) throw new Error("this is not JSON");
  return data;
}

function exported(module: unknown): unknown {
  // A round trip through JSON makes plain data of whatever the module exports.
  const data = parseJson(JSON.stringify(module) ?? "");
  return isJsonObject(data) ? (data["scenario"] ?? data["default"]) : undefined;
}
