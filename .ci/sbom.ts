/**
 * Writes the bill of materials of what a user installs: the packages and their runtime dependencies, as the lockfile has
 * them. It is made of a copy without devDependencies: `npm sbom --omit dev` leaves out what one package of a workspace
 * needs and another has for its tests.
 *
 * Usage: node .ci/sbom.ts <file>
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const PACKAGES = ["packages/tidings", "packages/graph-simulator"];

const [file] = process.argv.slice(2);
if (file === undefined) throw new TypeError("Expected the file to write, got none");

const folder = mkdtempSync(join(tmpdir(), "tidings-sbom-"));
try {
  const npm = (...args: string[]): string =>
    execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  copyFileSync("package-lock.json", join(folder, "package-lock.json"));
  write("package.json", { name: "tidings-workspace", version: "0.0.0", private: true, workspaces: PACKAGES });
  for (const path of PACKAGES) {
    const {
      devDependencies: _tools,
      scripts: _scripts,
      ...rest
    } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    write(join(path, "package.json"), rest);
  }
  npm("install", "--package-lock-only", "--offline", "--ignore-scripts");
  writeFileSync(file, npm("sbom", "--package-lock-only", "--sbom-format", "cyclonedx"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function write(path: string, content: object): void {
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  writeFileSync(join(folder, path), JSON.stringify(content));
}
