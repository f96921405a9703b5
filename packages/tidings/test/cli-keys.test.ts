import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@tidings/graph-simulator";
import { describe, expect, it } from "vitest";
import { runCli, startCli, type Run, type RunningCli } from "./support/run-cli.ts";

/** Told of mail with its data. */
const APP = `
  import { Tidings } from "tidings:index.ts";
  import { sqlite } from "tidings:store/sqlite/sqlite.ts";
  const graphRoot = "GRAPH", tenantId = "TENANT";
  export const tidings = new Tidings({ name: "keyed", tenantId, cloud: { graphRoot, loginRoot: graphRoot },
    store: sqlite("./tidings.db", { allowEphemeral: true }),
    credential: { async getToken(scopes) {
      const answer = await fetch(graphRoot + "/" + tenantId + "/oauth2/v2.0/token", { method: "POST",
        body: new URLSearchParams({ grant_type: "client_credentials", client_id: "CLIENT",
          client_secret: "SECRET", scope: [scopes].flat().join(" ") }) });
      const { access_token: token, expires_in: seconds } = await answer.json();
      return { token, expiresOnTimestamp: Date.now() + seconds * 1000 };
    } } });
  const mail = tidings.on("users/{userId}/messages",
    { changeType: "created", includeResourceData: true, select: ["subject"] }, () => {});
  await mail.subscribe({ userId: "USER" });`;

/** Somebody who works in the simulated tenant. */
const ADELE = "0a4b7c18-6d2e-4f93-b5a1-c3e8d7f60921";

interface Service extends AsyncDisposable {
  readonly folder: string;
  readonly simulator: Simulator;
  /** Runs a verb on it. */
  run(...args: string[]): Promise<Run>;
}

/** A tenant, and an app of it that is served with the certificates of its folder. */
async function startService(env: Record<string, string> = {}): Promise<Service> {
  const simulator = await startSimulator();
  const folder = mkdtempSync(join(tmpdir(), "tidings-keys-"));
  const created = await runCli(["keys", "create"], { cwd: folder });
  expect(created.code).toBe(0);
  const replaced: Readonly<Record<string, string>> = {
    "tidings:": new URL("../src/", import.meta.url).href,
    GRAPH: simulator.url,
    TENANT: simulator.tenantId,
    CLIENT: simulator.clientId,
    SECRET: simulator.clientSecret,
    USER: ADELE,
  };
  const text = Object.entries(replaced).reduce((app, [name, value]) => app.replaceAll(name, value), APP);
  writeFileSync(join(folder, "app.ts"), text);
  const port = await freePort();
  const all = { TIDINGS_CERTIFICATES: "keys", TIDINGS_PUBLIC_URL: `http://127.0.0.1:${port}`, ...env };
  const running: RunningCli = startCli(["serve", "app.ts", "--port", String(port)], {
    cwd: folder,
    env: all,
  });
  await running.seen(/"subscription created"/);
  return {
    folder,
    simulator,
    run: async (...args) => runCli(args, { cwd: folder, env: all }),
    async [Symbol.asyncDispose]() {
      running.kill("SIGINT");
      await running.ended;
      await simulator.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

function lastObject({ stdout }: Run): Record<string, unknown> {
  const value: Record<string, unknown> = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  return value;
}

/** What a command that is to succeed says last. */
async function told(service: Service, ...args: string[]): Promise<Record<string, unknown>> {
  const done = await service.run(...args, "--json");
  expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: "" });
  return lastObject(done);
}

function withFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "tidings-keys-"));
  return work(folder).finally(() => rmSync(folder, { recursive: true }));
}

