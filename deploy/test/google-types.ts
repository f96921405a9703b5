import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { REPOSITORY } from "./files.ts";

const { resolve } = createRequire(import.meta.url);
const TSC = join(dirname(resolve("typescript/package.json")), "bin/tsc");
const FLAGS = ["--ignoreConfig", "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];

/**
 * Compiles a value as one of Cloud Run's types, which Google makes of the API's own description: what is misspelled, or
 * of another kind, does not compile.
 *
 * @returns what the compiler says; nothing when all is right
 */
export function complaintsAbout(value: unknown, type: "Service" | "Job"): string {
  const folder = mkdtempSync(join(tmpdir(), "tidings-cloud-run-"));
  try {
    symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
    const file = join(folder, "value.ts");
    const imports = 'import type { run_v1 } from "@googleapis/run";';
    writeFileSync(
      file,
      `${imports}\nexport const value: run_v1.Schema$${type} = ${JSON.stringify(value)};\n`,
    );
    execFileSync(process.execPath, [TSC, ...FLAGS, file], { encoding: "utf8" });
    return "";
  } catch (error) {
    return error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The annotations that Google documents. */
export function documentedAnnotations(): ReadonlySet<string> {
  const types = readFileSync(join(dirname(resolve("@googleapis/run")), "v1.d.ts"), "utf8");
  return new Set(types.match(ANNOTATION));
}

export const ANNOTATION = /(?:run\.googleapis\.com|autoscaling\.knative\.dev)\/[\w-]+/g;
