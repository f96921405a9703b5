import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@tidings/graph-simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli, startCli, type Run, type RunningCli } from "./support/run-cli.ts";

const APP = `
  import { Tidings } from "tidings:index.ts";
  import { sqlite } from "tidings:store/sqlite/sqlite.ts";
  const graphRoot = "GRAPH", tenantId = "TENANT";
  export const tidings = new Tidings({ name: "planned", tenantId, cloud: { graphRoot },
    publicUrl: "http://127.0.0.1:PORT", store: sqlite("./tidings.db", { allowEphemeral: true }),
    credential: { async getToken(scopes) {
      const answer = await fetch(graphRoot + "/" + tenantId + "/oauth2/v2.0/token", { method: "POST",
        body: new URLSearchParams({ grant_type: "client_credentials", client_id: "CLIENT",
          client_secret: "SECRET", scope: [scopes].flat().join(" ") }) });
      const { access_token: token, expires_in: seconds } = await answer.json();
      return { token, expiresOnTimestamp: Date.now() + seconds * 1000 };
    } } });
  DECLARATIONS`;

const USERS = `tidings.on("users", { changeType: "updated" }, () => {});`;
const USERS_TOO = `tidings.on("users", { changeType: ["updated", "deleted"] }, () => {});`;
const GROUPS = `tidings.on("groups", () => {});`;
const NONSENSE = `tidings.on("nonsense", () => {});`;

let folder: string;
let simulator: Simulator;
let port: number;

/** A tenant, a folder and a free port. */
async function begin(): Promise<void> {
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), "tidings-plan-"));
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  port = typeof address === "object" ? (address?.port ?? 0) : 0;
  server.close();
}

async function end(): Promise<void> {
  await simulator.close();
  rmSync(folder, { recursive: true });
}

/** Writes the app anew with these declarations. */
function declare(...declarations: readonly string[]): void {
  const replaced: Readonly<Record<string, string>> = {
    "tidings:": new URL("../src/", import.meta.url).href,
    GRAPH: simulator.url,
    TENANT: simulator.tenantId,
    CLIENT: simulator.clientId,
    SECRET: simulator.clientSecret,
    PORT: String(port),
    DECLARATIONS: declarations.join("\n"),
  };
  const text = Object.entries(replaced).reduce((app, [name, value]) => app.replaceAll(name, value), APP);
  writeFileSync(join(folder, "app.ts"), text);
}

async function run(...args: string[]): Promise<Run> {
  return runCli(args, { cwd: folder, env: { PORT: String(port) } });
}

/** Of a command that is to succeed, stdout. */
async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

function lastObject({ stdout }: Run): unknown {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

/** Actions and resources of a table. */
function rowsOf(stdout: string): string[] {
  const [table = ""] = stdout.split("\n\n");
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.split(/ {2,}/).slice(0, 2).join(" "));
}

describe("plan and apply, of an app without a service", { timeout: 60_000 }, () => {
  beforeAll(begin);
  afterAll(end);

  it("shows what is new, makes it, and then has it all to keep", async () => {
    declare(USERS, GROUPS);
    const first = await said("plan", "app.ts");
    expect(first).toMatch(/^ACTION +RESOURCE +EXPIRES +DECLARATIONS +TENANT +REASON\n/);
    expect(rowsOf(first)).toEqual(["create users", "create groups"]);
    expect(first).toMatch(/ new; looks at Graph first\n[^]*\n\n2 to create\n$/);
    expect(simulator.subscriptions.list()).toEqual([]);

    expect(await said("apply", "app.ts")).toBe("2 created\n");
    expect(simulator.subscriptions.list()).toHaveLength(2);

    const second = await said("plan", "app.ts");
    expect(rowsOf(second).toSorted()).toEqual(["keep groups", "keep users"]);
    expect(second).toMatch(/^keep +users +in 28 d 23 h +users +[-0-9a-f]{36} +alive$[^]*\n\n2 to keep\n$/m);
  });

  it("replaces what is declared otherwise, and prunes only when it is told to", async () => {
    declare(USERS_TOO);
    const kept = await said("plan", "app.ts");
    expect(rowsOf(kept)).toEqual(["replace users", "keep groups"]);
    expect(kept).toContain("change types: updated -> updated,deleted\n");
    expect(kept).toContain("not declared here any more; prune removes it\n");
    expect(kept).toMatch(/\n\n1 to replace, 1 to keep\n$/);

    const pruned = await said("plan", "app.ts", "--prune");
    expect(rowsOf(pruned)).toEqual(["delete groups", "replace users"]);
    expect(pruned).toContain("declared by no process any more\n");
    expect(lastObject(await run("apply", "app.ts", "--prune", "--json"))).toEqual({
      created: 0,
      adopted: 0,
      renewed: 0,
      replaced: 1,
      removed: 1,
      kept: 0,
      failed: 0,
      parked: 0,
      left: 0,
      problems: [],
    });
    expect(simulator.subscriptions.list()).toMatchObject([{ changeType: "updated,deleted" }]);
  });

  it("ends with 1, and says why, when something waits for a person", async () => {
    declare(USERS_TOO, NONSENSE);
    const { code, stdout } = await run("apply", "app.ts");
    expect(stdout).toMatch(
      /^PROBLEM +RESOURCE +TENANT +WHY\nparked +nonsense +[-0-9a-f]{36} +Graph refused POST .*\n\n1 kept, 1 parked\n$/,
    );
    expect(code).toBe(1);
    expect(await said("plan", "app.ts")).toMatch(/^create +nonsense .*not made yet; parked: request: Graph/m);
    declare(USERS_TOO);
    expect(await said("apply", "app.ts", "--prune")).toBe("1 removed, 1 kept\n");
  });

  it("says as JSON what is planned", async () => {
    const planned = lastObject(await run("plan", "app.ts", "--json"));
    expect(planned).toEqual({
      plan: [
        {
          key: expect.stringMatching(/^[\w-]{22}$/),
          tenantId: simulator.tenantId,
          resource: "users",
          declarations: ["users"],
          action: "keep",
          reason: "alive",
          id: simulator.subscriptions.list()[0]?.id,
          expiresAt: expect.any(Number),
          at: expect.any(Number),
        },
      ],
      counts: { create: 0, renew: 0, replace: 0, delete: 0, keep: 1 },
      more: 0,
    });
  });

  it("cuts a long plan, and says so", async () => {
    declare(
      USERS_TOO,
      `const mail = tidings.on("users/{userId}/messages", () => {});
       for (let n = 0; n < 60; n += 1) void mail.subscribe({ userId: "user-" + n });`,
    );
    const short = await said("plan", "app.ts");
    expect(rowsOf(short)).toHaveLength(50);
    expect(short).toMatch(/\n\n60 to create, 1 to keep\n11 more are not shown; --all shows them\.\n$/);
    const long = await said("plan", "app.ts", "--all");
    expect(rowsOf(long)).toHaveLength(61);
    expect(long).toMatch(/\n\n60 to create, 1 to keep\n$/);
  });

  it("fails where the endpoint cannot be listened for, or the store is somebody else's", async () => {
    const taken = createServer().listen(port);
    await once(taken, "listening");
    expect(await run("apply", "app.ts")).toMatchObject({
      code: 2,
      stderr: `error: port ${port} is in use\nSet PORT or --port to another, or end what listens there.\n`,
    });
    taken.close();
    expect(await run("plan", "app.ts", "--admin", "http://127.0.0.1:1")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--admin and an app do not go together"),
    });
    expect(await run("plan")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: no service runs here: /),
    });
  });
});

