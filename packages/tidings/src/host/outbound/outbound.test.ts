import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { LookupFunction } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createOutbound, type Destination } from "./outbound.ts";

const TOKEN = { authorization: "Bearer canary" };

let servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(answer: RequestListener): Promise<URL> {
  const server = createServer(answer);
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It does not listen");
  return new URL(`http://127.0.0.1:${address.port}/path?query=1`);
}

/** Every name leads there. */
function lookupOf(...addresses: readonly string[]) {
  return vi.fn<LookupFunction>((_, __, callback) => {
    const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    callback(null, found);
  });
}

async function refused(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => "sent",
    (error: unknown) => (error instanceof Error && "fault" in error ? error.fault : error),
  );
}

describe("what is sent", () => {
  it("arrives with its method, headers and body, and the token where it belongs", async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      request.setEncoding("utf8").on("data", (body) => {
        seen.push(request.method, request.url, request.headers.authorization, body);
        response.end('{"ok":true}');
      });
    });
    const outbound = createOutbound({ destinations: [{ origin: url.origin, takesTokens: true }] });
    const answer = await outbound(url, { method: "POST", headers: TOKEN, body: "text" });
    expect(await answer.json()).toEqual({ ok: true });
    expect(seen).toEqual(["POST", "/path?query=1", "Bearer canary", "text"]);
  });

  it("is a text", async () => {
    const outbound = createOutbound({ destinations: [{ origin: "https://graph.example" }] });
    const body = new Uint8Array(1);
    await expect(outbound(new URL("https://graph.example"), { method: "POST", body })).rejects.toThrow(
      "Expected a text as `body`",
    );
  });
});

describe("what is not sent", () => {
  it("goes to another host, port or scheme", async () => {
    const answer = vi.fn<RequestListener>();
    const url = await serve(answer);
    const outbound = createOutbound({ destinations: [{ origin: "https://graph.example" }] });
    for (const foreign of [
      url.href,
      "https://graph.example:8443/",
      "http://graph.example/",
      "file:///etc/passwd",
    ]) {
      expect(await refused(outbound(new URL(foreign), {}))).toBe("foreign-host");
    }
    expect(answer).not.toHaveBeenCalled();
  });

  it("would take the token to a place that must not have it", async () => {
    const answer = vi.fn<RequestListener>((_, response) => void response.end());
    const url = await serve(answer);
    const outbound = createOutbound({ destinations: [{ origin: url.origin }] });
    expect(await refused(outbound(url, { headers: TOKEN }))).toBe("token");
    expect(answer).not.toHaveBeenCalled();
    expect((await outbound(url, {})).status).toBe(200);
  });

  it.each([
    "https://10.0.0.1",
    "https://169.254.169.254",
    "https://[fd00::1]",
    "https://[::ffff:10.0.0.1]",
    "https://2852039166",
  ])("goes to an address that is not public: %s", async (origin) => {
    const outbound = createOutbound({ destinations: [{ origin }] });
    expect(await refused(outbound(new URL(origin), {}))).toBe("address");
  });

  it.each([
    ["private", ["10.0.0.1"]],
    ["this machine", ["127.0.0.1"]],
    ["one of several", ["20.190.128.1", "::1"]],
    ["mapped", ["::ffff:169.254.169.254"]],
  ])("goes to a name that leads to one: %s", async (_, addresses) => {
    const lookup = lookupOf(...addresses);
    const outbound = createOutbound({ destinations: [{ origin: "https://graph.example" }], lookup });
    expect(await refused(outbound(new URL("https://graph.example/"), {}))).toBe("address");
    expect(lookup).toHaveBeenCalledOnce();
  });

  it("follows a redirect", async () => {
    const target = vi.fn<RequestListener>((_, response) => void response.end());
    const { href } = await serve(target);
    const url = await serve((_, response) => void response.writeHead(302, { location: href }).end());
    const outbound = createOutbound({ destinations: [{ origin: url.origin, takesTokens: true }] });
    await expect(outbound(url, { headers: TOKEN, redirect: "follow" })).rejects.toThrow("fetch failed");
    expect(target).not.toHaveBeenCalled();
  });
});

describe("a destination", () => {
  it.each(["http://graph.example", "ftp://graph.example", "graph.example", ""])("is not %j", (origin) => {
    expect(() => createOutbound({ destinations: [{ origin }] })).toThrow(/^Expected an https URL/);
  });

  it.each<[string, Destination]>([
    ["a name of this machine", { origin: "http://localhost" }],
    ["one that may be private", { origin: "https://erp.internal", mayBePrivate: true }],
  ])("may have any address: %s", async (_, place) => {
    const lookup = lookupOf("127.0.0.1");
    const outbound = createOutbound({ destinations: [place], lookup });
    const { origin } = new URL(place.origin);
    // Nothing answers there; it was not refused for its address.
    expect(await refused(outbound(new URL(origin), {}))).toBeInstanceOf(Error);
    expect(lookup).toHaveBeenCalledOnce();
  });
});

describe("an answer", () => {
  it("that does not come in time is not waited for", async () => {
    const url = await serve(() => {});
    const outbound = createOutbound({ destinations: [{ origin: url.origin }], timeoutMs: 50 });
    await expect(outbound(url, {})).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("that never ends is cut off", async () => {
    const url = await serve((_, response) => {
      const more = (): void => void response.write("x".repeat(1_024), (error) => !error && more());
      more();
    });
    const outbound = createOutbound({ destinations: [{ origin: url.origin }], maxAnswerBytes: 10_000 });
    await expect(outbound(url, {}).then(async (answer) => answer.text())).rejects.toThrow("terminated");
  });

  it("is not waited for by who gave up", async () => {
    const url = await serve(() => {});
    const given = new AbortController();
    const outbound = createOutbound({ destinations: [{ origin: url.origin }] });
    const asked = outbound(url, { signal: given.signal });
    given.abort(new Error("stopping"));
    await expect(asked).rejects.toThrow("stopping");
  });
});
