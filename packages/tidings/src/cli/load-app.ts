import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Tidings } from "../app/tidings.ts";
import { CliError } from "./errors.ts";

/**
 * Imports the module and finds the `Tidings` it exports, under whatever name.
 *
 * @throws CliError when there is no such file, it cannot be imported, or it exports none or several
 */
export async function loadApp(file: string): Promise<Tidings> {
  const path = resolve(file);
  if (!existsSync(path))
    throw new CliError(
      `there is no file ${file}`,
      "Name the module that exports your Tidings, such as src/app.ts.",
    );
  const apps = new Set(exportsOf(await importModule(path, file)).filter((value) => value instanceof Tidings));
  const [app] = apps;
  if (app === undefined || apps.size > 1) {
    throw new CliError(
      `${file} exports ${apps.size === 0 ? "no" : "more than one"} Tidings`,
      "Export one: `export const tidings = new Tidings({ … })`. It must be made by the same installed copy of tidings.",
    );
  }
  return app;
}

function exportsOf(module: unknown): unknown[] {
  return typeof module === "object" && module !== null ? Object.values(module) : [];
}

async function importModule(path: string, file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`${file} cannot be imported: ${reason}`, "Run it with `node` to see where it fails.", {
      cause,
    });
  }
}