describe("keys create", { timeout: 60_000 }, () => {
  it("makes a file that only its owner can read, and says what to do with it", async () =>
    withFolder(async (folder) => {
      const { code, stdout } = await runCli(["keys", "create", "--name", "CRM sync"], { cwd: folder });
      expect(code).toBe(0);
      const [name = "", ...others] = readdirSync(join(folder, "keys"));
      expect(others).toEqual([]);
      expect(name).toMatch(/^CRM-sync-\d{4}-\d\d-\d\d-[\w-]{8}\.pem$/);
      expect(statSync(join(folder, "keys", name)).mode & 0o777).toBe(0o600);
      const pem = readFileSync(join(folder, "keys", name), "utf8");
      expect(pem).toMatch(/^-----BEGIN CERTIFICATE-----[^]+-----BEGIN PRIVATE KEY-----/);
      expect(stdout).toContain(`keys/${name}`);
      expect(stdout).toContain("TIDINGS_CERTIFICATES=keys");
      expect(stdout).not.toContain("BEGIN");
    }));

  it("says all of it as JSON", async () =>
    withFolder(async (folder) => {
      const args = ["keys", "create", "--out", "vault", "--days", "30", "--bits", "3072", "--json"];
      const created = lastObject(await runCli(args, { cwd: folder }));
      expect(created).toEqual({
        path: expect.stringMatching(/^vault\/tidings-/),
        id: expect.stringMatching(/^[\w-]{43}$/),
        notBefore: expect.any(Number),
        notAfter: expect.any(Number),
      });
      const days = (Number(created["notAfter"]) - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(29.9);
      expect(days).toBeLessThan(30.1);
    }));

  it.each([
    { args: ["create", "--bits", "1024"], code: 2 },
    { args: ["create", "--days", "never"], code: 2 },
    { args: ["create", "--days", "0"], code: 1 },
    { args: ["rotate", "--force"], code: 2 },
  ])("keys $args ends with $code, and makes nothing", async ({ args, code }) =>
    withFolder(async (folder) => {
      expect((await runCli(["keys", ...args], { cwd: folder })).code).toBe(code);
      expect(readdirSync(folder)).toEqual([]);
    }),
  );

  it("is what a service is told to do that has no certificates where it was told", async () =>
    withFolder(async (folder) => {
      writeFileSync(join(folder, "app.ts"), "export {}");
      const env = { TIDINGS_CERTIFICATES: "elsewhere" };
      const { code, stderr } = await runCli(["serve", "app.ts"], { cwd: folder, env });
      expect(code).toBe(2);
      expect(stderr).toContain("TIDINGS_CERTIFICATES names elsewhere, which is not there");
    }));
});

describe("keys rotate", { timeout: 60_000 }, () => {
  it("makes a certificate for the next service where none runs", async () =>
    withFolder(async (folder) => {
      const { code, stdout } = await runCli(["keys", "rotate"], { cwd: folder });
      expect(code).toBe(0);
      expect(stdout).toContain("No service runs here");
      expect(readdirSync(join(folder, "keys"))).toHaveLength(1);
    }));

  it("moves the subscriptions of a service to another certificate, and keeps the former", async () => {
    await using service = await startService();
    const { simulator, folder } = service;
    const before = simulator.subscriptions.list();
    expect((await told(service, "keys", "list"))["certificates"]).toMatchObject([
      { id: before[0]?.encryptionCertificateId, role: "encrypts", subscriptions: 1 },
    ]);
    const rotated = await told(service, "keys", "rotate");
    expect(rotated).toMatchObject({ moved: 1, total: 1 });
    const { id }: { id?: string } = Object(rotated["created"]);
    const after = simulator.subscriptions.list();
    expect(after).toMatchObject([{ id: before[0]?.id, encryptionCertificateId: id }]);
    expect(readdirSync(join(folder, "keys"))).toHaveLength(2);
    const listed = await service.run("keys", "list");
    expect(listed.stdout).toMatch(new RegExp(`^${id} +encrypts +in 364 d 23 h +1$`, "m"));
    expect(listed.stdout).toMatch(
      / decrypts +in 36\d d [\w ]+ +0 +not referred to since .*: may be removed 4 h after/,
    );
  });

  it("says so when the service does not look where the certificate was put", async () => {
    await using service = await startService();
    const { code, stderr } = await service.run("keys", "rotate", "--out", "elsewhere");
    expect(code).toBe(1);
    expect(stderr).toContain("does not use it");
  });

  it("replaces the secret of a service, and with --force every subscription", async () => {
    await using service = await startService();
    const { simulator } = service;
    const [before] = simulator.subscriptions.list();
    expect(await told(service, "keys", "rotate", "--secret")).toMatchObject({
      isMade: true,
      moved: 0,
      total: 1,
    });
    expect(simulator.subscriptions.list()).toMatchObject([{ id: before?.id }]);
    const forced = await told(service, "keys", "rotate", "--secret", "--force");
    expect(forced).toMatchObject({ isForced: true, moved: 1, total: 1 });
    const [after] = simulator.subscriptions.list();
    expect(after?.id).not.toBe(before?.id);
  });

  it("leaves a secret to who gave it", async () => {
    await using service = await startService({
      TIDINGS_SECRET: "a-secret-of-at-least-thirty-two-characters",
    });
    const { code, stdout } = await service.run("keys", "rotate", "--secret");
    expect(code).toBe(1);
    expect(stdout).toContain("TIDINGS_SECRET");
  });
});
