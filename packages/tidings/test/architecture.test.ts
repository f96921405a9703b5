import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * Who may import whom, by folder of `src`. A folder not named here is a failure, so that a new one is placed on
 * purpose. Every folder may import its own files.
 */
const ALLOWED: Readonly<
  Record<string, { readonly folders: readonly string[]; readonly packages: readonly RegExp[] }>
> = {
  core: { folders: [], packages: [] },
  // Engines
  receiver: { folders: ["core"], packages: [] },
  dispatcher: { folders: ["core"], packages: [] },
  reconciler: { folders: ["core"], packages: [] },
  // Adapters: one vendor library each
  graph: { folders: ["core"], packages: [] },
  // Two vendors' libraries, of which neither does the other's work: tokens, and certificates with what that one needs.
  crypto: {
    folders: ["core"],
    packages: [/^node:crypto$/, /^jose$/, /^@peculiar\/x509$/, /^reflect-metadata$/],
  },
  "store/memory": { folders: ["core"], packages: [] },
  "store/sqlite": { folders: ["core"], packages: [/^node:/] },
  "host/node": { folders: ["core"], packages: [/^node:/] },
  "host/endpoint-probe.ts": { folders: ["core"], packages: [] },
  "host/outbound": { folders: ["core"], packages: [/^node:(?:dns|net)$/, /^undici$/, /^ipaddr\.js$/] },
  // The client library of Kafka, for the sink and whatever else reads or writes topics.
  kafka: { folders: ["core"], packages: [/^@platformatic\/kafka$/, /^node:(?:events|net)$/] },
  "sink/kafka": { folders: ["core"], packages: [] },
  "sink/stdout": { folders: ["core"], packages: [/^node:/] },
  admin: { folders: ["core"], packages: [/^hono$/, /^node:crypto$/] },
  // Where parts meet
  app: {
    folders: [
      "core",
      "receiver",
      "dispatcher",
      "reconciler",
      "graph",
      "crypto",
      "kafka",
      "sink/kafka",
      "store/sqlite",
      "host/node",
      "host/endpoint-probe.ts",
      "host/outbound",
    ],
    packages: [/^node:/, /^@microsoft\/microsoft-graph-types$/],
  },
  cli: {
    folders: ["core", "app", "graph", "crypto", "store/sqlite", "host/node", "admin"],
    packages: [/^node:/, /^commander$/, /^ms$/, /^@tidings\/graph-simulator$/],
  },
  testing: { folders: ["core"], packages: [/^node:assert\/strict$/] },
  "index.ts": { folders: ["core", "app"], packages: [] },
};

const SRC = new URL("../src/", import.meta.url).pathname;
const IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

interface Edge {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly isPackage: boolean;
}

const files = globSync("**/*.ts", { cwd: SRC }).filter((file) => !/\.test(-d)?\.ts$/.test(file));
const edges = files.flatMap((file) => edgesOf(file));

function edgesOf(file: string): Edge[] {
  const text = readFileSync(join(SRC, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
  return [...text.matchAll(IMPORT)].map(([, target = ""]) => {
    const isPackage = !target.startsWith(".");
    const to = isPackage ? target : roomOf(normalize(join(dirname(file), target)));
    return { file, from: roomOf(file), to, isPackage };
  });
}

/** The folder of `src` that the rules speak of: two levels where the first only groups adapters. */
function roomOf(file: string): string {
  const [first = "", second = ""] = file.split(sep);
  return ["store", "host", "source", "sink"].includes(first) ? `${first}/${second}` : first;
}

function isAllowed({ from, to, isPackage }: Edge): boolean {
  const rule = ALLOWED[from];
  if (rule === undefined) return false;
  return isPackage
    ? rule.packages.some((pattern) => pattern.test(to))
    : to === from || rule.folders.includes(to);
}

describe("the direction of imports", () => {
  it("sees the code", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(edges.length).toBeGreaterThan(150);
  });

  it("holds", () => {
    const wrong = edges.filter((edge) => !isAllowed(edge)).map(({ file, to }) => `${file} imports ${to}`);
    expect(wrong).toEqual([]);
  });

  it("has a rule for every folder, and a folder for every rule", () => {
    expect(new Set(files.map((file) => roomOf(file)))).toEqual(new Set(Object.keys(ALLOWED)));
  });

  it("never leads from the library's code into the test kit", () => {
    const toTesting = edges.filter(({ from, to }) => to === "testing" && from !== "testing");
    expect(toTesting).toEqual([]);
  });
});

describe("core", () => {
  const core = files.filter((file) => roomOf(file) === "core");

  it.each([
    ["the machine's clock", /\bDate\.now\b|\bnew Date\(\)|\bperformance\b/],
    ["chance", /\bMath\.random\b|\bcrypto\b\./],
    ["the process or its environment", /\bprocess\.(?:env|argv|on|exit|std|versions)/],
    ["timers", /\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b/],
  ])("does not read %s", (_, pattern) => {
    const offenders = core.filter((file) => pattern.test(codeOf(file)));
    expect(offenders).toEqual([]);
  });

  function codeOf(file: string): string {
    return readFileSync(join(SRC, file), "utf8")
      .replaceAll(/\/\*[\s\S]*?\*\//g, "")
      .replaceAll(/\/\/.*$/gm, "");
  }
});

describe("the simulator and the library", () => {
  it("share no code: the simulator imports nothing of the library, only the CLI imports the simulator", () => {
    const simulator = new URL("../../graph-simulator/", import.meta.url).pathname;
    const offenders = globSync("{src,test,bin}/**/*.{ts,js}", { cwd: simulator }).filter((file) =>
      /from "(?:tidings|[./]*\/tidings)\b/.test(readFileSync(join(simulator, file), "utf8")),
    );
    expect(offenders).toEqual([]);
    const importers = edges.filter(({ to }) => to === "@tidings/graph-simulator").map(({ from }) => from);
    expect(new Set(importers)).toEqual(new Set(["cli"]));
  });
});
