import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { subscriptionKeyOf } from "../src/core/subscription.ts";
import { sha256 } from "../src/crypto/hash.ts";
import { createKeyring } from "../src/crypto/keyring.ts";
import { delivery, SECRET, userItem } from "./support/deliveries.ts";
import { runCli, runShell, startCli, type Run, type RunningCli } from "./support/run-cli.ts";

/** That of the deliveries in test/support. */
const TENANT_ID = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const ADMIN_TOKEN = "a-token-of-more-than-thirty-two-characters";
const FILE = "data/tidings.admin.json";

/** A handler that gives everything up until there is a file `healed`; its Graph cannot be reached. */
const APP = `
  import { existsSync } from "node:fs";
  import { Permanent, Tidings } from "tidings:index.ts";
  import { memory } from "tidings:store/memory/memory.ts";
  export const tidings = new Tidings({ name: "admin-cli", store: memory(), historyMs: HISTORY,
    secret: "${SECRET}", tenantId: "${TENANT_ID}", publicUrl: "https://tidings.example",
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    credential: { getToken: async () => { throw new Error("nobody signs in here"); } } });
  tidings.on("users", { changeType: "updated" }, () => {
    if (!existsSync("healed")) throw new Permanent("not before it is healed");
  });`;

interface Service {
  readonly running: RunningCli;
  readonly folder: string;
  readonly url: string;
  readonly adminUrl: string;
}

async function startService(
  folder: string,
  {
    args = [],
    env = {},
    historyMs = 3_600_000,
  }: { args?: string[]; env?: Record<string, string>; historyMs?: number } = {},
): Promise<Service> {
  const app = join(folder, "app.ts");
  const source = new URL("../src/", import.meta.url).href;
  writeFileSync(app, APP.replaceAll("tidings:", source).replace("HISTORY", String(historyMs)));
  const running = startCli(["serve", app, "--port", "0", "--json", ...args], { cwd: folder, env });
  const [line] = await running.seen(/^.*"message":"serving".*$/m);
  const { url, adminUrl = "" }: { url: string; adminUrl?: string } = JSON.parse(line);
  return { running, folder, url, adminUrl };
}

async function stopService({ running }: Service): Promise<Run> {
  running.kill("SIGINT");
  return running.ended;
}

async function deliver({ url }: Service, numbers: readonly number[], round = ""): Promise<void> {
  const target = { tenantId: TENANT_ID, path: "users", query: "" };
  const subscriptionKey = subscriptionKeyOf("admin-cli", target, sha256);
  const keyring = createKeyring([SECRET]);
  const items = numbers.map((n) =>
    userItem(n, { keyring, subscriptionKey }, { id: `notification-${n}${round}` }),
  );
  const answer = await fetch(`${url}/notifications`, { method: "POST", body: delivery(...items) });
  expect(answer.status).toBe(202);
}

function lastObject({ stdout }: Run): unknown {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries > 200) throw new Error("It was never so");
    await new Promise<void>((resolve) => setTimeout(resolve, 20));
  }
}

/** What the admin API says, asked as docs/admin.md shows. */
async function ask({ folder, adminUrl }: Service, path: string, body?: object): Promise<unknown> {
  const { token }: { token: string } = JSON.parse(readFileSync(join(folder, FILE), "utf8"));
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const post = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(adminUrl + path, { headers, ...post });
  return answer.json();
}

async function untilInbox(service: Service, waiting: number, dead: number): Promise<void> {
  await until(async () => {
    const inbox: unknown = Reflect.get(Object(await ask(service, "/health")), "inbox");
    return JSON.stringify(inbox) === JSON.stringify({ waiting, dead });
  });
}

/** Delivers until a tail has told of it: nothing says when it has begun. */
async function untilTold(tail: RunningCli, service: Service): Promise<void> {
  const told = tail.seen(/change:dead/).then(() => true);
  for (let n = 100; !(await Promise.race([told, pause(100)])); n += 1) await deliver(service, [n]);
}

let folder: string;

