import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TSC = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));

/**
 * Compiles a file and all it imports, as a package is. Node can run TypeScript as it is, but takes some 60 MB for it
 * in a process of three threads, which nobody has who installs a package.
 *
 * @param threads that it starts by their URLs
 * @param folder to write to
 * @returns the file as JavaScript
 */
export function compile(file: URL, threads: readonly URL[], folder: string): URL {
  const files = [file, ...threads].map((each) => fileURLToPath(each));
  const options = ["--rootDir", ROOT, "--outDir", folder, "--target", "es2024", "--module", "nodenext"];
  // The types are checked elsewhere.
  const flags = ["--ignoreConfig", "--noCheck", "--rewriteRelativeImportExtensions"];
  execFileSync(process.execPath, [TSC, ...flags, ...options, ...files], { stdio: "inherit" });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return pathToFileURL(join(folder, relative(ROOT, fileURLToPath(file)).replace(/\.ts$/, ".js")));
}