describe("plan, apply and renew, of a service that runs", { timeout: 60_000 }, () => {
  let service: RunningCli;

  beforeAll(async () => {
    await begin();
    declare(USERS, NONSENSE);
    service = startCli(["serve", "app.ts"], { cwd: folder, env: { PORT: String(port) } });
    await service.seen(/"subscription created"/);
    await service.seen(/"subscription waits for a person"/);
  });
  afterAll(async () => {
    service.kill("SIGINT");
    await service.ended;
    await end();
  });

  it("are about the app as it was started, and say so when one is named", async () => {
    const planned = await said("plan");
    expect(rowsOf(planned)).toEqual(["create nonsense", "keep users"]);
    declare(USERS, GROUPS);
    const { code, stdout, stderr } = await run("plan", "app.ts");
    expect(stderr).toMatch(/^planned runs at http:\/\/127\.0\.0\.1:\d+: this is about the app as it was/);
    expect(rowsOf(stdout)).toEqual(rowsOf(planned));
    expect(code).toBe(0);
    expect(lastObject(await run("plan", "--prune", "--json"))).toMatchObject({
      counts: { create: 1, renew: 0, replace: 0, delete: 0, keep: 1 },
    });
  });

  it("apply: the service does it, and what it cannot makes it end with 1", async () => {
    const { code, stdout } = await run("apply");
    expect(stdout).toMatch(/^PROBLEM [^]*\nparked +nonsense [^]*\n\n1 kept, 1 parked\n$/);
    expect(code).toBe(1);
    expect(lastObject(await run("apply", "--json"))).toMatchObject({ kept: 1, parked: 1 });
  });

  it("subscriptions: shows how they are, those of a state, a tenant or a resource", async () => {
    const table = await said("subscriptions");
    expect(table).toMatch(/^RESOURCE +STATE +EXPIRES +HEARD +NEXT +ID +TENANT +NOTE\n/);
    expect(table).toMatch(/^users +alive +in 28 d 23 h .* in 1\d d \d+ h +[-0-9a-f]{36} +[-0-9a-f]{36}/m);
    expect(table).toMatch(/^nonsense +parked +in \d h .*request: Graph refused POST .*$/m);
    const parked = lastObject(await run("subscriptions", "--state", "parked", "--json"));
    expect(parked).toMatchObject({
      subscriptions: [{ resource: "nonsense", state: "parked", parked: { need: "request" } }],
      next: null,
    });
    expect(await said("subscriptions", "--resource", "groups")).toBe("no subscriptions\n");
    expect(await said("subscriptions", "--limit", "1", "--tenant", simulator.tenantId)).toContain(
      "\nThese are the first 1 subscription; --limit shows more",
    );
    expect(await run("subscriptions", "--state", "broken")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Allowed choices are alive, missing, failing, parked, ending."),
    });
  });

  it("renew: has it renewed, and says what came of it", async () => {
    const [made] = simulator.subscriptions.list();
    expect(await said("renew", made?.id ?? "")).toBe("users renewed, expires in 28 d 23 h\n");
    expect(lastObject(await run("renew", made?.id ?? "", "--json"))).toEqual({
      key: expect.any(String),
      resource: "users",
      outcome: "renewed",
      expiresAt: expect.any(Number),
    });
    const { subscriptions }: { subscriptions: { key: string }[] } = JSON.parse(
      (await run("subscriptions", "--state", "parked", "--json")).stdout,
    );
    expect(await run("renew", subscriptions[0]?.key ?? "")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^error: nonsense could not be renewed: Graph refused [^]*\nA person must see to it first/,
      ),
    });
    expect(await run("renew", "other")).toMatchObject({
      code: 1,
      stderr:
        "error: there is no subscription with the id other\n`tidings subscriptions` shows them, with their ids.\n",
    });
  });
});