describe("verbs on a running service", () => {
  let service: Service;
  const run = async (...args: string[]): Promise<Run> => runCli(args, { cwd: folder });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tidings-admin-"));
    service = await startService(folder);
  });
  afterAll(async () => {
    await stopService(service);
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    rmSync(join(folder, "healed"), { force: true });
  });
  afterEach(async () => {
    await ask(service, "/dead/purge", { all: true });
  });

  it("subscriptions: shows them, the ones that Graph has not given yet, too", async () => {
    const { code, stdout } = await run("subscriptions");
    expect(stdout).toMatch(
      /^RESOURCE +STATE +EXPIRES +HEARD +NEXT +ID +TENANT +NOTE\nusers +(?:missing|failing) +(?:in .*|now) +[\w-]{22} +84bd8158-.*\n$/,
    );
    expect(code).toBe(0);
    expect(lastObject(await run("subscriptions", "--json"))).toMatchObject({
      subscriptions: [{ resource: "users", tenantId: TENANT_ID, declarations: ["users"] }],
    });
  });

  it("dead list, redrive and purge: from given up to handled, or gone", async () => {
    await deliver(service, [1, 2, 3]);
    await untilInbox(service, 0, 3);

    const table = await run("dead", "list");
    expect(table.stdout.trim().split("\n")).toHaveLength(4);
    expect(table.stdout).toMatch(
      /^ID +DIED +DECLARATION +RESOURCE +ATTEMPTS +ERROR\n\d+ +20.* +users +users\/00000000-0000-4000-8000-000000000001 +1 +Permanent: not before it is healed\n/,
    );
    const resource = "users/00000000-0000-4000-8000-000000000002";
    const found = lastObject(await run("dead", "list", "--resource", resource, "--since", "1h", "--json"));
    expect(found).toMatchObject({ dead: [{ resourceKey: resource, attempts: 1 }], next: null });
    expect(lastObject(await run("dead", "list", "--declaration", "others", "--json"))).toEqual({
      dead: [],
      next: null,
    });
    expect(lastObject(await run("dead", "list", "--since", "2100-01-01", "--json"))).toEqual({
      dead: [],
      next: null,
    });
    expect((await run("dead", "list", "--limit", "2")).stdout).toContain("the first 2 dead letters");

    const ids: string[] = Reflect.get(Object(found), "dead").map(({ id }: { id: string }) => id);
    writeFileSync(join(folder, "healed"), "");
    expect((await run("dead", "redrive", "--id", ...ids)).stdout).toBe("1 dead letter redriven\n");
    await untilInbox(service, 0, 2);

    expect(
      lastObject(
        await run("dead", "purge", "--resource", "users/00000000-0000-4000-8000-000000000003", "--json"),
      ),
    ).toEqual({
      purged: 1,
    });
    expect((await run("dead", "redrive")).stdout).toBe("1 dead letter redriven\n");
    await untilInbox(service, 0, 0);
    expect((await run("dead", "list")).stdout).toBe("no dead letters\n");
  });

  it.each([
    ["tail", "tidings tail | head -n 1", ""],
    ["tail --json", "tidings tail --json | head -n 1", ""],
  ])("%s: ends without a word when whoever reads it has gone", async (_, line, stderr) => {
    let n = 200;
    const traffic = setInterval(() => void deliver(service, [(n += 1)]), 50);
    const ended = await runShell(line, { cwd: folder });
    clearInterval(traffic);
    expect(ended).toMatchObject({ code: 0, stderr });
    expect(ended.stdout.trim().split("\n")).toHaveLength(1);
  });

  it.skipIf(process.platform !== "linux")(
    "dead list: fails when what it shows cannot be written",
    async () => {
      const { code, stderr } = await runShell("tidings dead list > /dev/full", { cwd: folder });
      expect(stderr).toMatch(/^error: stdout takes no more: .*ENOSPC.*\nWhat was asked for was done\.\n$/);
      expect(code).toBe(1);
    },
  );

  it("replay and tail: finished changes are handled again, and that can be watched", async () => {
    const resource = "users/00000000-0000-4000-8000-000000000011";
    const tail = startCli(["tail", "--json"], { cwd: folder });
    await untilTold(tail, service);
    writeFileSync(join(folder, "healed"), "");
    await deliver(service, [11]);
    await tail.seen(/change:handled/);
    const replayed = lastObject(await run("replay", "--resource", resource, "--since", "1h", "--json"));
    expect(replayed).toEqual({ count: 1, runId: expect.stringMatching(/^[-0-9a-f]{36}$/) });
    await tail.seen(/(?:change:handled[^]*){2}/);
    tail.kill("SIGINT");
    const watched = await tail.ended;
    const lines: unknown[] = watched.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual({
      name: "change:handled",
      at: expect.any(Number),
      event: expect.objectContaining({ declaration: "users", resourceKey: resource }),
    });
    expect(lines.at(-1)).toEqual({
      events: lines.length - 1,
      names: expect.objectContaining({ "change:handled": 2 }),
    });
    expect(watched.code).toBe(0);
  });

  it("tail: ends by itself after a time", async () => {
    const { code, stdout } = await run("tail", "--for", "300ms", "--json");
    expect(lastObject({ code, stdout, stderr: "" })).toEqual({
      events: expect.any(Number),
      names: expect.any(Object),
    });
    expect(code).toBe(0);
    expect((await run("replay", "--declaration", "others")).stdout).toMatch(/^0 changes replayed, as run /);
  });

  it("tail: shows readable lines, and ends at Ctrl-C", async () => {
    const tail = startCli(["tail"], { cwd: folder });
    await untilTold(tail, service);
    tail.kill("SIGINT");
    const { code, stdout } = await tail.ended;
    expect(stdout).toMatch(
      /^20\d\d-.* change:dead +seq=\d+ .*declaration=users .*error=\{"name":"Permanent","message":"not before/m,
    );
    expect(stdout).toMatch(/\n\d+ events?\n$/);
    expect(code).toBe(0);
  });

  it("purge: throws away what is held of a tenant, and counts it", async () => {
    const args = ["purge", "--tenant", "5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352", "--yes"];
    const { code, stdout } = await run(...args, "--json");
    expect(JSON.parse(stdout)).toEqual({ subscriptions: 0, waiting: 0, dead: 0, history: 0 });
    expect(code).toBe(0);
    expect((await run(...args)).stdout).toBe(
      "0 subscriptions ended; 0 changes thrown away: 0 waiting, 0 dead, 0 finished\n",
    );
  });

  it.each([
    ["purge --tenant 5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352", "Say --yes if that is meant"],
    ["purge --tenant contoso --yes", "expected the GUID of a tenant, got contoso"],
    ["purge --yes", "required option '--tenant <guid>' not specified"],
    ["dead purge", "every dead letter would be thrown away"],
    ["dead purge --all --id 1", "--all and a filter do not go together"],
    ["dead list --limit 5000", "Expected a number from 1 to 1000"],
    ["dead list --since soon", "Expected a time ago such as 2h or 3d, or one such as 2026-01-31T08:00:00Z"],
    ["tail --for ever", "Expected a time such as 20s"],
    [
      "tail --admin http://10.0.0.1:3001",
      "expected --admin to be a URL of this machine, got http://10.0.0.1:3001",
    ],
    ["tail --admin http://127.0.0.1:1", "there is no token for http://127.0.0.1:1"],
  ])("%s: exits with 2 and says why", async (command, message) => {
    const { code, stdout, stderr } = await run(...command.split(" "));
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it("say what the service makes of a filter that makes no sense", async () => {
    const { code, stderr } = await run("dead", "redrive", "--id", "x");
    expect(stderr).toBe(
      'error: Expected `ids` to be the id of a dead letter, got "x"\nSee docs/admin.md for what it takes.\n',
    );
    expect(code).toBe(1);
  });

  it("find the service by --admin and the file, too", async () => {
    const { code, stdout } = await run("dead", "list", "--admin", service.adminUrl);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "no dead letters\n" });
  });

  it("tell of no secret: not of the token, nor of the client state or the body of a delivery", async () => {
    const tail = startCli(["tail", "--json"], { cwd: folder });
    await untilTold(tail, service);
    tail.kill("SIGINT");
    const { token }: { token: string } = JSON.parse(readFileSync(join(folder, FILE), "utf8"));
    const said = [
      JSON.stringify(await ask(service, "/dead")),
      JSON.stringify(await ask(service, "/subscriptions")),
      JSON.stringify(await ask(service, "/health")),
      (await tail.ended).stdout,
    ].join("\n");
    expect(said).toContain("00000000-0000-4000-8000-0000000001");
    for (const secret of [token, SECRET, "clientState", "resourceData", "organizationId", "raw"]) {
      expect(said).not.toContain(secret);
    }
  });
});

