import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import { createAdminApi } from "../admin/admin-api.ts";
import type { AdminApp } from "../admin/admin-app.ts";
import type { Listening } from "../host/node/listen.ts";
import { listenForAdmin, type Answering } from "./admin-server.ts";

const TOKEN = "token-of-more-than-thirty-two-characters";

let server: Listening;
afterEach(async () => server.close());

async function listen(answer: Answering): Promise<string> {
  server = await listenForAdmin(answer, 0);
  return server.url;
}

/** An app that only tells events, to whoever listens. */
function teller() {
  const listeners = new Set<(event: { readonly path: string }) => void>();
  const app: AdminApp = {
    ...Object(null),
    name: "teller",
    events: {
      on(name: string, listener: (event: object) => void) {
        if (name === "handshake:answered") listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
  const tell = (path: string): void => {
    for (const listener of listeners) listener({ path });
  };
  return { api: createAdminApi({ app, token: TOKEN }), listeners, tell };
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

it("hands request and answer over whole", async () => {
  const url = await listen(async (asked) =>
    Response.json(
      { method: asked.method, path: new URL(asked.url).pathname, body: await asked.text() },
      { status: 201, headers: { "x-seen": asked.headers.get("x-sent") ?? "" } },
    ),
  );
  const answer = await fetch(`${url}/a`, { method: "POST", headers: { "x-sent": "1" }, body: "text" });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("x-seen")).toBe("1");
  expect(await answer.json()).toEqual({ method: "POST", path: "/a", body: "text" });
});

it("listens on this machine only", async () => {
  const url = await listen(async () => new Response("ok"));
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

it("answers over a body of unknown length that it stopped reading", async () => {
  const { api } = teller();
  const { port } = new URL(await listen(api));
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const sent = request({ host: "127.0.0.1", port, path: "/replay", method: "POST", headers });
  sent.on("error", () => {});
  for (let part = 0; part < 20; part += 1) sent.write("x".repeat(10_000));
  const [answer] = await once(sent, "response");
  expect(answer).toMatchObject({ statusCode: 413, headers: { connection: "close" } });
  sent.destroy();
});

it("drops a reader of events whose connection takes no more", async () => {
  const { api, listeners, tell } = teller();
  const { port } = new URL(await listen(api));
  const socket = connect(Number(port), "127.0.0.1");
  const closed = once(socket, "close");
  socket.on("error", () => {});
  socket.write(`GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
  await once(socket, "data");
  socket.pause();
  let told = 0;
  // Some megabytes fit into what the system keeps for the connection.
  for (; listeners.size > 0 && told < 100_000; told += 1) {
    tell("x".repeat(10_000));
    await turn();
  }
  expect(listeners.size).toBe(0);
  expect(told).toBeLessThan(100_000);
  socket.resume();
  await closed;
});

it("listens to the app no more once a reader has gone", async () => {
  const { api, listeners } = teller();
  const url = await listen(api);
  const gone = new AbortController();
  await fetch(`${url}/events`, { headers: { authorization: `Bearer ${TOKEN}` }, signal: gone.signal });
  expect(listeners.size).toBe(1);
  gone.abort();
  for (let tries = 0; listeners.size > 0 && tries < 10_000; tries += 1) await turn();
  expect(listeners.size).toBe(0);
});

it("ends streams when it closes, and may be closed twice", async () => {
  const { api } = teller();
  const url = await listen(api);
  const answer = await fetch(`${url}/events`, { headers: { authorization: `Bearer ${TOKEN}` } });
  await server.close();
  await server.close();
  await expect(answer.text()).rejects.toThrow("terminated");
});
