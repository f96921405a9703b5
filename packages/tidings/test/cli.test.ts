import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BIN, runCli, runShell, type Run, type RunCliOptions } from "./support/run-cli.ts";

const PRETEND_NODE_20 =
  "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})";

async function run(args: readonly string[], options: Partial<RunCliOptions> = {}): Promise<Run> {
  return runCli(args, { cwd: folder, ...options });
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-cli-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function appFile(text: string): string {
  const file = join(folder, "app.ts");
  writeFileSync(file, text.replaceAll("tidings:", new URL("../src/", import.meta.url).href));
  return file;
}

describe("tidings", () => {
  it("says in one sentence which Node it needs, on an older one", async () => {
    const { code, stdout, stderr } = await run([], { node: ["--import", PRETEND_NODE_20] });
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr: "tidings needs Node.js 22.18 or newer, and this is 20.20.2.\n",
    });
  });

  it("is written so that an old Node can read its first file", () => {
    expect(readFileSync(BIN, "utf8")).not.toMatch(/^\s*import .* from|await |\?\?|\?\.|=>\s*\{[^}]*await/m);
  });

  it("shows its commands and exit codes", async () => {
    const { code, stdout } = await run(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/dev[\s\S]*serve[\s\S]*Exit codes: 0 done, 1 failed, 2 wrong usage/);
  });

  it.each([
    ["an unknown command", ["nonsense"], /unknown command 'nonsense'/],
    ["a time that is none", ["dev", "--for", "soon"], /Expected a time such as 20s or 5m/],
    ["an app that is not there", ["serve", "absent.ts"], /there is no file absent\.ts\nName the module/],
    ["a port that is none", ["serve", BIN, "--port", "many"], /expected a port from 0 to 65535, got many/],
    [
      "a port from a variable that is not set",
      ["serve", BIN, "--port", ""],
      /expected a port .*, got an empty text/,
    ],
    ["an admin port that is empty", ["serve", BIN, "--admin-port", " "], /expected a port from 0 to 65535/],
  ])("exits with 2 and says why at %s", async (_, args, message) => {
    const { code, stderr } = await run(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it.each([
    ["exports no Tidings", "export const answer = 42;", /exports no Tidings\nExport one/],
    [
      "exports two",
      `import { Tidings } from "tidings:index.ts"; export const a = new Tidings({ name: "a" }); export const b = new Tidings({ name: "b" });`,
      /exports more than one Tidings/,
    ],
    ["throws", `throw new Error("no such luck");`, /cannot be imported: no such luck/],
  ])("exits with 2 for a module that %s", async (_, text, message) => {
    const { code, stderr } = await run(["serve", appFile(text)]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe("tidings dev", () => {
  it("shows a change's whole way with its demo app, and loses nothing", { timeout: 30_000 }, async () => {
    const { code, stdout } = await run(["dev", "--for", "4s"]);
    expect(stdout).toMatch(/handshake +answered at \/notifications\/v1\./);
    expect(stdout).toMatch(/subscription +created for users, expires in 29 days/);
    expect(stdout).toMatch(/change +created users\//);
    expect(stdout).toMatch(/clock +jumps 5\.5 days ahead/);
    expect(stdout).toMatch(/subscription +renewed for users\/[-0-9a-f]{36}\/messages, expires in 7 days/);
    expect(stdout).toMatch(/\nmade ([1-9]\d*) · handled \1 · duplicate 0 · lost 0\n$/);
    expect(code).toBe(0);
  });

  it(
    "prints one JSON object as the last line, and nothing else, when asked",
    { timeout: 30_000 },
    async () => {
      const { code, stdout } = await run(["dev", "--for", "2s", "--json"]);
      const summary: unknown = JSON.parse(stdout);
      expect(summary).toMatchObject({ duplicate: 0, lost: 0, waiting: 0, dead: 0 });
      expect(Reflect.get(Object(summary), "made")).toBe(Reflect.get(Object(summary), "handled"));
      expect(stdout.trim().split("\n")).toHaveLength(1);
      expect(code).toBe(0);
    },
  );

  it("ends with its summary at Ctrl-C", { timeout: 30_000 }, async () => {
    const { code, stdout } = await run(["dev"], { interruptWhen: /change +/ });
    expect(stdout).toMatch(/\nmade \d+ · handled \d+ · duplicate 0 · lost 0\n$/);
    expect(code).toBe(0);
  });

  it(
    "runs an app of one's own, and says what waits when its handler fails",
    { timeout: 30_000 },
    async () => {
      const app = appFile(`
      import { Tidings } from "tidings:index.ts";
      export const tidings = new Tidings({ name: "mine" });
      tidings.on("users", { changeType: "updated" }, () => { throw new Error("downstream is away"); });`);
      const { code, stdout } = await run(["dev", app, "--for", "2s"]);
      expect(stdout).toMatch(/change +failed, again in .*: downstream is away/);
      expect(stdout).toMatch(/handled 0 · duplicate 0 · lost 0 · waiting [1-9]/);
      expect(code).toBe(0);
    },
  );
});

describe("tidings serve", () => {
  const served = (options: string) => `
    import { Tidings } from "tidings:index.ts";
    import { memory } from "tidings:store/memory/memory.ts";
    export const tidings = new Tidings({ name: "served", store: memory(), ${options}
      credential: { getToken: async () => { throw new Error("nobody signs in here"); } } });
    tidings.on("users", () => {});`;

  it("listens, logs JSON lines, and ends at an interruption", async () => {
    const app = appFile(served(`publicUrl: "https://tidings.example",`));
    const { code, stdout } = await run(["serve", app, "--port", "0", "--json"], {
      interruptWhen: /"serving"/,
    });
    const lines: unknown[] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "info", message: "serving", app: "served" }),
    );
    expect(lines.at(-1)).toEqual({ app: "served", stopped: true });
    expect(code).toBe(0);
  });

  it.skipIf(process.platform !== "linux").each([
    ["a disk that is full", "> /dev/full"],
    ["a reader that has gone", "| head -n 0"],
  ])("goes on without its logs when stdout is %s", async (_, output) => {
    const app = appFile(
      served(`publicUrl: "https://tidings.example",`) +
        `tidings.events.on("internal:error", () => process.stderr.write("an error to log\\n"));
         setTimeout(() => { process.stderr.write("still here\\n"); process.kill(process.pid, "SIGTERM"); }, 1_500);`,
    );
    const { stderr, code } = await runShell(`tidings serve ${app} --port 0 ${output}`, { cwd: folder });
    expect(stderr).toContain("an error to log\n");
    expect(stderr).toContain("still here\n");
    expect(code).toBe(0);
  });

  it("says loudly that it cannot sign in, and lives on", async () => {
    const app = appFile(served(`publicUrl: "https://tidings.example",`));
    const { stdout } = await run(["serve", app, "--port", "0"], { interruptWhen: /internal error/ });
    expect(stdout).toContain("nobody signs in here");
  });

  it("takes the public URL from the environment, and refuses to run without one", async () => {
    const app = appFile(served(""));
    const without = await run(["serve", app, "--port", "0"]);
    expect(without.stderr).toMatch(/Expected `publicUrl`, where Graph reaches this process/);
    expect(without.code).toBe(1);
    const withOne = await run(["serve", app, "--port", "0"], {
      env: { TIDINGS_PUBLIC_URL: "https://tidings.example" },
      interruptWhen: /"serving"/,
    });
    expect(withOne.code).toBe(0);
  });

  it("takes it from the platform where nobody said", async () => {
    const app = appFile(served(""));
    const { code } = await run(["serve", app, "--port", "0"], {
      env: { CONTAINER_APP_NAME: "tidings", CONTAINER_APP_ENV_DNS_SUFFIX: "example.azurecontainerapps.io" },
      interruptWhen: /"serving"/,
    });
    expect(code).toBe(0);
  });
});
