import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAdminApi } from "../../src/admin/admin-api.ts";
import { Tidings } from "../../src/app/tidings.ts";
import { listenForAdmin } from "../../src/cli/admin-server.ts";
import type { Listening } from "../../src/host/node/listen.ts";
import { memory } from "../../src/store/memory/memory.ts";
import { sendRaw, statusesOf } from "../support/listening-receiver.ts";

const TOKEN = "token-of-more-than-thirty-two-characters";
const OTHER_TENANT = "5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352";

let tidings: Tidings;
let receiver: Listening;
let admin: Listening;

beforeEach(async () => {
  tidings = new Tidings({
    name: "guarded",
    tenantId: "84bd8158-6d4d-4958-8b9f-9d6445542f95",
    publicUrl: "https://tidings.example",
    store: memory(),
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    credential: {
      async getToken() {
        throw new Error("nobody signs in here");
      },
    },
  });
  receiver = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
  await tidings.start();
  admin = await listenForAdmin(createAdminApi({ app: tidings, token: TOKEN }), 0);
});

afterEach(async () => {
  await admin.close();
  await tidings.stop();
  await receiver.close();
});

function request(path: string, lines: readonly string[] = [], method = "GET", body = ""): string {
  const head = [
    `${method} ${path} HTTP/1.1`,
    "Connection: close",
    `Content-Length: ${body.length}`,
    ...lines,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

const HOST = "Host: localhost";
const SIGNED_IN = `Authorization: Bearer ${TOKEN}`;

async function statusOf(text: string, port = admin.port): Promise<number | undefined> {
  return statusesOf(await sendRaw(port, text))[0];
}

it("S13 who has the token and asks this machine by its name is answered", async () => {
  expect(await statusOf(request("/health", [HOST, SIGNED_IN]))).toBe(200);
});

it.each([
  ["no token", [HOST], 401],
  ["an empty token", [HOST, "Authorization: Bearer "], 401],
  ["a wrong token", [HOST, `${SIGNED_IN}x`], 401],
  ["the token of another scheme", [HOST, `Authorization: Basic ${TOKEN}`], 401],
  ["the token in a cookie", [HOST, `Cookie: token=${TOKEN}`], 401],
  ["a name that was made to lead here", ["Host: evil.example", SIGNED_IN], 403],
  ["a name that only begins like this machine's", ["Host: localhost.evil.example", SIGNED_IN], 403],
  ["a name that only ends like it", ["Host: evil-127.0.0.1.nip.example", SIGNED_IN], 403],
  ["two names, of which the first counts", ["Host: evil.example", HOST, SIGNED_IN], 403],
  ["no name", [SIGNED_IN], 400],
])("S13 %s is refused", async (_, lines, status) => {
  expect(await statusOf(request("/health", lines))).toBe(status);
});

it.each(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""])(
  "S13 a page of the web cannot have a browser send %j for it",
  async (type) => {
    const lines = [HOST, SIGNED_IN, ...(type === "" ? [] : [`Content-Type: ${type}`])];
    expect(await statusOf(request("/dead/purge", lines, "POST", '{"all":true}'))).toBe(415);
  },
);

it.each([
  "/../../etc/passwd",
  "/..%2f..%2fetc%2fpasswd",
  "/dead/../../health%00",
  "/%2e%2e/health/x",
  "//evil.example/dead/x",
])("S13 the path %s leads nowhere", async (path) => {
  expect(await statusOf(request(path, [HOST, SIGNED_IN]))).toBe(404);
});

describe("S13 another tenant's ids", () => {
  it("find nothing", async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
    const listed = await fetch(`${admin.url}/subscriptions?tenantId=${OTHER_TENANT}`, { headers });
    expect(await listed.json()).toEqual({ subscriptions: [], next: null });
    const body = JSON.stringify({ tenantId: OTHER_TENANT });
    const purged = await fetch(`${admin.url}/tenants/purge`, { method: "POST", headers, body });
    expect(await purged.json()).toEqual({ subscriptions: 0, waiting: 0, dead: 0, history: 0 });
    const renewed = await fetch(`${admin.url}/subscriptions/renew`, {
      method: "POST",
      headers,
      body: JSON.stringify({ id: OTHER_TENANT }),
    });
    expect(renewed.status).toBe(404);
  });
});

it("S13 the receiver's port knows nothing of the admin API, and the other one nothing of notifications", async () => {
  for (const path of ["/health", "/dead", "/events"])
    expect(await statusOf(request(path, [HOST, SIGNED_IN]), receiver.port)).toBe(404);
  const handshake = request("/notifications?validationToken=a", [HOST, SIGNED_IN], "POST");
  expect(await statusOf(handshake)).toBe(404);
});

it("S13 it listens on this machine's own address only", async () => {
  // An address of this machine that is not the one it listens on.
  const error = await new Promise((resolve) => {
    connect(admin.port, "127.0.0.2")
      .on("error", resolve)
      .on("connect", () => resolve(undefined));
  });
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
});