async function pause(ms: number): Promise<false> {
  await new Promise<void>((resolve) => setTimeout(resolve, ms));
  return false;
}

describe("the admin API of `tidings serve`", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidings-admin-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("is on a port of its own, with a file only its owner may read, which goes at the end", async () => {
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, FILE), "{}");
    chmodSync(join(folder, FILE), 0o666);
    const service = await startService(folder);
    const file = join(folder, FILE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    expect(content).toEqual({
      app: "admin-cli",
      url: service.adminUrl,
      token: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(service.adminUrl).not.toBe(service.url);
    expect((await fetch(`${service.url}/health`)).status).toBe(404);
    expect((await fetch(`${service.adminUrl}/health`)).status).toBe(401);
    const { code, stdout } = await stopService(service);
    expect(code).toBe(0);
    expect(stdout).not.toContain(String(Reflect.get(Object(content), "token")));
    expect(existsSync(file)).toBe(false);
    expect(await runCli(["dead", "list"], { cwd: folder })).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^error: no service runs here: there is no .*admin\.json\nStart one with `tidings serve/,
      ),
    });
  });

  it("outlives requests that are none, and answers over a body it has not read", async () => {
    const service = await startService(folder);
    const large = await fetch(`${service.adminUrl}/replay`, { method: "POST", body: "x".repeat(3_000_000) });
    expect(large.status).toBe(401);
    const raw = async (text: string): Promise<string> => {
      const socket = connect(Number(new URL(service.adminUrl).port), "127.0.0.1");
      socket.end(text);
      return (await socket.toArray()).join("");
    };
    expect(await raw("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
    expect(await raw("GET //x/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 403/,
    );
    expect(
      await raw("GET http://127.0.0.1/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
    ).toMatch(/^HTTP\/1\.1 403/);
    const { code, stderr } = await stopService(service);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("ends the streams of its readers when it stops, and they say so", async () => {
    const service = await startService(folder);
    const tail = startCli(["tail", "--json"], { cwd: folder });
    await untilTold(tail, service);
    await stopService(service);
    const { code, stdout, stderr } = await tail.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the service at http:\/\/127\.0\.0\.1:\d+ told no more\n/);
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toHaveProperty("events");
  });

  it("takes its port and token from the environment; --admin and the token find it without its file", async () => {
    const env = { TIDINGS_ADMIN_TOKEN: ADMIN_TOKEN, TIDINGS_ADMIN_PORT: "not-used" };
    const service = await startService(folder, { env, args: ["--admin-port", "0"] });
    rmSync(join(folder, FILE));
    const at = ["dead", "list", "--admin", service.adminUrl];
    const found = await runCli(at, { cwd: folder, env: { TIDINGS_ADMIN_TOKEN: ADMIN_TOKEN } });
    expect(found).toMatchObject({ code: 0, stdout: "no dead letters\n" });
    const wrong = await runCli(at, { cwd: folder, env: { TIDINGS_ADMIN_TOKEN: `${ADMIN_TOKEN}x` } });
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Set TIDINGS_ADMIN_TOKEN to the one"),
    });
    await stopService(service);
  });

  it("is left out by --no-admin", async () => {
    const service = await startService(folder, { args: ["--no-admin"] });
    expect(service.adminUrl).toBe("");
    expect(existsSync(join(folder, FILE))).toBe(false);
    await stopService(service);
  });

  it("leaves the file of another service alone, and says of two that they are two", async () => {
    const first = await startService(folder);
    const second = await startService(folder, { env: { TIDINGS_ADMIN_TOKEN: ADMIN_TOKEN } });
    expect(JSON.parse(readFileSync(join(folder, FILE), "utf8"))).toMatchObject({ url: first.adminUrl });
    const { stdout } = await stopService(second);
    expect(stdout).toContain("another service has left its admin file here");
    expect(existsSync(join(folder, FILE))).toBe(true);
    writeFileSync(join(folder, "data/tidings.db.admin.json"), readFileSync(join(folder, FILE)));
    const { code, stderr } = await runCli(["subscriptions"], { cwd: folder });
    expect(stderr).toContain("error: two services run here: admin-cli at http://127.0.0.1:");
    expect(code).toBe(2);
    await stopService(first);
  });

  it("says so when a service was killed and left its file", async () => {
    const service = await startService(folder);
    service.running.kill("SIGKILL");
    await service.running.ended;
    const { code, stderr } = await runCli(["tail"], { cwd: folder });
    expect(stderr).toContain(
      `no service runs here: admin-cli does not answer at ${service.adminUrl} any more`,
    );
    expect(code).toBe(1);
  });

  it("has nothing to replay for an app without history", async () => {
    const service = await startService(folder, { historyMs: 0 });
    const { code, stderr } = await runCli(["replay"], { cwd: folder });
    expect(stderr).toContain("there is nothing to replay");
    expect(code).toBe(1);
    await stopService(service);
  });

  it.each([
    [["--admin-port", "many"], {}, /expected a port from 0 to 65535, got many/],
    [[], { TIDINGS_ADMIN_PORT: "99999" }, /expected a port from 0 to 65535, got 99999/],
    [
      [],
      { TIDINGS_ADMIN_TOKEN: "hunter2" },
      /TIDINGS_ADMIN_TOKEN is no good: .* got one of 7\nMake one with/,
    ],
  ])("exits with 2 for %j and %j", async (args, env, message) => {
    const { code, stderr } = await runCli(["serve", "absent.ts", ...args], { cwd: folder, env });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("hunter2");
    expect(code).toBe(2);
  });

  it("exits with 2 when its port is taken, and stops what it had begun", async () => {
    const first = await startService(folder);
    const { port } = new URL(first.adminUrl);
    const { code, stderr } = await runCli(
      ["serve", join(folder, "app.ts"), "--port", "0", "--admin-port", port],
      { cwd: folder },
    );
    expect(stderr).toContain(`port ${port} is in use\nSet TIDINGS_ADMIN_PORT`);
    expect(code).toBe(2);
    await stopService(first);
  });
});
