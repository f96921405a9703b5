import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createGraphClient } from "../../src/app/graph.ts";
import { outboundOf } from "../../src/app/outbound.ts";
import { GLOBAL_CLOUD } from "../../src/core/cloud.ts";

const seen: IncomingMessage[] = [];
let link = "";
let port = 0;
const server = createServer((request, response) => {
  seen.push(request);
  const isRedirect = request.url?.includes("redirect") === true;
  if (isRedirect) response.writeHead(302, { location: link }).end();
  else response.end(JSON.stringify({ value: [{ id: 1 }], "@odata.nextLink": link }));
});

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It does not listen");
  ({ port } = address);
});

afterAll(() => {
  server.close().closeAllConnections();
});

/** As `port` says, each would be answered by the same server if it were asked. */
const ELSEWHERE = [
  "http://localhost:PORT/v1.0/users",
  "http://2130706433:PORT/v1.0/users",
  "http://0x7f.1:PORT/v1.0/users?other",
  "http://[::1]:PORT/v1.0/users",
  "http://[::ffff:127.0.0.1]:PORT/v1.0/users",
  "http://0.0.0.0:PORT/v1.0/users",
  "http://169.254.169.254/latest/meta-data",
  "http://user@169.254.169.254/",
  "https://127.0.0.1:PORT/v1.0/users",
  "http://127.0.0.1.evil.example/",
  "http://graph.microsoft.com@127.0.0.2:PORT/",
  "//127.0.0.2:PORT/v1.0/users",
  "file:///etc/passwd",
  "data:application/json,{}",
];

function client(fetch?: ReturnType<typeof outboundOf>) {
  const credential = {
    getToken: async () => ({ token: "canary", expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  return createGraphClient({ credential, baseUrl: `http://127.0.0.1:${port}/v1.0`, ...(fetch && { fetch }) });
}

it.each(ELSEWHERE)(
  "S10 a link of an answer to %s is not followed unless it is this very place",
  async (place) => {
    link = place.replace("PORT", String(port));
    seen.length = 0;
    const isSame = URL.parse(link)?.origin === `http://127.0.0.1:${port}`;
    const items: unknown[] = [];
    try {
      for await (const item of client().pages("users")) if (items.push(item) > 2) break;
    } catch (error) {
      items.push(error);
    }
    expect(seen.length).toBe(isSame ? 3 : 1);
    expect(items.at(-1)).toMatchObject(isSame ? { id: 1 } : {});
    expect(items.at(-1) instanceof Error).toBe(!isSame);
  },
);

it("S10 a redirect is not followed, also to the same place", async () => {
  link = `http://127.0.0.1:${port}/v1.0/users`;
  seen.length = 0;
  await expect(client().get("redirect")).rejects.toMatchObject({ code: "ERR_GRAPH_UNREACHABLE" });
  expect(seen).toHaveLength(1);
});

it.each([
  ["https://login.microsoftonline.com/common/discovery/v2.0/keys", "token"],
  ["https://evil.example/common/discovery/v2.0/keys", "foreign-host"],
  ["http://graph.microsoft.com/v1.0/users", "foreign-host"],
  ["https://graph.microsoft.com:8443/v1.0/users", "foreign-host"],
  ["https://169.254.169.254/metadata", "foreign-host"],
  ["file:///etc/passwd", "foreign-host"],
])("S10 an app sends no token to %s", async (url, fault) => {
  const fetch = outboundOf(GLOBAL_CLOUD);
  await expect(fetch(new URL(url), { headers: { authorization: "Bearer canary" } })).rejects.toMatchObject({
    fault,
  });
});

it("S10 an app goes nowhere in the clear, but to this machine", () => {
  expect(() => outboundOf({ ...GLOBAL_CLOUD, graphRoot: "http://graph.example" })).toThrow(
    /^Expected an https URL/,
  );
});
