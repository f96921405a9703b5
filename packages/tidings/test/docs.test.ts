import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as errors from "../src/core/errors.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

describe("docs/errors.md", () => {
  const documented = [...read("docs/errors.md").matchAll(/^\| `(ERR_\w+)` \| `(\w+)`/gm)].map(
    ([, code, name]) => `${code} ${name}`,
  );
  const inCode = [
    ...read("packages/tidings/src/core/errors.ts").matchAll(/name = "(\w+)";\s+readonly code = "(\w+)"/g),
  ].map(([, name, code]) => `${code} ${name}`);

  it("has a row for every code, and no row for none", () => {
    expect(documented.toSorted()).toEqual(inCode.toSorted());
    expect(inCode).toHaveLength(Object.keys(errors).length - 1);
  });
});

describe("README.md and docs/", () => {
  const pages = [
    "README.md",
    "ARCHITECTURE.md",
    "SECURITY.md",
    "docs/cli.md",
    "docs/docker.md",
    "docs/cloud-run.md",
    "docs/container-apps.md",
    "examples/graph-to-kafka/README.md",
    "docs/admin.md",
    "docs/graph.md",
    "docs/http.md",
    "docs/kafka.md",
    "docs/kafka-inbox.md",
    "docs/keys.md",
    "docs/errors.md",
    "docs/resources.md",
    "docs/subscriptions.md",
    "docs/decisions.md",
  ];

  it("import only what the package exports", () => {
    const { exports } = JSON.parse(read("packages/tidings/package.json"));
    const entries = Object.keys(exports).map((entry) => entry.replace(/^\./, "tidings"));
    const imported = pages.flatMap((page) =>
      [...read(page).matchAll(/from "(tidings[^"]*)"/g)].map(([, path]) => path),
    );
    expect(imported.length).toBeGreaterThan(1);
    expect(imported.filter((path) => path === undefined || !entries.includes(path))).toEqual([]);
  });

  it("link only to files that are there", () => {
    const links = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target]) =>
        new URL(target ?? "", `file:///${page}`).pathname.slice(1),
      ),
    );
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !existsSync(new URL(`../../../${link}`, import.meta.url)))).toEqual([]);
  });
});
