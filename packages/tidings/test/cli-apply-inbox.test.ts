import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@tidings/graph-simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Tidings } from "../src/app/tidings.ts";
import type { Listening } from "../src/host/node/listen.ts";
import { SECRET } from "./support/deliveries.ts";
import { runCli, startCli, type Run } from "./support/run-cli.ts";

const SRC = new URL("../src/", import.meta.url).href;

let folder: string;
let simulator: Simulator;
let receiver: Listening;

beforeAll(async () => {
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), "tidings-inbox-"));
  receiver = await new Tidings({ name: "answers", publicUrl: "http://127.0.0.1" }).listen({
    port: 0,
    hostname: "127.0.0.1",
  });
});

afterAll(async () => {
  await receiver.close();
  await simulator.close();
  rmSync(folder, { recursive: true });
});

/** Nobody listens at its broker: to apply, none is needed. */
function declare(...resources: readonly string[]): void {
  const { url, tenantId, clientId, clientSecret } = simulator;
  const text = `
    import { Tidings } from "${SRC}index.ts";
    import { kafka } from "${SRC}kafka/inbox.ts";
    export const tidings = new Tidings({ name: "forwarding", tenantId: "${tenantId}", cloud: { graphRoot: "${url}" },
      inbox: kafka({ brokers: ["127.0.0.1:1"], topic: "t" }),
      credential: { async getToken(scopes) {
        const answer = await fetch("${url}/${tenantId}/oauth2/v2.0/token", { method: "POST",
          body: new URLSearchParams({ grant_type: "client_credentials", client_id: "${clientId}",
            client_secret: "${clientSecret}", scope: [scopes].flat().join(" ") }) });
        const { access_token: token, expires_in: seconds } = await answer.json();
        return { token, expiresOnTimestamp: Date.now() + seconds * 1000 };
      } } });
    ${resources.map((resource) => `tidings.on("${resource}");`).join("\n")}`;
  writeFileSync(join(folder, "app.ts"), text);
}

async function run(...args: string[]): Promise<Run> {
  const env = { TIDINGS_SECRET: SECRET, TIDINGS_PUBLIC_URL: receiver.url };
  return runCli(args, { cwd: folder, env });
}

function lastObject({ stdout }: Run): unknown {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

describe("an app with an inbox on the command line", () => {
  it("is planned and applied without a store, a port or a broker", async () => {
    declare("users", "groups");
    const planned = await run("plan", "app.ts", "--json");
    expect(lastObject(planned)).toMatchObject({ counts: { create: 2, keep: 0 } });
    const applied = await run("apply", "app.ts", "--json", "--settle", "1ms");
    expect({ code: applied.code, ...Object(lastObject(applied)) }).toMatchObject({ code: 0, created: 2 });
    declare("users");
    const again = await run("apply", "app.ts", "--prune", "--settle", "1ms");
    expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 0, stdout: "1 removed, 1 kept\n" });
    expect(simulator.subscriptions.list().map(({ resource }) => resource)).toEqual(["users"]);
  });

  it("says what lives too short", async () => {
    declare("users");
    const { code, stderr } = await run("apply", "app.ts", "--every", "20d");
    expect(code).toBe(1);
    expect(stderr).toContain("three times `every` or longer");
  });

  it("is served without a store or an admin API, and waits for its broker", async () => {
    declare("users");
    const serving = startCli(["serve", "app.ts", "--port", "0", "--json"], {
      cwd: folder,
      env: { TIDINGS_SECRET: SECRET, TIDINGS_PUBLIC_URL: receiver.url },
    });
    const [, url = ""] = await serving.seen(/"message":"serving".*"url":"(http:[^"]*)"/);
    const statusOf = async (path: string, method = "GET"): Promise<number> =>
      (await fetch(`${url}${path}`, { method })).status;
    expect(await statusOf("/healthz")).toBe(200);
    expect(await statusOf("/readyz")).toBe(503);
    expect(await statusOf("/notifications?validationToken=abc", "POST")).toBe(200);
    serving.kill("SIGTERM");
    const ended = await serving.ended;
    expect(ended.code).toBe(0);
    expect(ended.stdout).not.toContain("adminUrl");
  });

  it("alone has its options", async () => {
    const { code, stderr } = await run("apply", "--every", "1h");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("--every is for an app with an inbox"),
    });
  });
});
