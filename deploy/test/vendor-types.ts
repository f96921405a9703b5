import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { REPOSITORY } from "./files.ts";

const require = createRequire(import.meta.url);
const TSC = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
const FLAGS = ["--ignoreConfig", "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];

/** Types that a vendor makes of its API's own description, by what they describe. */
const TYPES = {
  "Cloud Run service": 'import("@googleapis/run").run_v1.Schema$Service',
  "Cloud Run job": 'import("@googleapis/run").run_v1.Schema$Job',
  "Microsoft.App/containerApps": 'import("@azure/arm-appcontainers").ContainerAppProperties',
  "Microsoft.App/jobs": 'import("@azure/arm-appcontainers").JobProperties',
  "Microsoft.App/managedEnvironments": 'import("@azure/arm-appcontainers").ManagedEnvironmentProperties',
} as const;

export type Described = keyof typeof TYPES;

/** Stands in an expression for what is not known before it is deployed. */
export const UNKNOWN = "UNKNOWN";

/**
 * Compiles an expression as what a vendor describes: what is misspelled, missing or of another kind does not compile.
 *
 * @returns what the compiler says; nothing when all is right
 */
export function complaintsAbout(expression: string, described: Described): string {
  const folder = mkdtempSync(join(tmpdir(), "tidings-types-"));
  try {
    symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
    const file = join(folder, "value.ts");
    const lines = [
      `declare const ${UNKNOWN}: never;`,
      `export const value: ${TYPES[described]} = ${expression};`,
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    execFileSync(process.execPath, [TSC, ...FLAGS, file], { encoding: "utf8" });
    return "";
  } catch (error) {
    return error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const ANNOTATION = /(?:run\.googleapis\.com|autoscaling\.knative\.dev)\/[\w-]+/g;

/** The annotations that Google documents. */
export function documentedAnnotations(): ReadonlySet<string> {
  const types = readFileSync(join(dirname(require.resolve("@googleapis/run")), "v1.d.ts"), "utf8");
  return new Set(types.match(ANNOTATION));
}
