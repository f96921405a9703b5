import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Component {
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly { readonly license: { readonly id: string } }[];
}

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: true;
}

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Of this repository. */
const OWN: ReadonlySet<string> = new Set(["tidings", "@tidings/graph-simulator", "graph-simulator"]);
const LICENCES: ReadonlySet<string> = new Set(["MIT", "0BSD", "BSD-3-Clause", "ISC", "Apache-2.0"]);

// S18
describe("what a user installs", () => {
  const folder = mkdtempSync(join(tmpdir(), "tidings-supply-"));
  let components: readonly Component[] = [];

  beforeAll(() => {
    const file = join(folder, "sbom.json");
    execFileSync(process.execPath, [".ci/sbom.ts", file], { cwd: root, stdio: "ignore" });
    ({ components } = JSON.parse(readFileSync(file, "utf8")));
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is in the bill of materials, direct dependencies and what they need", () => {
    const { dependencies } = JSON.parse(read("packages/tidings/package.json"));
    const names = new Set(components.map(({ name }) => name));
    const direct = Object.keys(dependencies);
    expect(direct.filter((name) => !names.has(name) && !OWN.has(name))).toEqual([]);
    expect(names).toContain("tidings");
    expect(names).toContain("asn1js");
    expect(direct.length).toBeLessThanOrEqual(10);
    expect(components.length).toBeLessThanOrEqual(40);
  });

  it("is what was checked here, by its hash", () => {
    const strangers = components.filter((component) => !OWN.has(component.name));
    expect(strangers.length).toBeGreaterThan(10);
    const unknown = strangers.filter((component) => lockedAs(component)?.integrity === undefined);
    expect(unknown.map(({ name, version }) => `${name}@${version}`)).toEqual([]);
  });

  it("runs nothing while it is installed", () => {
    const scripted = components.filter((component) => lockedAs(component)?.hasInstallScript === true);
    expect(scripted).toEqual([]);
    for (const name of ["tidings", "graph-simulator"]) {
      const { scripts } = JSON.parse(read(`packages/${name}/package.json`));
      expect(Object.keys(scripts)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(?:pre|post)?install$/)]),
      );
    }
  });

  it("has licences that ask for nothing but their text", () => {
    const others = components.flatMap(({ name, licenses = [] }) =>
      licenses.filter(({ license }) => !LICENCES.has(license.id)).map(({ license }) => [name, license.id]),
    );
    expect(others).toEqual([]);
  });

  const lock: { packages: Record<string, Locked> } = JSON.parse(read("package-lock.json"));

  function lockedAs({ name, version }: Component): Locked | undefined {
    const [, found] =
      Object.entries(lock.packages).find(
        ([path, locked]) => path.endsWith(`node_modules/${name}`) && locked.version === version,
      ) ?? [];
    return found;
  }
});

describe("the release", () => {
  const workflow = read(".github/workflows/release.yml");

  it("is checked before it is published, with its provenance and its bill of materials", () => {
    expect(workflow).toMatch(/bash \.ci\/run/);
    expect(workflow).toMatch(/publish:\n +needs: check/);
    expect(workflow.match(/npm publish .* --provenance/g)).toHaveLength(2);
    expect(workflow).toMatch(/attest-sbom@/);
  });

  it("has no secret, and no right that it does not need", () => {
    expect(workflow).not.toMatch(/secrets\./);
    expect(workflow).toMatch(/^permissions: \{\}$/m);
  });
});
